"""A server that hung, and wakes, allows nothing by what it knew before."""

import asyncio
from datetime import timedelta

import pytest

from server.clinics import service as clinics
from server.kit.errors import Busy
from server.kit.ids import new_id
from server.login.sessions import SessionStore
from tests.signaling.stage import DOCTOR
from tests.signaling.town import Town

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.parametrize("engine", ["postgres"], indirect=True),
]


@pytest.mark.parametrize("what", ["session", "commission"])
async def test_who_hung_judges_no_event_by_what_was_allowed_before(
    town: Town, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr("server.login.sessions.UNHEARD", timedelta(0))
    bo = await town.b.clinician("Bo")
    board = await town.b.tab(bo)
    watch = {"clinic_id": town.b.clinic, "profession": "doctor"}
    await board.ok("queue.watch", **watch)
    tail = town.b.database._tail
    assert tail is not None
    await tail.stop()
    if what == "session":
        await town.a.sessions.end(bo.actor.session_id)
    else:
        at = town.a.clinic, DOCTOR
        await town.a.write(clinics.end_commission, bo.actor.account_id, *at)
    tail._looked -= 10
    refused = await board.refused("queue.watch", **watch)
    assert refused == ("session.required" if what == "session" else "permission.denied")


@pytest.mark.parametrize("how", ["refuses", "hangs"])
async def test_what_needs_no_database_goes_on_while_it_can_not_be_read(
    town: Town, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    board = await town.b.tab(await town.b.clinician("Bo"))
    tail = town.b.database._tail
    assert tail is not None
    await tail.stop()
    tail._looked -= 10

    async def away(*_: object) -> None:
        if how == "refuses":
            raise Busy
        await asyncio.sleep(60)

    monkeypatch.setattr("signaling.namespaces.dispatch.LOOK_LIMIT", 0.05)
    monkeypatch.setattr(SessionStore, "actor_for", away)
    assert (await board.ok("queue.unwatch"))["ok"]
    line = {"visit_id": new_id(), "client_id": new_id(), "body": "Hej"}
    assert await board.refused("message.send", **line) == "server.busy"


async def test_who_hung_asks_whether_a_session_lives_before_it_has_heard(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.login.sessions.UNHEARD", timedelta(0))
    anna = await town.a.patient("Anna")
    async with town.b.http.get("/api/v1/patient/session", headers=anna.headers) as answer:
        assert answer.status == 200
    # As in a process that was stopped: it has not looked, and what was asked meanwhile comes first.
    tail = town.b.database._tail
    assert tail is not None
    await tail.stop()
    await town.a.sessions.end(anna.actor.session_id)
    tail._looked -= 10
    async with town.b.http.get("/api/v1/patient/session", headers=anna.headers) as answer:
        assert answer.status == 401
