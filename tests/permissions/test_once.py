"""Whatever is sent twice happens once: every change over HTTP, every event of the socket.

Who declares a route or an event has it walked here. What a route needs in order to be granted, and
what else could be asked of it, is said in ``READY`` and found by itself where nothing is.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from server.accounts.domain import Account
from server.app.build import all_routes
from server.guests import service as guests
from server.guests.domain import GuestRole
from server.kit.actor import Actor, Audience
from server.kit.permissions import Scope
from server.login.service import hash_of
from server.visits import service as visits
from signaling.connections import NAMESPACES
from signaling.namespaces import all_events
from signaling.namespaces.table import Repeat
from tests.permissions.arena import Arena, Rows
from tests.permissions.callers import INSIDE
from tests.permissions.example import example
from tests.support import PASSWORD, People

pytestmark = pytest.mark.permissions
MUTATING = [route for route in all_routes() if route.mutating]
EVENTS = all_events()
Body = dict[str, Any]


@dataclass(frozen=True)
class Ready:
    """Who asks, if not whoever is inside; what of; and what would be another request."""

    caller: str | None = None
    body: Body = field(default_factory=dict)
    other: Body = field(default_factory=dict)


Prepare = Callable[[Arena], Awaitable[Ready]]


async def _account(arena: Arena, name: str) -> Account:
    account = arena.sessions[name].account
    assert account is not None
    return account


async def _actor(arena: Arena, name: str) -> Actor:
    return await People(arena.database).actor(await _account(arena, name))


def _visit(arena: Arena) -> str:
    return arena.ids[Audience.STAFF, Scope.PARTY, "visit_id"]


async def _called(arena: Arena) -> Ready:
    """Lars has called the next patient, who has not come yet."""
    lars = "a colleague on duty"
    called = await arena.database.write(visits.call_next, await _actor(arena, lars))
    arena.ids[Audience.STAFF, Scope.PARTY, "visit_id"] = called.visit.id
    return Ready(lars)


async def _patient_called(arena: Arena) -> Ready:
    """The psychologist has called Anna too."""
    petra = await _actor(arena, "another profession")
    called = await arena.database.write(visits.call_next, petra)
    arena.ids[Audience.PATIENT, Scope.PARTY, "visit_id"] = called.visit.id
    return Ready()


async def _free_colleague(_arena: Arena) -> Ready:
    """Karin has a patient already."""
    return Ready("a colleague on duty")


async def _ended(arena: Arena) -> Ready:
    """The visit is over; its note, in the first version, is not signed."""
    await arena.database.write(visits.end, await _actor(arena, "the clinician"), _visit(arena))
    return Ready(body={"version": 1}, other={"version": 2})


async def _off_duty(_arena: Arena) -> Ready:
    return Ready("a colleague on duty", {"state": "off"}, {"state": "on"})


async def _invite(arena: Arena, token: str) -> None:
    karin = await _actor(arena, "the clinician")
    guest = await arena.database.write(
        guests.invite, karin, _visit(arena), "Tolk", GuestRole.INTERPRETER
    )
    await arena.database.write(guests.issue, karin, _visit(arena), guest.id, hash_of(token))
    arena.ids[Audience.STAFF, Scope.PARTY, "guest_id"] = guest.id


async def _invited(arena: Arena) -> Ready:
    """Somebody was invited and has not come."""
    await _invite(arena, "t" * 43)
    return Ready()


async def _invitation(arena: Arena) -> Ready:
    """Two were invited; the second one's invitation is another request."""
    for token in ("t", "u"):
        await _invite(arena, token * 43)
    return Ready("nobody", {"token": "t" * 43}, {"token": "u" * 43})


async def _admitted(arena: Arena) -> Ready:
    """Who waited was let in."""
    guest = arena.ids[Audience.STAFF, Scope.PARTY, "guest_id"]
    karin = await _actor(arena, "the clinician")
    await arena.database.write(guests.admit, karin, _visit(arena), guest, True)
    return Ready()


async def _outside(arena: Arena) -> Ready:
    """The guest has gone away for a moment."""
    reply = await arena.request(arena.sessions["a guest"], "POST", "/api/v1/guest/visit/leave")
    assert reply.status == 200
    return Ready()


