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

#: Servers must do without a bus for as long as this.
_OF_ITS_OWN: Mapping[tuple[Kind, str], tuple[float, float]] = {(Kind.KILL, "redis"): (5.0, 5.5)}


#: How often each comes where others come once; the clock goes both ways.
_TIMES: Mapping[Kind, int] = {Kind.KILL_WORKER: 2, Kind.CUT: 2, Kind.CLOCK: 2}

Card = tuple[Kind, str]


def _deck(targets: Mapping[Kind, Sequence[str]], chance: random.Random) -> list[Card]:
    """Every kind of fault to everybody it may hit, shuffled; one of each kind comes first."""
    cards = [
        (kind, target)
        for kind in sorted(targets)
        for target in targets[kind]
        for _ in range(_TIMES.get(kind, 1))
    ]
    chance.shuffle(cards)
    first = {kind: number for number, (kind, _) in reversed(list(enumerate(cards)))}
    # Sorting keeps the shuffled order within each half.
    order = sorted(range(len(cards)), key=lambda number: first[cards[number][0]] != number)
    return [cards[number] for number in order]


def schedule(
    seed: int, seconds: float, every: float, targets: Mapping[Kind, Sequence[str]]
) -> list[Fault]:
    """One fault in each `every` seconds: a whole deck, then another.

    What a run has time for is certain, whatever the seed: with as many faults as there are
    kinds each happens, with as many as the deck has cards each happens to everybody.
    """
    chance = random.Random(seed)
    faults: list[Fault] = []
    deck: list[Card] = []
    ahead = chance.choice((-3600.0, 3600.0))
    for number in range(int(seconds / every)):
        if not deck:
            deck = _deck(targets, chance)
        kind, target = deck.pop(0)
        amount = 0.0
        if kind is Kind.CUT:
            amount = round(chance.uniform(0.3, 1.0), 2)
        elif kind is Kind.DELAY:
            amount = round(chance.uniform(0.05, 0.4), 2)
        elif kind is Kind.CLOCK:
            amount = ahead = -ahead
        at = every * (number + chance.uniform(0.05, 0.95))
        lasts = chance.uniform(*_OF_ITS_OWN.get((kind, target), _LASTS[kind]))
        faults.append(Fault(round(at, 2), kind, target, round(lasts, 2), amount))
    return faults
