"""``vardrum dead-letters``: background jobs that failed too often, and what becomes of them."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from server.kit.db import UnitOfWork
from server.kit.errors import JsonValue
from server.kit.jobs import DeadLetter, letters
from server.kit.settings import Settings
from server.main import control
from server.main.commands import Commands
from server.main.control import Action, Given
from server.main.refusal import RefusalError

# More are not for reading; whoever replays or discards these sees the others.
_SHOWN = 200


def add(commands: Commands) -> None:
    """Tell the parser."""
    command = commands.add_parser(
        "dead-letters",
        help="background jobs that failed too often: look, replay, discard; beside the server",
    )
    verbs = command.add_subparsers(required=True, metavar="verb")
    verb = verbs.add_parser("list", help="all of them, the oldest first")
    verb.add_argument("--json", action="store_true", help="for programs")
    verb.set_defaults(command=_list)
    verb = verbs.add_parser("show", help="one, with what it was to do")
    verb.add_argument("id", type=int)
    verb.set_defaults(command=_show)
    verb = verbs.add_parser("replay", help="have one tried again from the start, or all")
    which = verb.add_mutually_exclusive_group(required=True)
    which.add_argument("id", type=int, nargs="?")
    which.add_argument("--all", action="store_true")
    verb.set_defaults(command=_replay)
    verb = verbs.add_parser("discard", help="delete one: it will never be done")
    verb.add_argument("id", type=int)
    verb.set_defaults(command=_discard)


def _listed(uow: UnitOfWork, _given: Given) -> JsonValue:
    return {
        "count": letters.count(uow),
        "letters": [_plain(each) for each in letters.letters(uow, _SHOWN)],
    }


def _shown(uow: UnitOfWork, given: Given) -> JsonValue:
    letter = letters.get(uow, given["id"])
    if letter is None:
        raise _unknown(given["id"])
    return _plain(letter)


def _replayed(uow: UnitOfWork, given: Given) -> JsonValue:
    ids = letters.replay(uow, given["id"])
    if given["id"] is not None and not ids:
        raise _unknown(given["id"])
    return list(ids)


def _discarded(uow: UnitOfWork, given: Given) -> JsonValue:
    if not letters.discard(uow, given["id"]):
        raise _unknown(given["id"])
    return None


LIST = Action("dead-letters.list", _listed)
SHOW = Action("dead-letters.show", _shown)
REPLAY = Action("dead-letters.replay", _replayed)
DISCARD = Action("dead-letters.discard", _discarded)


def _list(settings: Settings, arguments: argparse.Namespace) -> int:
    found = _do(settings, LIST)
    if arguments.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return 0
    if not found["letters"]:
        sys.stdout.write("There is no dead letter.\n")
        return 0
    rows = [("id", "kind", "dead since (UTC)", "tries", "why", "waiting behind it")]
    rows += [
        (
            str(each["id"]), each["kind"], each["dead_at"][:19].replace("T", " "),
            str(each["attempts"]), each["error"] or "", str(each["behind"] or ""),
        )
        for each in found["letters"]
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")
    if (more := found["count"] - len(found["letters"])) > 0:
        sys.stdout.write(f"And {more} more.\n")
    return 0


def _show(settings: Settings, arguments: argparse.Namespace) -> int:
    found = _do(settings, SHOW, id=arguments.id)
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return 0


def _replay(settings: Settings, arguments: argparse.Namespace) -> int:
    ids = _do(settings, REPLAY, id=None if arguments.all else arguments.id)
    sys.stdout.write(f"Will be tried again: {', '.join(map(str, ids)) or 'none'}.\n")
    return 0


def _discard(settings: Settings, arguments: argparse.Namespace) -> int:
    _do(settings, DISCARD, id=arguments.id)
    sys.stdout.write(f"Discarded: {arguments.id}.\n")
    return 0


def _do(settings: Settings, action: Action, **given: Any) -> Any:
    return asyncio.run(control.do(settings, action, given))


def _unknown(letter: int) -> RefusalError:
    return RefusalError(f"There is no dead letter {letter}. `vardrum dead-letters list` shows all.")


def _plain(letter: DeadLetter) -> dict[str, Any]:
    fields = asdict(letter)
    return fields | {name: fields[name].isoformat() for name in ("enqueued_at", "dead_at")}