def _login(name: str, other: str) -> Prepare:
    """With the password that all have; as somebody else is another request."""

    async def prepare(arena: Arena) -> Ready:
        usernames = [(await _account(arena, each)).username for each in (name, other)]
        body = {"username": usernames[0], "password": PASSWORD}
        return Ready("nobody", body, {"username": usernames[1]})

    return prepare


def _says(other: Body, **body: Any) -> Prepare:
    async def prepare(_arena: Arena) -> Ready:
        return Ready(body=body, other=other)

    return prepare


P, S, G = "/api/v1/patient", "/api/v1/staff", "/api/v1/guest"
_CHAT = _says({"mode": "video"}, mode="chat", reason="chosen")
_SIGNS = _says({"communication": "reads"}, communication="signs")
READY: dict[str, Prepare] = {
    f"POST {P}/session": _login("the patient", "another patient"),
    f"POST {S}/session": _login("the clinician", "off duty"),
    f"POST {G}/session": _invitation,
    f"POST {P}/queue-tickets": _says({"reason": "hosta"}, profession="district_nurse"),
    f"PUT {P}/queue-tickets/{{ticket_id}}/channel": _says({"channel": "video"}, channel="chat"),
    f"PUT {P}/queue-tickets/{{ticket_id}}/communication": _SIGNS,
    f"PUT {P}/visits/{{visit_id}}/communication": _SIGNS,
    f"PUT {G}/visit/communication": _SIGNS,
    f"PUT {P}/visits/{{visit_id}}/mode": _CHAT,
    f"PUT {S}/visits/{{visit_id}}/mode": _CHAT,
    f"POST {P}/visits/{{visit_id}}/join": _patient_called,
    f"PUT {S}/duty": _off_duty,
    f"POST {S}/queue/next": _free_colleague,
    f"POST {S}/queue-tickets/{{ticket_id}}/take": _free_colleague,
    f"POST {S}/visits/{{visit_id}}/no-answer": _called,
    f"POST {S}/visits/{{visit_id}}/no-show": _called,
    f"POST {S}/visits/{{visit_id}}/return": _called,
    f"PUT {S}/visits/{{visit_id}}/note": _says({"text": "gå hem"}, text="vila", version=1),
    f"POST {S}/visits/{{visit_id}}/note/sign": _ended,
    f"POST {S}/visits/{{visit_id}}/guests/{{guest_id}}/admit": _says(
        {"consent": False}, consent=True
    ),
    f"POST {S}/visits/{{visit_id}}/guests/{{guest_id}}/remove": _admitted,
    f"DELETE {S}/visits/{{visit_id}}/guests/{{guest_id}}": _invited,
    f"POST {G}/visit/join": _outside,
}
# The answer holds a secret that is nowhere stored: a repeat makes another in its place.
NEW_SECRET = {
    f"POST {P}/session": {"sessions", "outbox"},
    f"POST {S}/session": {"sessions", "outbox"},
    f"POST {G}/session": {"guests", "outbox", "access_log", "access_heads", "visits"},
    f"POST {S}/visits/{{visit_id}}/guests": {"guests", "access_log", "access_heads"},
}
# Who has logged out is nobody, whose key tells nothing apart.
LEAVES = {f"DELETE {each}/session" for each in (P, S, G)}
# A change of the audience's own, to use up a key that was meant for another.
ELSEWHERE = {
    Audience.PATIENT: f"PUT {P}/visits/{{visit_id}}/mode",
    Audience.STAFF: f"PUT {S}/visits/{{visit_id}}/mode",
    Audience.GUEST: f"PUT {G}/visit/communication",
}
BY_NAME = {f"{route.method} {route.path}": route for route in MUTATING}


