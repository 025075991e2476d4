"""A leg's ways to its peer: addresses that proved themselves, on one of the relay's sockets."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from signaling.media.leg import Leg

Address = tuple[str, int] | tuple[str, int, int, int]
Transport = Literal["udp", "tcp"]


class DatagramSocket(Protocol):
    """What the packets' way needs of a socket; a TCP connection offers the same."""

    def recvfrom_into(self, buffer: Any, nbytes: int = ..., /) -> tuple[int, Any]:
        """The next datagram's size, and where it came from; `BlockingIOError` when none waits."""
        ...

    def sendto(self, data: Any, address: Any, /) -> int:
        """Send, or raise `OSError` when that can't be done at once."""
        ...


class Port(Protocol):
    """Where datagrams come in: a UDP socket, or one TCP connection."""

    transport: Transport
    paths: dict[Address, Path]

    @property
    def sock(self) -> DatagramSocket:
        """What is read and written."""
        ...

    def left(self) -> None:
        """One of its paths is nobody's any more."""
        ...


class UdpPort:
    """One announced address: its socket, and the leg behind each address that proved itself."""

    __slots__ = ("host", "number", "paths", "sock", "transport")

    def __init__(self, host: str, sock: socket.socket) -> None:
        self.transport: Transport = "udp"
        self.sock = sock
        #: As it is announced: behind NAT the socket is on another.
        self.host = host
        self.number: int = sock.getsockname()[1]
        self.paths: dict[Address, Path] = {}

    def left(self) -> None:
        """The socket serves the others."""


@dataclass(slots=True, eq=False)
class Path:
    """A way to a peer: a validated remote address on one of the relay's sockets."""

    port: Port
    address: Address
    leg: Leg
    heard: float

    def send(self, data: bytes) -> None:
        """Send a datagram, also when the leg has forgotten this way; what can't be sent is lost."""
        with contextlib.suppress(OSError):
            self.port.sock.sendto(data, self.address)
