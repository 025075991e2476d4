"""What can be wrong with a person's network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: What a proxy between browser and server does to a WebSocket: lets it through, says no with a
#: 403, or takes the request and never answers.
SocketFault = Literal["none", "refused", "swallowed"]
Address = tuple[str, int]


@dataclass
class Faults:
    """What a link does to traffic right now. Read at each packet, changed by the test."""

    tcp_down: bool = False
    udp_down: bool = False
    #: The part of the datagrams to the server and from it that never arrive, 0 to 1.
    loss_up: float = 0.0
    loss_down: float = 0.0
    #: Media addresses of the server that can't be reached from here, the others can.
    dead_hosts: set[str] = field(default_factory=set)
    socket: SocketFault = "none"
    #: UDP ports of who stands on the server's side of this network, as a TURN server does.
    beyond: range = range(0)
