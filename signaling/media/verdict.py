"""What a leg's connection is like, in a word that does not flicker, and why. Pure.

Seen from the relay: `up` is what the person sends, `down` what is sent to them. Once a second the
word is weighed; it changes when what speaks against it has lasted, sooner to the worse than to the
better. Times are seconds on any clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from signaling.media.limits import FLOOR

Word = Literal["good", "weak", "bad"]
Reason = Literal["loss", "delay", "bandwidth"]
Way = Literal["up", "down", "both"]

#: The least of each that makes the word: a part of the packets, seconds there and back, and bits a
#: second for a picture, below which it is worth little, and nothing. The browser's own verdict has
#: the same first two (the worse of both is shown), and so has a visit's record: a contract test.
LEAST: tuple[tuple[Word, float, float, float], ...] = (
    ("bad", 0.12, 0.9, FLOOR),
    ("weak", 0.04, 0.4, FLOOR * 1.5),
)
_RANK: dict[Word, int] = {"good": 0, "weak": 1, "bad": 2}

# Seconds that agree before the word changes.
WORSE_AFTER = 3
BETTER_AFTER = 6
# A few packets of a silent microphone are no measure: so many are counted together.
ENOUGH = 10
# A report says nothing of how it is after so long: browsers report on sound each five seconds.
FRESH = 7.0
# One report tells of up to five seconds, which may have been one short break: two must agree.
REPORTS = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word; and of what is not good the reason, and which way it is so."""

    word: Word
    reason: Reason | None = None
    way: Way | None = None


GOOD = Verdict("good")


def judged(up: float | None, down: float | None, trip: float | None, room: float | None) -> Verdict:
    """The word for one moment; None for what is not known.

    `up`, `down`: the part that is lost; `trip`: seconds; `room`: bits a second for each picture.
    """
    for word, loss, slow, little in LEAST:
        lossy_up, lossy_down = (up or 0.0) >= loss, (down or 0.0) >= loss
        if lossy_up or lossy_down:
            way: Way = "both" if lossy_up and lossy_down else "up" if lossy_up else "down"
            return Verdict(word, "loss", way)
        if room is not None and room < little:
            return Verdict(word, "bandwidth", "down")
        if (trip or 0.0) >= slow:
            return Verdict(word, "delay", "both")
    return GOOD


class _Lately:
    """What was told last, for as long as that says anything; `told` counts."""

    __slots__ = ("_at", "_value", "told")

    def __init__(self) -> None:
        self.told = 0
        self._value = 0.0
        self._at = -FRESH

    def tell(self, value: float, now: float) -> None:
        self.told += 1
        self._value, self._at = value, now

    def __call__(self, now: float) -> float | None:
        return self._value if now - self._at < FRESH else None


class _Loss(_Lately):
    """The part that is lost one way, over at least `ENOUGH` packets."""

    __slots__ = ("_expected", "_lost")

    def __init__(self) -> None:
        super().__init__()
        self._expected = self._lost = 0

    def add(self, expected: int, lost: int, now: float) -> None:
        self._expected += max(0, expected)
        self._lost += max(0, lost)
        if self._expected >= ENOUGH:
            self.tell(min(1.0, self._lost / self._expected), now)
            self._expected = self._lost = 0


class Judge:
    """Hears how one leg fares and holds the word for it."""

    __slots__ = ("_before", "_down", "_run", "_seconds", "_trip", "_up", "verdict")

    def __init__(self) -> None:
        self.verdict = GOOD
        self._up, self._down, self._trip = _Loss(), _Loss(), _Lately()
        self._before: tuple[int, int] | None = None
        # What was found since it last agreed with the word, and which telling each stands on.
        self._run: list[tuple[Verdict, int]] = []
        self._seconds = 0

    def arrived(self, expected: int, arrived: int, now: float) -> None:
        """So many packets were to come from the person by now, and so many of them came."""
        if self._before is not None:
            came = expected - self._before[0]
            self._up.add(came, came - (arrived - self._before[1]), now)
        self._before = expected, arrived

    def reported(self, sent: int, received: int, now: float) -> None:
        """Of so many packets that left for the person, so many came, by their own reports."""
        self._down.add(sent, sent - received, now)

    def took(self, trip: float, now: float) -> None:
        """There and back took so many seconds."""
        self._trip.tell(trip, now)

    def weigh(self, room: float | None, now: float) -> bool:
        """A second has passed; whether the verdict is another now.

        `room`: bits a second for each picture, where the link is known to be full.
        """
        self._seconds += 1
        said = self.verdict
        latest = judged(self._up(now), self._down(now), self._trip(now), room)
        if latest == said:
            self._run.clear()
            return False
        worse = _RANK[latest.word] > _RANK[said.word]
        if self._run and worse != (_RANK[self._run[0][0].word] > _RANK[said.word]):
            self._run.clear()
        self._run.append((latest, self._standing(latest)))
        if len(self._run) < (WORSE_AFTER if worse else BETTER_AFTER):
            return False
        if worse and len({told for _, told in self._run}) < REPORTS:
            return False
        # What all of it says at least: the mildest of what is worse, the worst of what is better.
        ranks = [_RANK[found.word] for found, _ in self._run]
        rank = min(ranks) if worse else max(ranks)
        self.verdict = next(v for v, _ in reversed(self._run) if _RANK[v.word] == rank)
        self._run.clear()
        return True

    def _standing(self, found: Verdict) -> int:
        """Which telling a verdict stands on: the same one again is no second witness."""
        if found.reason == "loss":
            return self._up.told if found.way == "up" else self._down.told
        return self._trip.told if found.reason == "delay" else self._seconds
