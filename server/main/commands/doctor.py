"""``vardrum doctor``."""

import argparse
import os
import sys
from collections.abc import Sequence

import orjson

from server.kit.clock import utc_now
from server.kit.settings import Settings
from server.kit.version import VERSION
from server.main.commands import Commands
from server.main.doctor import choices
from server.main.doctor.finding import Finding, State
from server.main.doctor.round import examine


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser(
        "doctor", help="look at all that the server stands on, and say what to do"
    )
    command.add_argument("--json", action="store_true", help="for programs")
    command.add_argument(
        "--quick", action="store_true", help="without reading the whole database and its log"
    )
    command.set_defaults(command=_doctor, without_settings=_wrong)


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    return _told(examine(settings, os.environ, utc_now(), quick=arguments.quick), arguments)


def _wrong(said: str, arguments: argparse.Namespace) -> int:
    return _told([choices.wrong(said)], arguments)


def _told(findings: Sequence[Finding], arguments: argparse.Namespace) -> int:
    """Print them; 1 if something does not work."""
    bad = [each for each in findings if each.state is State.FAIL]
    if arguments.json:
        shown = {
            "release": VERSION,
            "healthy": not bad,
            "findings": [each.as_json() for each in findings],
        }
        sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")
        return int(bool(bad))
    for each in findings:
        sys.stdout.write(f"{each.state:<4}  {each.check}: {each.said}\n")
        if each.do:
            sys.stdout.write(f"      → {each.do}\n")
    poor = sum(each.state is State.WARN for each in findings)
    sys.stdout.write(
        f"\n{len(findings)} findings: {len(bad)} that must be mended, {poor} to look after.\n"
    )
    return int(bool(bad))
