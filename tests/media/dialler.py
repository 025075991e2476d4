"""A robot that speaks TCP to the relay (RFC 6544), and UDP as well if it is told to."""

import asyncio
import socket
import struct
from typing import Any, cast

from typing_extensions import override

from tests.media.peers import Robot

_LENGTH = struct.Struct("!H")
#: Among the sources of what a robot got: a connection, not an address.
OVER_TCP = ("tcp", 0)


def tcp_addresses(offer: str) -> list[tuple[str, int]]:
    """Where an offer says that the relay takes connections, best first."""
    lines = [line for line in offer.split("\r\n") if line.endswith(" typ host tcptype passive")]
    found = [tuple(line.split()[4:6]) for line in lines]
    assert found[: len(found) // 2] == found[len(found) // 2 :]
    return [(host, int(port)) for host, port in found[: len(found) // 2]]


def frame(datagram: bytes) -> bytes:
    """As RFC 4571 says."""
    return _LENGTH.pack(len(datagram)) + datagram


class Line(asyncio.Protocol):
    """A connection to the relay. `closed` is set when either end has hung up."""

    def __init__(self, robot: "Dialler | None" = None) -> None:
        self._robot = robot
        self._rest = b""
        self.closed = asyncio.Event()
        self.got = 0
        self.out: asyncio.Transport | None = None

    @classmethod
    async def to(
        cls, address: tuple[str, int], robot: "Dialler | None" = None, buffer: int = 0
    ) -> "Line":
        """Connect; with a small receive buffer, if one is given in octets."""
        sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, address)
        _, line = await loop.create_connection(lambda: cls(robot), sock=sock)
        return line

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.out = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self.got += len(data)
        self._rest += data
        while len(self._rest) >= 2 and len(self._rest) >= 2 + (size := self._size()):
            datagram, self._rest = self._rest[2 : 2 + size], self._rest[2 + size :]
            if self._robot is not None:
                self._robot.sources.add(OVER_TCP)
                self._robot.took(datagram)

    def _size(self) -> int:
        return int(_LENGTH.unpack_from(self._rest)[0])

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    def send(self, data: bytes) -> None:
        """Octets as they are."""
        if self.out is not None:
            self.out.write(data)

    def hang_up(self) -> None:
        """Without a word, as a network that is gone."""
        if self.out is not None:
            self.out.abort()


class Dialler(Robot):
    """A robot that sends over TCP while `by_tcp` is set, and hears on both."""

    def __init__(self, **kind: Any) -> None:
        super().__init__(**kind)
        self.by_tcp = True
        self.line: Line | None = None
        self.buffer = 0

    @override
    async def move(self, host: str | None = None) -> None:
        """A new connection, or over UDP a new address."""
        if self.by_tcp:
            assert "tcptype passive" in self.offer
            await self.dial()
        else:
            await super().move(host)

    async def dial(self, at: int = 0) -> Line:
        """A further connection, to this one of the relay's addresses; what is sent goes there."""
        self.line = await Line.to(tcp_addresses(self.offer)[at], self, self.buffer)
        return self.line

    @override
    def send(self, data: bytes) -> None:
        if not self.by_tcp:
            super().send(data)
        elif self.line is not None:
            self.line.send(frame(data))

    @override
    async def close(self) -> None:
        await super().close()
        if self.line is not None:
            self.line.hang_up()
