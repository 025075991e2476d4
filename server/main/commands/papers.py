"""``vardrum openapi`` and ``vardrum settings``: what the program says of itself."""

import argparse
import sys

import orjson

from server.app.build import document
from server.kit.settings import Settings, settings_table
from server.main.commands import Commands


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser("openapi", help="print the API's description")
    command.set_defaults(command=_openapi)
    command = commands.add_parser("settings", help="print the settings as a table")
    command.set_defaults(command=_print_settings)


def _openapi(_settings: Settings, _arguments: argparse.Namespace) -> int:
    sys.stdout.write(orjson.dumps(document(), option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def _print_settings(_settings: Settings, _arguments: argparse.Namespace) -> int:
    sys.stdout.write(settings_table())
    return 0
