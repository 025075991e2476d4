"""Two servers on one PostgreSQL: whichever one is at, it is one service; with Redis and without."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from server.clinics import service as clinics
from server.clinics.tables import commissions
from server.kit.backend import Backend
from server.kit.bus import Alone
from server.kit.db import Database, UnitOfWork
from server.kit.ids import new_id
from server.kit.postgres import PostgresBackend
from server.kit.settings import Settings
from server.queueing import service as queueing
from server.queueing.domain import DutyState
from server.visits import service as visits
from tests.signaling.stage import DOCTOR, Person, Stage, Tab, eventually
from tests.signaling.town import PATIENCE, Town

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.parametrize("engine", ["postgres"], indirect=True),
]
# Seconds for which they do without a bus.
AWAY = 5.0


async def says(tab: Tab, visit_id: str, body: str) -> None:
    await tab.ok("message.send", visit_id=visit_id, client_id=new_id(), body=body)


async def all_told(tab: Tab, count: int) -> None:
    """Each line reached the socket; some perhaps twice, which pages forgive."""

    def told() -> set[int]:
        return {hint["seq"] for hint in tab.hints("message.posted") if hint["sender"] != "system"}

    def whole() -> bool:
        return len(told()) == count

    await eventually(whole, PATIENCE)


async def holds(tab: Tab, visit_id: str) -> dict[str, Any]:
    """What the heartbeat says of the visit."""
    known = {"visit_id": visit_id, "version": 1, "last_seq": 0}
    answer = await tab.ok("sync", visits=[known], tickets=[], queue=None)
    return cast("dict[str, Any]", answer["visits"][0])


async def test_a_visit_whose_two_sides_are_at_two_servers(town: Town) -> None:
    anna, bo = await town.a.patient("Anna"), await town.b.clinician("Bo")
    board, phone = await town.b.tab(bo), await town.a.tab(anna)
    await board.ok("queue.watch", clinic_id=town.b.clinic, profession="doctor")
    # Into the queue at A: the board at B hears of it. Called at B: the phone at A hears.
    await town.a.queue(anna)
    await board.until("queue.changed")
    called = await town.b.write(visits.call_next, bo.actor)
    await phone.until("ticket.changed", state="called")
    await phone.until("visit.changed", visit_id=called.visit.id, state="called")
    await town.a.write(visits.join, anna.actor, called.visit.id)
    await board.until("visit.changed", visit_id=called.visit.id, state="in_progress")
    for number in range(10):
        await says(phone, called.visit.id, f"a{number}")
        await says(board, called.visit.id, f"b{number}")
    await all_told(phone, 20)
    await all_told(board, 20)


async def test_who_is_there_is_known_at_both(town: Town) -> None:
    anna, bo = await town.a.patient("Anna"), await town.b.clinician("Bo")
    visit_id = await town.a.visit(anna, bo)
    phone, board = await town.a.tab(anna), await town.b.tab(bo)
    here = town.b.signaling.presence
    await eventually(lambda: here.is_online(anna.actor.account_id))
    assert (await holds(board, visit_id))["peer_online"] is True
    # She moves to the other server: nobody is told that she had gone.
    moved = await town.b.tab(anna)
    await phone.cut()
    await eventually(lambda: not town.a.signaling.presence.here())
    await asyncio.sleep(0.5)  # the grace of these tests is 0.15 s
    assert here.is_online(anna.actor.account_id)
    assert board.hints("presence.changed") == []
    await moved.cut()
    await board.until("presence.changed", visit_id=visit_id, role="patient", online=False)
    there = town.a.signaling.presence
    await eventually(lambda: not there.is_online(anna.actor.account_id))


async def test_whose_server_died_has_gone_after_a_while(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.presence.elsewhere.DEAD_AFTER", 1.5)
    anna, bo = await town.a.patient("Anna"), await town.b.clinician("Bo")
    visit_id = await town.a.visit(anna, bo)
    await town.a.tab(anna)
    board = await town.b.tab(bo)
    await holds(board, visit_id)
    await eventually(lambda: town.b.signaling.presence.is_online(anna.actor.account_id))
    # Killed: not a word more is heard of it.
    monkeypatch.setattr(town.a.bus, "publish", lambda _topic, _word: None)
    await board.until("presence.changed", visit_id=visit_id, role="patient", online=False)


@pytest.mark.parametrize("how", ["there", "killed", "stopped"])
async def test_a_session_that_ends_at_one_ends_at_the_other(town: Town, how: str) -> None:
    anna = await town.a.patient("Anna")
    phone = await town.b.tab(anna)
    cookie = anna.headers
    async with town.b.http.get("/api/v1/patient/session", headers=cookie) as answer:
        assert answer.status == 200
    if how != "there":
        await town.lose_redis(how)
    await town.a.sessions.end(anna.actor.session_id)
    await phone.until("session.ended", reason="revoked")
    await eventually(lambda: not phone.client.connected)
    async with town.b.http.get("/api/v1/patient/session", headers=cookie) as answer:
        assert answer.status == 401


async def test_a_commission_given_by_a_command_is_known_at_once(
    town: Town, settings: Settings
) -> None:
    eva = await _without_commission(town)
    board = await town.b.tab(eva)
    watch = {"clinic_id": town.b.clinic, "profession": "doctor"}
    assert await board.refused("queue.watch", **watch) == "permission.denied"
    assert isinstance(town.a.database.backend, PostgresBackend)
    # As `vardrum create-account` does: it commits and ends, and rings for nobody.
    command = Database(PostgresBackend(town.a.database.backend.url))
    await command.start()
    await command.write(clinics.commission, eva.actor.account_id, town.a.clinic, DOCTOR)
    await command.stop()
    connections = town.b.signaling.connections.of_account(eva.actor.account_id)
    await eventually(lambda: bool(connections[0].actor.commissions))
    await town.b.write(queueing.set_duty, connections[0].actor, DutyState.ON, town.b.clinic, DOCTOR)
    await board.ok("queue.watch", **watch)


async def _without_commission(town: Town) -> Person:
    eva = (await town.b.clinician("Eva", on_duty=False)).actor

    def revoke(uow: UnitOfWork) -> None:
        uow.conn.execute(commissions.delete().where(commissions.c.account_id == eva.account_id))

    await town.b.write(revoke)
    await town.b.sessions.end(eva.session_id)
    token, known = await town.b.sessions.open(eva.account_id, eva.audience, new_id(), None)
    return Person(known.actor, token)


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_redis_goes_away_amid_talk_and_nothing_is_lost(town: Town, how: str) -> None:
    anna, bo = await town.a.patient("Anna"), await town.b.clinician("Bo")
    visit_id = await town.a.visit(anna, bo)
    phone, board = await town.a.tab(anna), await town.b.tab(bo)
    others = [await town.a.patient(f"P{number}") for number in range(6)]
    await board.ok("queue.watch", clinic_id=town.b.clinic, profession="doctor")

    async def talk(tab: Tab, who: str, count: int) -> None:
        for number in range(count):
            await says(tab, visit_id, f"{who}{number}")
            await asyncio.sleep(0.1)

    talking = asyncio.gather(talk(phone, "a", 55), talk(board, "b", 55))
    await asyncio.sleep(0.3)
    await town.lose_redis(how)
    away_since = asyncio.get_running_loop().time()
    for other in others:
        await town.a.queue(other)
    newest = await town.b.database.read(queueing.watched_version, bo.actor, town.b.clinic, DOCTOR)
    # Told while Redis is away, not after it is back.
    await eventually(
        lambda: any(hint["version"] == newest for hint in board.hints("queue.changed")), PATIENCE
    )
    # Half of them are taken meanwhile, at either server, and the first hears of it; a call begins.
    first = await town.b.tab(others[0])
    order = []
    for number in range(3):
        doctor = await town.a.clinician()
        taken = await (town.a, town.b)[number % 2].write(visits.call_next, doctor.actor)
        order.append(taken.visit.patient_id)
    await first.until("ticket.changed", state="called")
    joined = await phone.ok("call.join", visit_id=visit_id)
    left = away_since + AWAY - asyncio.get_running_loop().time()
    await asyncio.sleep(max(0.0, left))
    await town.give_redis_back(how)
    await talking
    await all_told(phone, 110)
    await all_told(board, 110)
    assert (await phone.ok("call.leave", visit_id=visit_id, leg_id=joined["leg_id"]))["ok"]
    # The queue is as it would have been: in the order of coming, nobody twice.
    for _ in others[3:]:
        doctor = await town.a.clinician()
        order.append((await town.b.write(visits.call_next, doctor.actor)).visit.patient_id)
    assert order == [other.actor.account_id for other in others]


async def test_without_any_redis_they_hear_each_other_a_little_later(
    settings: Settings, new_backend: Callable[[], Backend]
) -> None:
    first = new_backend()
    assert isinstance(first, PostgresBackend)
    a = Stage(settings, Database(first), bus=Alone())
    b = Stage(settings, Database(PostgresBackend(first.url)), bus=Alone())
    await a.start()
    b.clinic = a.clinic
    await b.start()
    anna, bo = await a.patient("Anna"), await b.clinician("Bo")
    visit_id = await a.visit(anna, bo)
    phone, board = await a.tab(anna), await b.tab(bo)
    await says(phone, visit_id, "Hej")
    await board.until("message.posted", body="Hej")
    for stage in (b, a):
        await stage.stop()
