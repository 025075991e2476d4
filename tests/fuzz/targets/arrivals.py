"""Transport-wide numbers as a sender may make them up, and what it is told of them."""

import struct
from collections import Counter
from random import Random

from typing_extensions import override

from signaling.media import limits
from signaling.media.arrivals import Arrivals
from tests.fuzz.harness import Target
from tests.fuzz.mutate import noise
from tests.media.told import read

# How far from the number before, and how many sixteenths of a millisecond later.
_STEP = struct.Struct("!hH")


class Told(Target):
    """However numbers jump and time stands still, what is told fits a datagram and is true."""

    name = "arrivals"
    episode = 500
    reaches = frozenset({"nothing", "all came", "some lost", "apart"})

    @override
    async def open(self, rng: Random) -> None:
        self.arrivals = Arrivals()
        self.number, self.now = rng.randrange(1 << 16), rng.random() * 1e6
        self.messages = 0

    @override
    def make(self, rng: Random) -> bytes:
        if rng.random() < 0.2:
            return noise(rng, 4 * limits.MAX_ARRIVALS)
        far = rng.choice((0, 0, 0, 30, 5000, 0x7FFF))
        slow = rng.choice((0, 20, 2000, 65_535))
        loss = rng.choice((0.0, 0.05, 0.5))
        return b"".join(
            _STEP.pack(
                rng.randint(-far, far) if rng.random() < 0.1 else 1 + (rng.random() < loss),
                rng.randint(0, slow),
            )
            for _ in range(rng.choice((1, 20, 20, limits.MAX_ARRIVALS)))
        )

    @override
    async def take(self, data: bytes) -> str:
        came: Counter[tuple[int, int]] = Counter()
        whole = data[: len(data) // _STEP.size * _STEP.size][: _STEP.size * limits.MAX_ARRIVALS]
        for ahead, later in _STEP.iter_unpack(whole):
            self.number = (self.number + ahead) & 0xFFFF
            self.now += later / 16_000
            self.arrivals.waiting.append((self.number, self.now))
            came[self.number, int(self.now * 4000) & 0x7FFFFFFF] += 1
        compound = self.arrivals.tell(7)
        assert len(compound) <= 1200, "more than a datagram"
        assert not self.arrivals.waiting
        told = read(compound)
        for each in told:
            assert each.number == self.messages & 0xFF
            self.messages += 1
            assert each.received, "a message about nothing that came"
        received = Counter(
            (number, ticks & 0x7FFFFFFF) for each in told for number, ticks in each.received
        )
        assert not received - came, "told of what never came"
        if not told:
            assert not came
            return "nothing"
        if len(told) > 1:
            return "apart"
        return "some lost" if told[0].lost else "all came"
