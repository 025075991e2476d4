"""What comes over TCP: frames true, cut, lying and mutated, from strangers and from peers."""

import asyncio
import itertools
import socket
from hashlib import sha256
from random import Random

from typing_extensions import override

from signaling.media import limits, rtp, stun
from signaling.media.framing import framed
from signaling.media.tcp_link import TcpLink
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, noise
from tests.fuzz.targets.rtp import packet
from tests.fuzz.world import MemoryPeer, MemoryRelay

_STRANGER, _PEER = range(2)
_BEGINNINGS = (
    b"GET / HTTP/1.1\r\n", bytes.fromhex("160301020001000001fc0303"), b"SSH-2.0-x\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n", b"", b"\0", b"\0\0\0\0", b"\xff\xff",
)  # fmt: skip


class Line:
    """Both ends of a connection; octets move when they are told to."""

    def __init__(self, world: MemoryRelay, port: int) -> None:
        self.near, far = socket.socketpair()
        self.near.setblocking(False)
        world.relay.gate._admit(far, ("192.0.2.1", port))
        (self.link,) = world.relay.gate.links - _KNOWN
        _KNOWN.add(self.link)

    def say(self, data: bytes) -> None:
        """Octets arrive, in pieces as large as the relay reads."""
        for at in range(0, len(data), limits.TCP_READ):
            if self.open:
                self.near.send(data[at : at + limits.TCP_READ])
                self.link._readable()

    @property
    def open(self) -> bool:
        return not self.link._closed

    def heard(self) -> bytes:
        """What the relay has sent."""
        try:
            return self.near.recv(1 << 20)
        except (BlockingIOError, ConnectionResetError):
            return b""

    def end(self) -> None:
        self.link.close()
        self.near.close()
        _KNOWN.discard(self.link)


_KNOWN: set[TcpLink] = set()


class Frames(Target):
    """A stranger is answered nothing and keeps nothing; a peer's media goes on."""

    name = "tcp"
    episode = 1500
    malloced = 4 << 20
    reaches = frozenset({"stranger waits", "stranger closed", "goes on", "closed", "forwarded"})

    @override
    async def open(self, rng: Random) -> None:
        self.ports = itertools.count(1000)
        self.world = MemoryRelay()
        self.peer = await self.world.joined("patient", "p")
        self.other = await self.world.joined("clinician", "c")
        self.number = 100
        self.line = self._proved()
        self.seen: list[bytes] = []

    def _check(self, number: bytes, password: bytes | None = None) -> bytes:
        name = f"{self.peer.ufrag}:robo"
        return stun.request(number, name, password or self.peer.password, nominate=True)

    def _proved(self) -> Line:
        """A connection of the peer's own, over which it gets its media from now on."""
        for _ in range(3):  # a new id is taken for an old one now and then
            line = Line(self.world, next(self.ports))
            line.say(framed(self._check(self._fresh())))
            if line.open:
                assert line.heard()
                assert line.link.proved
                return line
            line.end()
        raise AssertionError("a peer can't prove itself")

    def _fresh(self) -> bytes:
        """A transaction id like no other, that looks random."""
        self.number += 1
        return sha256(str(self.number).encode()).digest()[:12]

    def _media(self, rng: Random, peer: MemoryPeer) -> bytes:
        self.number += 1
        if rng.random() < 0.5:
            clear = packet(rng, peer.video, rtp.VP8, self.number)
        else:
            clear = peer.video_packet(self.number, b"frame")
        try:
            return bytes(peer.dtls._tx_srtp.protect(clear))
        except Exception:
            return clear

    @override
    def make(self, rng: Random) -> bytes:
        frames = b""
        for _ in range(rng.randrange(1, 6)):
            match rng.randrange(7):
                case 0:
                    frames += framed(self._check(rng.randbytes(12)))
                case 1:
                    frames += framed(self._check(rng.randbytes(12), b"a guess"))
                case 2:
                    frames += framed(noise(rng))
                case 3:
                    frames += framed(bytes([rng.randrange(20, 64)]) + noise(rng, 200))
                case _:
                    frames += framed(self._media(rng, self.peer))
        match rng.randrange(8):
            case 0:
                frames = rng.choice(_BEGINNINGS) + frames
            case 1 | 2:
                frames = broken(rng, frames, self.seen)
            case 3:
                frames = frames[: rng.randrange(len(frames) + 1)]
            case 4:
                size = rng.choice((limits.STUN_BYTES, limits.DATAGRAM, limits.DATAGRAM + 1, 65535))
                frames += framed(bytes([rng.choice((0, 128))]) + bytes(size - 1))
            case _:
                pass
        if len(self.seen) < 100:
            self.seen.append(frames)
        return bytes([rng.choice((_STRANGER, _PEER, _PEER))]) + frames

    @override
    async def take(self, data: bytes) -> str:
        who, octets = data[0], data[1:]
        self.world.tick(0.004)
        for peer in (self.peer, self.other):
            self.world.give(self._alive(peer), peer.address)
            peer.forget()
        line = self.line if who == _PEER else Line(self.world, next(self.ports))
        line.say(octets)
        assert len(line.link._frames) < limits.DATAGRAM + 2
        assert line.link.queued <= limits.TCP_QUEUE
        if who == _PEER:
            line.heard()
            if line.open:
                return "goes on"
            line.end()
            self.line = self._proved()
            return "closed"
        answered, still = line.heard(), line.open
        if line.link.proved:  # it had the whole of a true check
            self.line.end()
            self.line = line
            return "goes on"
        assert not answered or not still, "a stranger was answered"
        line.end()
        return "stranger waits" if still else "stranger closed"

    def _alive(self, peer: MemoryPeer) -> bytes:
        """Nobody falls silent."""
        return stun.request(self._fresh(), f"{peer.ufrag}:robo", peer.password)

    @override
    def outcomes(self) -> dict[str, int]:
        return {"forwarded": self.world.relay.packets.counters.forwarded}

    @override
    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    @override
    async def close(self) -> None:
        self.line.end()
        self.line = self._proved()
        before = len(self.line.heard())
        self.other.send_audio(40_000)
        assert len(self.line.heard()) > before, "nothing is forwarded"
        self.line.end()
        assert not self.world.relay.gate.links
        assert not self.world.relay.gate.unproved
        for peer in (self.peer, self.other):
            await peer.leave()
        await self.world.stop()
        await self.settle()
        assert not _KNOWN
