"""What a run says at its end: what was done, what came of it, and what holds."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos import pictures
from tests.chaos.invariants import CHECKS
from tests.chaos.stored import Stored
from tests.robots import Ledger
from tests.robots.web import BEHIND_YOUNGER, EVENTS_TWICE, TWICE_AT_ONCE

#: Complaints of one kind that are shown.
_SHOWN = 5
_ON_PURPOSE = (TWICE_AT_ONCE, BEHIND_YOUNGER, EVENTS_TWICE)


@dataclass(frozen=True)
class Seen:
    """What there is of a run beside the database. Times are by the monotonic clock."""

    ledgers: Sequence[Ledger]
    #: When media workers were killed with all else whole.
    deaths: Sequence[float]
    end: float
    #: How often what was done to whom.
    done: Counter[str]


def report(seen: Seen, stored: Stored, goal: float) -> bool:
    """Say it on standard output: whether everything held."""
    ledgers = seen.ledgers
    complaints = {what: check(ledgers, stored) for what, check in CHECKS.items()}
    complaints |= _of_pictures(seen, goal)
    troubles = sum((ledger.troubles for ledger in ledgers), Counter[str]())
    on_purpose = {what: troubles.pop(what, 0) for what in _ON_PURPOSE}
    _list(f"{seen.done.total()} faults were done", seen.done)
    _list("robots did on purpose", on_purpose)
    _list("robots met", troubles)
    acknowledged = sum(len(ledger.acknowledged) for ledger in ledgers)
    _say(
        f"{acknowledged} messages were acknowledged, "
        f"{sum(len(ledger.joined) for ledger in ledgers)} entries into a queue, "
        f"{sum(len(ledger.taken) for ledger in ledgers)} claims; "
        f"{sum(len(ledger.places) for ledger in ledgers)} places told, "
        f"{sum(ledger.journeys for ledger in ledgers)} journeys, {len(stored.visits)} visits, "
        f"{stored.log_lines} lines of the access log, "
        f"{stored.out_of_time} events under a clock that had been moved"
    )
    for what, said in complaints.items():
        _say(f"  {'BROKEN' if said else 'held  '} {what}")
        for each in said[:_SHOWN]:
            _say(f"         {each}")
        if len(said) > _SHOWN:
            _say(f"         and {len(said) - _SHOWN} more")
    return not any(complaints.values())


def _of_pictures(seen: Seen, goal: float) -> dict[str, list[str]]:
    backs = [
        back for death in seen.deaths for back in pictures.after(death, seen.ledgers, seen.end)
    ]
    came = [back.after for back in backs if back.after is not None]
    latest = f", at the latest after {max(came):.1f} s" if came else ""
    _say(
        f"{len(seen.deaths)} deaths of a media worker with all else whole took {len(backs)} "
        f"pictures away; {len(came)} came back{latest}"
    )
    return {
        "a media worker's death took a picture away, and it came back": (
            [] if came else ["no picture was seen to come back"]
        ),
        "whoever lost a picture saw one again": pictures.forgotten(
            seen.deaths, seen.ledgers, seen.end
        ),
        f"every picture was back within {goal:g} s": [
            f"{back.who} had none for {back.after or back.stayed:.1f} s"
            for back in backs
            if (back.stayed if back.after is None else back.after) > goal
        ],
    }


def _list(what: str, counted: dict[str, int]) -> None:
    _say(f"{what}: " + ", ".join(f"{each} {n}" for each, n in sorted(counted.items())))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
