"""Datagrams that look like DTLS, at a leg whose handshake is under way."""

import asyncio
from random import Random

from typing_extensions import override

from signaling.media.states import LegState
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, noise
from tests.fuzz.world import MemoryPeer, MemoryRelay

_RELEASE = b"\0"  # stands for: let the true peer's next datagram through


class Dtls(Target):
    """Mutated flights of a true client, between that client's own."""

    name = "dtls"
    episode = 2000
    malloced = 2 << 20
    reaches = frozenset({"connected", "failed", "connecting"})

    @override
    async def open(self, rng: Random) -> None:
        self.world = MemoryRelay()
        self.samples: list[bytes] = []
        self.count = 0
        self.peer: MemoryPeer | None = None
        await self._connect_one()

    async def _connect_one(self) -> None:
        """A handshake that nobody disturbs works; its flights are kept to be mutated."""
        await self._begin()
        peer = self.peer
        assert peer is not None
        async with asyncio.timeout(30):
            while peer.dtls.state != "connected":
                self._release()
                await asyncio.sleep(0)
        await self._end()

    async def _begin(self) -> None:
        relay = self.world.relay
        self.count += 1
        self.left = 60
        self.leg = f"leg{self.count}"
        self.peer = MemoryPeer(self.world)
        answer = self.peer.take(relay.open("visit", self.leg, "patient"))
        assert await self.peer.check()
        self.peer.hold = []
        relay.answer(self.leg, answer)
        self.task = self.peer.begin()
        await asyncio.sleep(0)

    def _release(self) -> None:
        peer = self.peer
        if peer is not None and peer.hold:
            data = peer.hold.pop(0)
            if len(self.samples) < 30:
                self.samples.append(data)
            self.world.give(data, peer.address)

    async def _end(self) -> None:
        if self.peer is None:
            return
        self.peer.hold = None
        await self.peer.leave()
        await asyncio.gather(self.task, return_exceptions=True)
        if self.leg in self.world.relay._legs:
            self.world.relay.close(self.leg)
        self.peer = None
        self.world.events.clear()
        for _ in range(4):
            await asyncio.sleep(0)

    @override
    def make(self, rng: Random) -> bytes:
        match rng.randrange(8):
            case 0 | 1:
                return _RELEASE
            case 2:
                return bytes([rng.randrange(20, 64)]) + noise(rng)
            case 3:
                return _record(rng)
            case _:
                return broken(rng, rng.choice(self.samples), self.samples)

    @override
    async def take(self, data: bytes) -> str:
        if self.peer is None:
            await self._begin()
        peer = self.peer
        assert peer is not None
        if data == _RELEASE:
            self._release()
        else:
            self.world.give(data, peer.address)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        leg = self.world.relay._legs.get(self.leg)
        state = LegState.FAILED if leg is None else leg.state
        # There is less to be said to who is through.
        self.left -= 1 if state is LegState.CONNECTING else 6
        if leg is None or self.left <= 0:
            await self._end()
        return str(state)

    @override
    async def settle(self) -> None:
        await self._end()
        await asyncio.sleep(0)

    @override
    async def close(self) -> None:
        await self._end()
        await self._connect_one()
        relay = self.world.relay
        await self.world.stop()
        left = [task for task in asyncio.all_tasks() if task.get_name().startswith("dtls.")]
        assert not left, f"handshakes live on after their legs: {left}"
        assert not relay._legs
        assert not relay._by_ufrag
        assert not self.world.port.paths


def _record(rng: Random) -> bytes:
    """A DTLS record around a handshake message, each of whose numbers may lie (RFC 6347)."""
    body = rng.randbytes(rng.randrange(60))
    size = rng.choice((len(body), len(body), 0, 1, 0xFFFFFF))
    message = (
        bytes([rng.choice((1, 2, 11, 14, 16, 20, 255))])
        + size.to_bytes(3, "big")
        + rng.randrange(4).to_bytes(2, "big")
        + rng.choice((0, 0, 1, 0xFFFF)).to_bytes(3, "big")
        + rng.choice((len(body), size, 0xFFFF)).to_bytes(3, "big")
        + body
    )
    told = rng.choice((len(message), len(message), 0, 0xFFFF))
    head = bytes([rng.choice((20, 21, 22, 23, 24, 25, 63)), 254, rng.choice((253, 255, 252))])
    numbers = rng.choice((0, 0, 1, 0xFFFF)).to_bytes(2, "big") + rng.randrange(9).to_bytes(6, "big")
    return head + numbers + told.to_bytes(2, "big") + message
