"""What fails in the middle: one event, one read, one handshake. Everything else goes on."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import socketio

import signaling.app
from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import Busy
from server.kit.ids import new_id
from server.queueing import service as queueing
from server.queueing.domain import Channel, TicketEvent
from server.visits import service as visits
from signaling import hint_relay
from signaling.auth import actor_of_handshake
from signaling.hint_relay import HintRelay
from signaling.namespaces import sync
from tests import full_disk
from tests.signaling.stage import DOCTOR, Stage, eventually


async def test_a_connection_that_ends_before_it_is_let_in_leaves_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await stage.patient()
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(namespace: str, environ: dict[str, Any]) -> tuple[Actor, str]:
        asked.set()
        await go_on.wait()
        return anna.actor, anna.token

    monkeypatch.setattr(signaling.app, "actor_of_handshake", slow)
    eio = stage.signaling._sio.eio
    async with stage.http.ws_connect("/socket.io/?EIO=4&transport=websocket") as ws:
        await ws.send_str("40/patient,")
        await asked.wait()
        (socket,) = eio.sockets.values()
        await socket.close(wait=False, abort=True)  # as when no pong comes
        go_on.set()
        await eventually(lambda: ws.closed or not eio.sockets)
        await asyncio.sleep(0.05)
    assert len(stage.signaling.connections) == 0
    assert not stage.signaling.presence.has_socket(anna.actor.account_id)


async def test_one_bad_event_costs_no_other_hint(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await stage.patient()
    tab = await stage.tab(anna)
    real = HintRelay._ticket
    failed: list[TicketEvent] = []

    def once(relay: HintRelay, event: TicketEvent) -> None:
        if not failed:
            failed.append(event)
            raise RuntimeError
        real(relay, event)

    monkeypatch.setattr(HintRelay, "_ticket", once)

    def twice(uow: UnitOfWork) -> None:
        view = queueing.join(uow, anna.actor, stage.clinic, DOCTOR, "Hosta", Channel.VIDEO)
        queueing.leave(uow, anna.actor, view.ticket.id)

    await stage.write(twice)  # both events in one batch
    await tab.until("ticket.changed", state="left")
    assert failed


async def test_a_queue_that_could_not_be_read_is_told_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await stage.patient()
    tab = await stage.tab(anna)
    real = stage.database.read
    refused: list[object] = []

    async def busy(fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if fn is hint_relay._places and len(refused) < 2:
            refused.append(fn)
            raise Busy("Too many reads are waiting.")
        return await real(fn, *args, **more)

    monkeypatch.setattr(stage.database, "read", busy)
    await stage.queue(anna)
    assert (await tab.until("ticket.changed", state="waiting"))["place"] == 1
    assert len(refused) == 2


async def test_a_session_that_ends_during_the_handshake_lets_nobody_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await stage.patient()
    asked = 0

    async def ends_meanwhile(namespace: str, environ: dict[str, Any]) -> tuple[Actor, str]:
        nonlocal asked
        asked += 1
        found = await actor_of_handshake(namespace, environ)
        if asked == 1:
            await stage.sessions.end(anna.actor.session_id)
        return found

    monkeypatch.setattr(signaling.app, "actor_of_handshake", ends_meanwhile)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await stage.tab(anna)
    assert len(stage.signaling.connections) == 0
    assert asked == 2


async def test_one_account_has_a_bounded_number_of_sockets(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signaling.app, "MOST_SOCKETS", 2)
    anna, other = await stage.patient(), await stage.patient()
    first = await stage.tab(anna)
    await stage.tab(anna)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await stage.tab(anna)
    await stage.tab(other)
    await first.cut()
    await eventually(lambda: stage.signaling.presence.sockets(anna.actor.account_id) == 1)
    await stage.tab(anna)


async def test_a_visit_that_ends_during_a_heartbeat_is_not_noted_as_open(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    tab = await stage.tab(anna)
    await eventually(lambda: len(stage.signaling.pairs) == 1)
    real = stage.database.read_promptly

    async def slow(fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        found = await real(fn, *args, **more)
        if fn is sync._look:
            await stage.write(visits.end, bo.actor, visit_id)
            await eventually(lambda: len(stage.signaling.pairs) == 0)
        return found

    monkeypatch.setattr(stage.database, "read_promptly", slow)
    held = [{"visit_id": visit_id, "version": 1, "last_seq": 0}]
    await tab.ok("sync", visits=held, tickets=[], queue=None)
    assert len(stage.signaling.pairs) == 0


async def test_a_line_that_can_not_be_stored_is_refused_with_what_to_do(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    tab = await stage.tab(anna, unhurried=True)
    first = {"visit_id": visit_id, "client_id": new_id(), "body": "Hej"}
    stored = (await tab.ask("message.send", first))["message"]["seq"]
    await stage.write(full_disk.fill)
    while True:
        line = {"visit_id": visit_id, "client_id": new_id(), "body": "Hej " * 400}
        answer = await tab.ask("message.send", line)
        if not answer["ok"]:
            break
        stored += 1
        assert stored < 200
    assert answer["error"]["code"] == "server.storage"
    assert answer["error"]["retry_after"] >= 5
    await stage.write(full_disk.make_room)
    again = await tab.ask("message.send", line)
    assert (again["ok"], again["message"]["seq"]) == (True, stored + 1)
