"""Whatever is sent twice happens once: every change over HTTP, every event of the socket.

Who declares a route or an event has it walked here. What a route needs in order to be granted, and
what else could be asked of it, is said in ``READY`` and found by itself where nothing is.
"""

import uuid
from typing import Any

import pytest

from server.app.build import all_routes
from server.kit.actor import Audience
from server.kit.permissions import Scope
from signaling.connections import NAMESPACES
from signaling.namespaces import all_events
from signaling.namespaces.table import Repeat
from tests.permissions.arena import Arena, Rows
from tests.permissions.callers import INSIDE
from tests.permissions.example import example
from tests.permissions.ready import READY, Body, G, P, Ready, S

pytestmark = pytest.mark.permissions
#: What is looked for is a name, which stands in no address: so a body asks, and changes nothing.
LOOKS = {"/api/v1/staff/admin/people/search"}
MUTATING = [route for route in all_routes() if route.mutating and route.path not in LOOKS]
EVENTS = all_events()
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
        elsewhere = BY_NAME[ELSEWHERE[audience]]
        if ready.caller == "an administrator":
            elsewhere = BY_NAME[f"POST {S}/admin/clinics"]
        refused = await arena.call(session, elsewhere, headers=key)
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
