"""The matrix of the socket: every caller with every event in both namespaces."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest
import socketio

from server.kit.actor import Audience
from server.kit.ids import new_id
from server.kit.permissions import Scope
from signaling.connections import NAMESPACES
from signaling.namespaces import all_events
from signaling.namespaces.table import Event
from signaling.wire.requests import REQUESTS
from tests.permissions.arena import NAMES, TEXTS, Arena
from tests.permissions.callers import CALLERS, INSIDE, Caller, Session, Verdict
from tests.permissions.example import example
from tests.signaling.stage import eventually

pytestmark = pytest.mark.permissions
EVENTS = all_events()
PLACES = [(namespace, name) for namespace in NAMESPACES for name in REQUESTS]
Answer = dict[str, Any]


@dataclass
class Sockets:
    """A socket for each caller who has a session in the namespace."""

    arena: Arena
    namespace: str
    open: dict[str, socketio.AsyncClient]

    async def ask(self, name: str, event: str, payload: Answer) -> Answer:
        answer: Answer = await self.open[name].call(
            event, payload, namespace=self.namespace, timeout=8
        )
        return answer


async def _connect(arena: Arena, namespace: str) -> Sockets:
    audience = NAMESPACES[namespace]
    sockets = Sockets(arena, namespace, {})
    for name, session in arena.sessions.items():
        client = await arena.connect(session, namespace)
        expected = session.caller.audience is audience and not session.caller.ended
        assert (client is not None) == expected, name
        if client is not None:
            sockets.open[name] = client
    return sockets


async def _legs(arena: Arena) -> None:
    """Anna, Karin and a guest are in the call, so that there are legs to lay hands on."""
    for audience, name in INSIDE.items():
        namespace = f"/{audience}"
        visit = arena.ids[audience, Scope.PARTY, "visit_id"]
        client = await arena.connect(arena.sessions[name], namespace)
        assert client is not None
        joined = await client.call("call.join", {"visit_id": visit}, namespace=namespace)
        arena.ids[audience, Scope.OWNER, "leg_id"] = joined["leg_id"]
        if EVENTS.find(namespace, "check.join"):
            test = await client.call("check.join", {}, namespace=namespace)
            arena.ids[audience, Scope.OWNER, "check_id"] = test["check_id"]
        for other in Audience:
            if other is not audience:
                arena.ids[other, Scope.PARTY, "participant_id"] = joined["participant_id"]


def _payload(
    arena: Arena, audience: Audience, event: Event, without: Caller | None = None
) -> Answer:
    payload = example(event.payload, arena.ids_for(event.scope, audience, without))
    # Guests share no screen, whoever they are.
    return payload | {"screen_on": False} if "screen_on" in payload else payload


def _leaks(answer: Answer) -> list[str]:
    return [secret for secret in (*NAMES, *TEXTS) if secret in str(answer)]


async def _state(arena: Arena) -> tuple[Any, ...]:
    return await arena.rows(), dict(arena.media.legs), list(arena.media.answered)


@pytest.mark.parametrize(("namespace", "name"), PLACES)
async def test_everybody_sends(arena: Arena, namespace: str, name: str) -> None:
    audience, event = NAMESPACES[namespace], EVENTS.find(namespace, name)
    await _legs(arena)
    sockets = await _connect(arena, namespace)
    before = await _state(arena)
    verdicts = {
        each.name: Verdict.NOT_FOUND
        if event is None
        else each.verdict(event.permission, event.scope)
        for each in CALLERS
        if each.name in sockets.open
    }
    for caller, verdict in verdicts.items():
        if event is None:
            refused = await sockets.ask(caller, name, {})
            assert refused["error"]["code"] == "request.unknown_event"
        elif verdict is not Verdict.PASSED:
            payload = _payload(arena, audience, event)
            answer = await sockets.ask(caller, name, payload)
            who = arena.sessions[caller].caller
            missing = _payload(arena, audience, event, without=who)
            assert answer == await sockets.ask(caller, name, missing), caller
            assert not _leaks(answer)
            if name == "sync" and audience is who.audience:
                _tells_of(answer, who)
            if not (event.omits and verdict in {Verdict.NOT_FOUND, Verdict.OFF_DUTY}):
                assert _verdict(answer) is verdict, (caller, answer)
        assert await _state(arena) == before, caller
    for caller, verdict in verdicts.items():
        if event is not None and verdict is Verdict.PASSED:
            answer = await sockets.ask(caller, name, _payload(arena, audience, event))
            assert answer["ok"] is True, (caller, answer)


def _verdict(answer: Answer) -> Verdict | None:
    if answer["ok"]:
        return None
    code = answer["error"]["code"]
    # A leg that is not one's own: the same as none.
    # "replaced" speaks of one's own leg alone, whatever was named.
    return Verdict.NOT_FOUND if code in {"call.no_leg", "call.replaced"} else Verdict(code)


def _tells_of(answer: Answer, caller: Caller) -> None:
    """What is one's own is in the heartbeat's answer, and nothing else."""
    if caller.audience is Audience.GUEST:
        assert answer["visits"] == answer["tickets"] == []
        assert answer["queue"] is None
        assert answer["guest"]["state"] == ("admitted" if caller.admitted else "waiting")
        return
    assert answer["guest"] is None
    is_patient = caller.audience is Audience.PATIENT
    assert bool(answer["visits"]) == (Scope.PARTY in caller.may)
    assert bool(answer["tickets"]) == (is_patient and Scope.OWNER in caller.may)
    assert (answer["queue"] is not None) == (not is_patient and Scope.DUTY in caller.may)


async def test_nobody_in_a_call_has_a_hold_on_anothers_leg(arena: Arena) -> None:
    await _legs(arena)
    before = await _state(arena)
    for mine, theirs in permutations(INSIDE, 2):
        sockets = await _connect(arena, f"/{mine}")
        caller = INSIDE[mine]
        for (namespace, name), event in EVENTS.events.items():
            own = {"leg_id", "check_id"} & event.scope.keys()
            if namespace == f"/{mine}" and own:
                # A guest has no test of the equipment: then it is nobody's.
                others = {key: arena.ids.get((theirs, Scope.OWNER, key), new_id()) for key in own}
                payload = _payload(arena, mine, event) | others
                answer = await sockets.ask(caller, name, payload)
                assert event.omits or _verdict(answer) is Verdict.NOT_FOUND, name
    assert await _state(arena) == before


async def test_what_is_told_to_an_account_reaches_nobody_else(arena: Arena) -> None:
    """Hints need no permission of their own: they go to rooms, and these are the accounts'."""
    heard: dict[str, list[tuple[str, Any]]] = {}
    for namespace in NAMESPACES:
        sockets = await _connect(arena, namespace)
        for name, client in sockets.open.items():
            client.on("*", _into(heard.setdefault(name, [])), namespace=namespace)
    sender = arena.sessions["the patient"]
    visit = arena.ids[Audience.PATIENT, Scope.PARTY, "visit_id"]
    await _post(arena, sender, visit)
    parties = {"the patient", "the clinician"}
    await eventually(lambda: all(_lines(heard[name]) for name in parties))
    assert {name for name, told in heard.items() if _lines(told)} == parties
    for name, told in heard.items():
        named = {value for _, hint in told for key, value in hint.items() if key.endswith("_id")}
        assert visit not in named or name in parties
        ticket = arena.ids[Audience.PATIENT, Scope.OWNER, "ticket_id"]
        assert ticket not in named or name == "the patient"
        assert not _leaks({"told": [hint for event, hint in told if event != "message.posted"]})


def _lines(told: list[tuple[str, Any]]) -> list[Any]:
    return [hint for name, hint in told if name == "message.posted"]


def _into(told: list[tuple[str, Any]]) -> Any:
    async def hear(event: str, payload: Any) -> None:
        told.append((event, payload))

    return hear


async def _post(arena: Arena, session: Session, visit: str) -> None:
    path = f"/api/v1/patient/visits/{visit}/messages"
    reply = await arena.request(
        session, "POST", path, json={"client_id": new_id(), "body": "Bara till Karin"}
    )
    assert reply.status == 201
