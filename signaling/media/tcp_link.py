"""One TCP connection to a peer (RFC 6544): to the packets' way, a socket with one address.

Its first frame must be a connectivity check that proves the peer to be one of a leg's; a connection
that begins otherwise is closed. A peer that reads slowly loses pictures first, then everything:
what waits for it is bounded, and old media is worth nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from signaling.media import limits, rtp
from signaling.media.framing import FrameBuffer, FrameTooLong, framed
from signaling.media.paths import Address, Path, Port, Transport

if TYPE_CHECKING:
    from signaling.media.tcp import TcpGate

_VIDEO = frozenset({rtp.VP8, rtp.RTX})


class TcpLink:
    """A connection that was accepted. It is one leg's for all its life, or nobody's."""

    __slots__ = (
        "_closed", "_drained", "_frames", "_gate", "_known", "_out", "_queued", "_read", "_socket",
        "_tried", "address", "blocked_since", "paths", "since", "transport",
    )  # fmt: skip

    def __init__(
        self,
        sock: socket.socket,
        address: Address,
        gate: TcpGate,
        read: Callable[[Port], None],
        now: float,
    ) -> None:
        self.transport: Transport = "tcp"
        self.address = address
        self.paths: dict[Address, Path] = {}
        self.since = now
        #: Since when nothing that waits could be sent; None when nothing waits.
        self.blocked_since: float | None = None
        self._socket = sock
        self._gate = gate
        self._read = read
        self._frames = FrameBuffer()
        self._out: deque[bytes] = deque()
        self._queued = 0
        self._tried = self._known = self._drained = self._closed = False
        sock.setblocking(False)
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # What the kernel holds and has not sent is delay; and a peer that is gone takes
            # minutes to be given up by itself.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, limits.TCP_UNSENT)
            stalled = int(limits.TCP_STALLED * 1000)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stalled)
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable)

    @property
    def sock(self) -> TcpLink:
        """Itself: frames are its datagrams."""
        return self

    @property
    def proved(self) -> bool:
        """Whether a leg's peer is behind it."""
        return bool(self.paths)

    @property
    def queued(self) -> int:
        """Octets that wait to be sent."""
        return self._queued

    def heard(self) -> float:
        """When anything that counts came last."""
        return max((path.heard for path in self.paths.values()), default=self.since)

    # -- as a socket --------------------------------------------------------------------------

    def recvfrom_into(self, buffer: memoryview, _most: int = 0, /) -> tuple[int, Address]:
        """The next frame. Raises `BlockingIOError` when there is none, also for good."""
        if self._closed or (self._tried and not self._known and not self._proves_itself()):
            self._drained = True
            raise BlockingIOError
        most = limits.DATAGRAM if self._known else limits.STUN_BYTES
        try:
            size = self._frames.next_into(buffer, most)
        except FrameTooLong:
            self.close()
            size = -1
        if size < 0:
            self._drained = True
            raise BlockingIOError
        self._tried = True
        return size, self.address

    def _proves_itself(self) -> bool:
        """Whether the first frame was a check that a leg answered; else this is a stranger."""
        if self.paths:
            self._known = True
            self._gate.proved(self)
            return True
        self._gate.counters.tcp_unproved += 1
        self.close()
        return False

    def sendto(self, data: bytes | bytearray | memoryview, _address: Address, /) -> int:
        """Send a frame, or let it wait; raises `BlockingIOError` when too much waits already."""
        if self._closed:
            raise ConnectionResetError("the connection is closed")
        frame = framed(data)
        if self._out:
            most = limits.TCP_QUEUE_VIDEO if _is_video(data) else limits.TCP_QUEUE
            if self._queued + len(frame) > most:
                self._gate.counters.tcp_not_sent += 1
                raise BlockingIOError("the peer reads too slowly")
        else:
            sent = self._send(frame)
            if sent == len(frame):
                return len(data)
            frame = frame[sent:]  # once begun, it must be sent to its end
            self.blocked_since = self._gate.clock()
            asyncio.get_running_loop().add_writer(self._socket.fileno(), self._writable)
        self._out.append(frame)
        self._queued += len(frame)
        return len(data)

    def _send(self, frame: bytes) -> int:
        try:
            return self._socket.send(frame)
        except BlockingIOError:
            return 0
        except OSError:
            self.close()
            raise

    # -- its life -----------------------------------------------------------------------------

    def left(self) -> None:
        """Its leg has left it: close it, after the goodbye that is still to be sent."""
        if not self._closed:
            asyncio.get_running_loop().call_soon(self.close)

    def close(self) -> None:
        """Hang up."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket.fileno())
        loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._frames = FrameBuffer()
        self._out.clear()
        self._queued = 0
        for path in list(self.paths.values()):
            path.leg.forget(path)
        self._gate.gone(self)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(limits.TCP_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._frames.feed(data)
        self._drained = False
        while not self._drained:
            self._read(self)

    def _writable(self) -> None:
        out = self._out
        while out:
            try:
                sent = self._send(out[0])
            except OSError:
                return
            if sent:
                self._queued -= sent
                self.blocked_since = self._gate.clock()
            if sent < len(out[0]):
                out[0] = out[0][sent:]
                return
            out.popleft()
        self.blocked_since = None
        asyncio.get_running_loop().remove_writer(self._socket.fileno())


def _is_video(data: bytes | bytearray | memoryview) -> bool:
    """Whether a sealed datagram is a picture's: the RTP header is in the clear."""
    return len(data) >= rtp.HEADER and 127 < data[0] < 192 and data[1] & 127 in _VIDEO