def _changed(before: Rows, after: Rows) -> set[str]:
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize("label", BY_NAME)
async def test_a_change_that_is_sent_twice_happens_once(arena: Arena, label: str) -> None:
    route = BY_NAME[label]
    prepare = READY.get(label)
    ready = await prepare(arena) if prepare is not None else Ready()
    audience = route.audience or Audience.PATIENT
    session = arena.sessions[ready.caller or INSIDE[audience]]
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = example(route.body, arena.ids_for(route.scope, audience)) if route.body else {}
    body |= ready.body
    untouched = await arena.rows()
    first = await arena.call(session, route, others=body, headers=key)
    assert first.status < 300, first.json
    once = await arena.rows()
    assert _changed(untouched, once) - {"idempotency"}, "nothing happened: nothing is proved"
    again = await arena.call(session, route, others=body, headers=key)
    twice = await arena.rows()
    assert again.status == first.status, again.json
    assert _changed(once, twice) <= NEW_SECRET.get(label, set())
    if label not in NEW_SECRET:
        assert again.body == first.body
    if label in LEAVES:
        return
    if route.body is not None:
        other = ready.other or _other(body)
        refused = await arena.call(session, route, others=body | other, headers=key)
    else:
        refused = await arena.call(session, BY_NAME[ELSEWHERE[audience]], headers=key)
    told = refused.status, refused.json["code"]
    assert told == (422, "request.idempotency_reuse"), refused.json
    assert not _changed(twice, await arena.rows())


def _other(body: Body) -> Body:
    """The same with another text or number in it."""
    for name, value in body.items():
        if isinstance(value, str) and value == "v=0":
            return {name: "v=1"}
        if type(value) is int:
            return {name: value + 1}
    raise AssertionError(f"say in READY what else than {body} may be asked")


KEYED = [place for place, event in EVENTS.events.items() if event.repeat is Repeat.KEYED]
OTHERS = [place for place, event in EVENTS.events.items() if event.repeat is not Repeat.KEYED]


def test_every_event_that_is_stored_is_keyed() -> None:
    assert {name for _, name in KEYED} == {"message.send"}


async def _socket(arena: Arena, namespace: str) -> Any:
    client = await arena.connect(arena.sessions[INSIDE[NAMESPACES[namespace]]], namespace)
    assert client is not None
    return client


@pytest.mark.parametrize(("namespace", "name"), KEYED)
async def test_an_event_with_a_key_happens_once(arena: Arena, namespace: str, name: str) -> None:
    event, audience = EVENTS.events[namespace, name], NAMESPACES[namespace]
    client = await _socket(arena, namespace)
    payload = example(event.payload, arena.ids_for(event.scope, audience))
    untouched = await arena.rows()
    first = await client.call(name, payload, namespace=namespace)
    assert first["ok"] is True, first
    once = await arena.rows()
    assert "messages" in _changed(untouched, once)
    again = await client.call(name, payload, namespace=namespace)
    twice = await arena.rows()
    assert again == first
    # Who looked is noted each time; the line itself is there once, and told once.
    assert _changed(once, twice) <= {"access_log", "access_heads"}
    other = await client.call(name, payload | _other(payload), namespace=namespace)
    assert other["error"]["code"] == "message.id_reuse"
    assert _changed(twice, await arena.rows()) <= {"access_log", "access_heads"}


@pytest.mark.parametrize(("namespace", "name"), OTHERS)
async def test_any_other_event_stores_nothing_and_may_be_sent_again(
    arena: Arena, namespace: str, name: str
) -> None:
    event, audience = EVENTS.events[namespace, name], NAMESPACES[namespace]
    client = await _socket(arena, namespace)
    visit = arena.ids[audience, Scope.PARTY, "visit_id"]
    joined = await client.call("call.join", {"visit_id": visit}, namespace=namespace)
    arena.ids[audience, Scope.OWNER, "leg_id"] = joined["leg_id"]
    arena.ids[audience, Scope.PARTY, "participant_id"] = joined["participant_id"]
    if (namespace, "check.join") in EVENTS.events:
        test = await client.call("check.join", {}, namespace=namespace)
        arena.ids[audience, Scope.OWNER, "check_id"] = test["check_id"]
    payload = example(event.payload, arena.ids_for(event.scope, audience))
    if "screen_on" in payload:
        payload["screen_on"] = False
    before = await arena.rows()
    first = await client.call(name, payload, namespace=namespace)
    held = len(arena.media.legs), arena.media.presenting, dict(arena.media.switched)
    again = await client.call(name, payload, namespace=namespace)
    assert first["ok"] is again["ok"] is True, (first, again)
    if event.repeat is not Repeat.REPLACES:
        assert first == again
        assert held == (len(arena.media.legs), arena.media.presenting, arena.media.switched)
    # Something new in the place of the old, never beside it.
    assert len(arena.media.legs) == held[0]
    allowed = {"access_log", "access_heads"} if name == "call.join" else set()
    assert _changed(before, await arena.rows()) <= allowed
