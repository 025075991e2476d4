"""A leg's ways to its peer: addresses that proved themselves, on one of the relay's sockets."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signaling.media.leg import Leg

Address = tuple[str, int] | tuple[str, int, int, int]


class UdpPort:
    """One announced address: its socket, and the leg behind each address that proved itself."""

    __slots__ = ("host", "number", "paths", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.host, self.number = sock.getsockname()[:2]
        self.paths: dict[Address, Path] = {}


@dataclass(slots=True, eq=False)
class Path:
    """A way to a peer: a validated remote address on one of the relay's sockets."""

    port: UdpPort
    address: Address
    leg: Leg
    heard: float
