"""Which faults happen when: all of it from the seed, so that a seed replays. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class Kind(StrEnum):
    """What the monkey can do."""

    KILL = "kill"
    FREEZE = "freeze"
    RESTART = "restart"
    KILL_WORKER = "kill a media worker of"
    FREEZE_WORKER = "freeze a media worker of"
    CUT = "cut sockets"
    DELAY = "delay"
    FULL_DISK = "fill the disk of"
    CLOCK = "move the clock"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, for so many seconds from so many seconds on."""

    at: float
    kind: Kind
    target: str
    lasts: float
    #: Of CUT the part of the connections, of DELAY and CLOCK seconds.
    amount: float = 0.0

    @override
    def __str__(self) -> str:
        what = f" {self.target}" if self.target else ""
        much = f" by {self.amount:g}" if self.amount else ""
        return f"{self.at:7.2f} s  {self.kind}{what}{much}, for {self.lasts:.2f} s"


#: For how long each lasts, at least and at most. A restart lasts as long as it takes.
_LASTS: Mapping[Kind, tuple[float, float]] = {
    Kind.KILL: (0.0, 1.5),
    Kind.FREEZE: (0.5, 4.0),
    Kind.RESTART: (0.0, 0.0),
    Kind.KILL_WORKER: (0.0, 0.0),
    Kind.FREEZE_WORKER: (0.5, 2.0),
    Kind.CUT: (0.0, 0.0),
    Kind.DELAY: (1.0, 4.0),
    Kind.FULL_DISK: (0.5, 2.0),
    Kind.CLOCK: (1.0, 5.0),
}


def schedule(
    seed: int, seconds: float, every: float, targets: Mapping[Kind, Sequence[str]]
) -> list[Fault]:
    """Faults over so many seconds, one each `every` seconds or so; every kind once, then anew."""
    chance = random.Random(seed)
    faults: list[Fault] = []
    deck: list[Kind] = []
    at = every * chance.uniform(0.5, 1.0)
    while at < seconds:
        if not deck:
            deck = sorted(targets)
            chance.shuffle(deck)
        kind = deck.pop()
        amount = 0.0
        if kind is Kind.CUT:
            amount = round(chance.uniform(0.3, 1.0), 2)
        elif kind is Kind.DELAY:
            amount = round(chance.uniform(0.05, 0.4), 2)
        elif kind is Kind.CLOCK:
            amount = chance.choice((-3600.0, 3600.0))
        lasts = chance.uniform(*_LASTS[kind])
        faults.append(
            Fault(round(at, 2), kind, chance.choice(targets[kind]), round(lasts, 2), amount)
        )
        at += every * chance.uniform(0.5, 1.5)
    return faults
