"""What the handlers of events work with."""

from dataclasses import dataclass
from typing import Protocol

import socketio

from server.kit.db import Database
from signaling.connections import Connection, Connections
from signaling.presence.pairs import Pairs
from signaling.presence.tracker import PresenceTracker
from signaling.rooms.calls import CallRegistry
from signaling.rooms.echoes import Echoes


class KeepAlive(Protocol):
    """Counts what a socket does as use of its login."""

    async def __call__(self, connection: Connection) -> bool:
        """False once the login has ended; the socket is then told and closed."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the real-time side, as handlers see them."""

    sio: socketio.AsyncServer
    database: Database
    connections: Connections
    presence: PresenceTracker
    pairs: Pairs
    calls: CallRegistry
    echoes: Echoes
    keep_alive: KeepAlive
