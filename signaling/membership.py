"""Which sockets are connected, and in which rooms: found from the socket as well as from the room.

python-socketio keeps rooms alone and goes through all of them when a socket ends. Here every
account has one: of ten thousand sockets that break at once, each would look through ten thousand.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import socketio
from typing_extensions import override

_Participant = tuple[str, str]
"""A socket's id in a namespace, and that of the connection below it."""


class _Stage(Enum):
    COMING = "coming"
    IN = "in"
    GOING = "going"


@dataclass(slots=True)
class _Member:
    eio_sid: str
    stage: _Stage = _Stage.COMING
    rooms: set[str] = field(default_factory=set)


class Membership(socketio.AsyncManager):  # type: ignore[misc]
    """As python-socketio's manager of one process; to leave costs what the socket's own rooms cost.

    Everybody is in a room of their own name, and in one without a name.
    """

    def __init__(self) -> None:
        super().__init__()
        self._members: dict[str, dict[str, _Member]] = {}
        self.rooms = self._members  # `emit` looks there whether a namespace is known
        self._of_link: dict[tuple[str, str], str] = {}
        self._rooms: dict[tuple[str, str], dict[str, str]] = {}

    @override
    def get_namespaces(self) -> Iterable[str]:
        """Those that somebody was ever in."""
        return self._members.keys()

    @override
    def get_participants(self, namespace: str, room: Any) -> Iterator[_Participant]:
        """Who is in a room, in one of several rooms, or in the namespace when it is None."""
        yield from self._in(namespace, room).items()

    def _in(self, namespace: str, room: Any) -> dict[str, str]:
        members = self._members.get(namespace, {})
        if room is None:
            return {sid: member.eio_sid for sid, member in members.items()}
        if not isinstance(room, str):
            return {sid: eio for each in room for sid, eio in self._in(namespace, each).items()}
        if own := members.get(room):
            return {room: own.eio_sid}
        return self._rooms.get((namespace, room), {}).copy()

    @override
    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """The id of a socket that is looked at; None if the connection has one there already."""
        if (namespace, eio_sid) in self._of_link:
            return None
        sid: str = self.server.eio.generate_id()
        self._members.setdefault(namespace, {})[sid] = _Member(eio_sid)
        self._of_link[namespace, eio_sid] = sid
        return sid

    @override
    async def connect(self, sid: str, namespace: str) -> str | None:
        """It is let in. Of one that was not looked at, the connection's id is given instead."""
        if not self.is_pre_connected(sid, namespace):
            found = await self.pre_connect(sid, namespace)
            if found is None:
                return None
            sid = found
        self._members[namespace][sid].stage = _Stage.IN
        return sid

    @override
    def is_pre_connected(self, sid: str, namespace: str) -> bool:
        """Whether it is looked at."""
        return self._stage(sid, namespace) is _Stage.COMING

    @override
    def is_connected(self, sid: str, namespace: str) -> bool:
        """Whether it was let in and is not on its way out."""
        return self._stage(sid, namespace) is _Stage.IN

    def _stage(self, sid: str, namespace: str) -> _Stage | None:
        member = self._members.get(namespace, {}).get(sid)
        return None if member is None else member.stage

    @override
    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        """The socket that a connection has in the namespace."""
        return self._of_link.get((namespace, eio_sid))

    @override
    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        """The connection of a socket."""
        member = self._members.get(namespace, {}).get(sid)
        return None if member is None else member.eio_sid

    @override
    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        """It is on its way out; its connection."""
        member = self._members.get(namespace, {}).get(sid)
        if member is None:
            return None
        member.stage = _Stage.GOING
        return member.eio_sid

    @override
    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        """It is gone, and from its rooms; no error when it was."""
        self.callbacks.pop(sid, None)
        member = self._members.get(namespace, {}).pop(sid, None)
        if member is not None:
            del self._of_link[namespace, member.eio_sid]
            for room in member.rooms:
                self._take_out(sid, namespace, room)

    @override
    def is_sid_room(self, namespace: str, room: Any) -> bool:
        """Whether the name is that of a socket, whose own room it is."""
        return room in self._members.get(namespace, {})

    @override
    def basic_enter_room(
        self, sid: str, namespace: str, room: str, eio_sid: str | None = None
    ) -> None:
        """Let a socket hear what is said in a room, too."""
        member = self._members.get(namespace, {}).get(sid)
        if member is None:
            raise ValueError("sid is not connected to requested namespace")
        if sid != room and self.is_sid_room(namespace, room):
            raise ValueError("cannot enter a sid room")
        if sid == room:
            return
        member.rooms.add(room)
        self._rooms.setdefault((namespace, room), {})[sid] = member.eio_sid

    @override
    def basic_leave_room(self, sid: str, namespace: str, room: str) -> None:
        """No longer; no error when it did not."""
        member = self._members.get(namespace, {}).get(sid)
        if member is not None and room in member.rooms:
            member.rooms.discard(room)
            self._take_out(sid, namespace, room)

    @override
    def basic_close_room(self, room: str, namespace: str) -> None:
        """Everybody leaves it."""
        if self.is_sid_room(namespace, room):
            raise ValueError("cannot close a sid room")
        for sid in list(self._rooms.get((namespace, room), {})):
            self.basic_leave_room(sid, namespace, room)

    @override
    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        """Where a socket is, its own among them."""
        member = self._members.get(namespace, {}).get(sid)
        return [] if member is None else [sid, *member.rooms]

    def _take_out(self, sid: str, namespace: str, room: str) -> None:
        people = self._rooms[namespace, room]
        del people[sid]
        if not people:
            del self._rooms[namespace, room]
