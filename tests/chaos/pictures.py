"""When pictures came back after a media worker's death, by the robots' own notes. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tests.robots.ledger import Ledger, Pictures

#: A picture that came so shortly before was flowing; what is under way still comes shortly after.
_FLOWING = 1.0
_UNDER_WAY = 0.25
#: Who stays in the call for so long and sees nothing has been forgotten.
FORGOTTEN = 30.0


@dataclass(frozen=True)
class Back:
    """One person's picture after one death: seconds until it came, None: never."""

    who: str
    visit_id: str
    after: float | None
    stayed: float


def after(killed_at: float, ledgers: Sequence[Ledger], end: float) -> list[Back]:
    """Everybody who had a picture at that moment. `end`: when the run ended."""
    found = []
    for ledger in ledgers:
        for pictures in ledger.pictures:
            left = pictures.left_at if pictures.left_at is not None else end
            if pictures.joined_at < killed_at < left and _flowing(pictures, killed_at):
                next_ = bisect_left(pictures.at, killed_at + _UNDER_WAY)
                came = pictures.at[next_] - killed_at if next_ < len(pictures.at) else None
                found.append(Back(ledger.who, pictures.visit_id, came, left - killed_at))
    return found


def seeing(ledgers: Sequence[Ledger], now: float) -> bool:
    """Whether somebody in a call has the other's picture now."""
    return any(
        pictures.left_at is None and _flowing(pictures, now)
        for ledger in ledgers
        for pictures in ledger.pictures
    )


def away(killed_at: float, ledgers: Sequence[Ledger], now: float) -> bool:
    """Whether somebody who had a picture then, and is in the call still, waits for it."""
    return any(
        pictures.left_at is None
        and pictures.joined_at < killed_at
        and _flowing(pictures, killed_at)
        and not _flowing(pictures, now)
        for ledger in ledgers
        for pictures in ledger.pictures
    )


def forgotten(deaths: Sequence[float], ledgers: Sequence[Ledger], end: float) -> list[str]:
    """Complaints about people who never saw a picture again though they waited."""
    return [
        f"{back.who} had no picture for {back.stayed:.0f} s after the worker's death"
        for death in deaths
        for back in after(death, ledgers, end)
        if back.after is None and back.stayed > FORGOTTEN
    ]


def _flowing(pictures: Pictures, now: float) -> bool:
    last = bisect_left(pictures.at, now)
    return last > 0 and now - pictures.at[last - 1] < _FLOWING
