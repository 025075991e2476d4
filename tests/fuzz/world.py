"""A relay whose sockets are lists: datagrams go in and come out without a network."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters

from signaling.media import limits
from signaling.media._aiortc_compat import PacketBuffer, Srtp
from signaling.media.events import RelayEvent
from signaling.media.paths import Address
from signaling.media.relay import Relay
from tests.media.peers import Robot, pick

_ports = itertools.count(20_000)


class MemorySocket:
    """What the relay uses of a UDP socket."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[bytes, Address]] = deque()
        self.peers: dict[Address, Callable[[bytes], None]] = {}
        self.sent = 0

    def recvfrom_into(self, buffer: Any, most: int = 0) -> tuple[int, Address]:
        """As the real one: what is too long for the buffer is cut."""
        if not self.waiting:
            raise BlockingIOError
        data, address = self.waiting.popleft()
        size = min(len(data), most or len(buffer))
        buffer[:size] = data[:size]
        return size, address

    def sendto(self, data: Any, address: Address) -> int:
        """Hands it to whoever has that address; a peer that has left hears no late resend."""
        self.sent += 1
        deliver = self.peers.get(address)
        if deliver is not None:
            deliver(bytes(data))
        return len(data)

    def fileno(self) -> int:
        return 1_000_000

    def getsockopt(self, *_: int) -> bytes:
        """The kernel dropped nothing."""
        return bytes(36)

    def close(self) -> None:
        """Nothing to close."""


class Clock:
    """Time that stands still until it is pushed on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class MemoryPeer(Robot):
    """A robot on the relay's list of datagrams."""

    def __init__(self, world: "MemoryRelay", **kind: Any) -> None:
        super().__init__(**kind)
        self.world = world
        self.address: Address = ("127.0.0.1", 0)
        self.hold: list[bytes] | None = None
        # The last sequence number under each SSRC, for who keeps count.
        self.numbers: dict[int, int] = {}
        self.settle_at()

    def settle_at(self) -> None:
        """Get a new address."""
        self.address = ("127.0.0.1", next(_ports))
        self.world.socket.peers[self.address] = self.took
        self._transport = cast("asyncio.DatagramTransport", self)

    def sendto(self, data: bytes, _to: Any) -> None:
        """As a transport."""
        if self.hold is not None and 19 < data[0] < 64:
            self.hold.append(data)
        else:
            self.world.give(data, self.address)

    def send_sealed(self, clear: bytes) -> None:
        """Send RTP of up to the largest size; the robot's own way ends at 1500 bytes."""
        sealed = Srtp(self.dtls, self.world.scratch).protect(clear)
        assert sealed is not None
        self.send(sealed)

    def forget(self) -> None:
        """What came so far."""
        self.packets.clear()
        self.messages.clear()
        self.told.clear()
        self.answered.clear()

    def weaken(self) -> None:
        """Offer the old cipher alone, whose tag is shorter than the others'."""
        self.dtls._srtp_profiles = self.dtls._srtp_profiles[-1:]

    def begin(self) -> "asyncio.Task[None]":
        """Start the DTLS handshake as the client."""
        digest = pick(self.offer, r"fingerprint:sha-256 (\S+)")
        parameters = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", digest)])
        return asyncio.get_running_loop().create_task(self.dtls.start(parameters))

    async def leave(self) -> None:
        """Goodbye, and the address is nobody's."""
        self._pipe.close()
        await self.dtls.stop()
        self._transport = None
        self.world.socket.peers.pop(self.address, None)


class MemoryRelay:
    """A relay, its one socket, and its clock."""

    def __init__(self, capacity: int = 8, bitrate: int = limits.WORKER_BITRATE) -> None:
        self.clock = Clock()
        self.scratch = PacketBuffer()
        self.events: list[RelayEvent] = []
        self.relay = Relay(
            ["127.0.0.1"],
            on_event=self.events.append,
            clock=self.clock,
            capacity=capacity,
            bitrate=bitrate,
        )
        (self.port,) = self.relay.ports
        self.port.sock.close()
        self.socket = MemorySocket()
        self.port.sock = cast("Any", self.socket)

    def give(self, data: bytes, address: Address) -> None:
        """A datagram arrives."""
        self.socket.waiting.append((data, address))
        self.relay.packets.read(self.port)

    def tick(self, seconds: float) -> None:
        """Time passes."""
        self.clock.now += seconds
        if self.relay._timer is not None:
            self.relay._timer.cancel()
        self.relay._tick()

    async def joined(
        self, participant: str, leg_id: str, *, weak: bool = False, **kind: Any
    ) -> MemoryPeer:
        """A peer whose handshake is done."""
        peer = MemoryPeer(self, **kind)
        if weak:
            peer.weaken()
        self.relay.answer(leg_id, peer.take(self.relay.open("visit", leg_id, participant)))
        assert await peer.check()
        async with asyncio.timeout(30):
            await peer.begin()
        assert peer.dtls.state == "connected"
        while self.relay._legs[leg_id].srtp is None:
            await asyncio.sleep(0)
        return peer

    async def stop(self) -> None:
        """End all."""
        self.relay.stop()
        for _ in range(5):
            await asyncio.sleep(0)
