"""``vardrum …``: reads the command and the settings, and says in one sentence what is wrong."""

import argparse
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from server.kit.log import configure
from server.kit.settings import PREFIX, Settings
from server.main.commands import (
    backups,
    clinics,
    data,
    dead_letters,
    doctor,
    papers,
    people,
    serving,
)
from server.main.refusal import RefusalError

_COMMANDS = (serving, data, backups, doctor, clinics, people, dead_letters, papers)


def cli(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    arguments = parser().parse_args(argv)
    try:
        try:
            settings = _settings()
        except RefusalError as refusal:
            # There is a command whose business that is.
            if not hasattr(arguments, "without_settings"):
                raise
            said: int = arguments.without_settings(str(refusal), arguments)
            return said
        configure(settings.log_format, settings.log_level)
        status: int = arguments.command(settings, arguments)
    except RefusalError as refusal:
        sys.stderr.write(f"vardrum: {refusal}\n")
        return 1
    return status


def parser() -> argparse.ArgumentParser:
    """What can be typed."""
    made = argparse.ArgumentParser(
        prog="vardrum", description="Video visits and chat for public care."
    )
    commands = made.add_subparsers(required=True, metavar="command")
    for each in _COMMANDS:
        each.add(commands)
    return made


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{PREFIX}{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()
        )
        raise RefusalError(
            f"A setting is wrong. {wrong}. `vardrum settings` lists them all."
        ) from None
