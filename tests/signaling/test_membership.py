"""Who is connected and in which rooms: as python-socketio keeps it, whatever is done to it."""

import itertools
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
from hypothesis import given
from hypothesis import strategies as st

from signaling.membership import Membership

pytestmark = pytest.mark.property

_SPACES = ("/patient", "/staff")
_ROOMS = ("queue", "account:anna", "s1", "s2")
_LINKS = ("e1", "e2", "e3")
_SIDS = ("s1", "s2", "s3", "s4")


def _manager(kind: type[socketio.AsyncManager]) -> socketio.AsyncManager:
    manager = kind()
    numbers = itertools.count(1)
    eio = SimpleNamespace(generate_id=lambda: f"s{next(numbers)}")
    manager.set_server(SimpleNamespace(eio=eio, packet_class=SimpleNamespace(json=None)))
    return manager


def _now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it returns, of one that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


def _do(manager: socketio.AsyncManager, step: tuple[str, str, str, str, str]) -> Any:
    """What came of it; that it was refused is an answer as well."""
    what, space, eio, sid, room = step
    try:
        match what:
            case "look" | "look and let in":
                if manager.sid_from_eio_sid(eio, space) is None:
                    found = _now(manager.pre_connect(eio, space))
                    return found if what == "look" else _now(manager.connect(found, space))
            case "let in":
                # As the server does: of those alone who are looked at.
                if manager.is_pre_connected(sid, space):
                    return _now(manager.connect(sid, space))
            case "on the way out":
                if manager.is_connected(sid, space):
                    return manager.pre_disconnect(sid, namespace=space)
            case "out":
                if manager.eio_sid_from_sid(sid, space) is not None:
                    return _now(manager.disconnect(sid, space, ignore_queue=True))
            case "enter" if _is_sensible(manager, space, sid, room):
                return _now(manager.enter_room(sid, space, room))
            case "leave" if sid != room:  # ours is never without its own
                return _now(manager.leave_room(sid, space, room))
            case "close":
                return _now(manager.close_room(room, space))
            case _:
                return "nothing"
    except (ValueError, KeyError):
        return "refused"
    return "nothing"


def _is_sensible(manager: socketio.AsyncManager, space: str, sid: str, room: str) -> bool:
    """Theirs keeps the empty room that a stranger was refused; none is named as who comes later."""
    there = manager.eio_sid_from_sid(sid, space) is not None
    return there and (room not in _SIDS or manager.is_sid_room(space, room))


def _seen(manager: socketio.AsyncManager) -> Any:
    return {
        space: (
            {room: dict(manager.get_participants(space, room)) for room in (None, *_ROOMS)},
            dict(manager.get_participants(space, list(_ROOMS))),
            {sid: sorted(manager.get_rooms(sid, space)) for sid in _SIDS},
            {sid: manager.is_connected(sid, space) for sid in _SIDS},
            {sid: manager.is_pre_connected(sid, space) for sid in _SIDS},
            {sid: manager.eio_sid_from_sid(sid, space) for sid in _SIDS},
            {eio: manager.sid_from_eio_sid(eio, space) for eio in _LINKS},
        )
        for space in _SPACES
    }


_STEPS = st.tuples(
    st.sampled_from(
        ["look", "let in", "look and let in", "on the way out", "out", "enter", "leave", "close"]
    ),
    st.sampled_from(_SPACES),
    st.sampled_from(_LINKS),
    st.sampled_from(_SIDS),
    st.sampled_from(_ROOMS),
)


@given(st.lists(_STEPS, max_size=30))
def test_it_answers_as_the_library_does(steps: list[tuple[str, str, str, str, str]]) -> None:
    ours, theirs = _manager(Membership), _manager(socketio.AsyncManager)
    for step in steps:
        assert _do(ours, step) == _do(theirs, step), step
        assert _seen(ours) == _seen(theirs), step
    assert set(theirs.get_namespaces()) <= set(ours.get_namespaces())


async def test_a_connection_is_in_a_namespace_once() -> None:
    manager = _manager(Membership)
    sid = await manager.pre_connect("e1", "/staff")
    assert await manager.pre_connect("e1", "/staff") is None
    assert await manager.connect("e1", "/staff") is None
    assert await manager.connect(sid, "/staff") == sid
    assert await manager.connect("e2", "/staff") == manager.sid_from_eio_sid("e2", "/staff")


async def test_who_is_not_in_enters_no_room() -> None:
    manager = _manager(Membership)
    with pytest.raises(ValueError, match="not connected"):
        await manager.enter_room("s1", "/staff", "queue")
    sid = await manager.connect(await manager.pre_connect("e1", "/staff"), "/staff")
    with pytest.raises(ValueError, match="not connected"):
        await manager.enter_room(sid, "/patient", "queue")
    assert list(manager.get_participants("/staff", "queue")) == []


async def test_an_event_reaches_who_is_in() -> None:
    manager = _manager(Membership)
    heard: list[str] = []

    async def send(eio_sid: str, _packet: Any) -> None:
        heard.append(eio_sid)

    manager.server._send_eio_packet = send
    manager.server.packet_class = socketio.packet.Packet
    for link in _LINKS:
        sid = await manager.connect(await manager.pre_connect(link, "/staff"), "/staff")
        if link != "e2":
            await manager.enter_room(sid, "/staff", "queue")
    await manager.emit("queue.changed", {}, "/staff", room="queue")
    await manager.emit("queue.changed", {}, "/patient", room="queue")
    assert sorted(heard) == ["e1", "e3"]


async def test_nothing_is_left_of_who_has_gone() -> None:
    manager = _manager(Membership)
    for n in range(100):
        sid = await manager.connect(await manager.pre_connect(f"e{n}", "/staff"), "/staff")
        await manager.enter_room(sid, "/staff", f"account:{n}")
        await manager.enter_room(sid, "/staff", "queue")
        manager.pre_disconnect(sid, "/staff")
        await manager.disconnect(sid, "/staff")
    assert isinstance(manager, Membership)
    assert manager._members == {"/staff": {}}
    assert (manager._of_link, manager._rooms, manager.callbacks) == ({}, {}, {})
