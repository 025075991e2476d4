"""``vardrum …``: reads the command and the settings, and says in one sentence what is wrong."""

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from server.kit.log import configure
from server.kit.settings import PREFIX, Settings
from server.main.refusal import RefusalError

# The modules of `server.main.commands`, with what they add. Only the one that is wanted is
# imported: a server for good would otherwise hold what the doctor, the backups and the papers need.
COMMANDS: Mapping[str, Sequence[str]] = {
    "serving": ("serve", "media"),
    "data": ("migrate", "seed-demo"),
    "backups": ("backup", "restore", "verify-log"),
    "doctor": ("doctor",),
    "clinics": ("create-clinic",),
    "people": ("create-account",),
    "dead_letters": ("dead-letters",),
    "papers": ("openapi", "settings"),
}


def cli(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    typed = sys.argv[1:] if argv is None else argv
    arguments = parser(typed).parse_args(typed)
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


def parser(typed: Sequence[str] = ()) -> argparse.ArgumentParser:
    """What can be typed; where that begins with a command, only what may follow it."""
    made = argparse.ArgumentParser(
        prog="vardrum", description="Video visits and chat for public care."
    )
    commands = made.add_subparsers(required=True, metavar="command")
    wanted = [name for name, words in COMMANDS.items() if typed and typed[0] in words]
    for name in wanted or COMMANDS:
        importlib.import_module(f"server.main.commands.{name}").add(commands)
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
