"""The socket as clients meet it: who gets in, who hears what, what is refused."""

import asyncio

import aiohttp
import pytest
import socketio

from server.accounts import service as accounts
from server.kit.db import UnitOfWork
from server.kit.ids import new_id
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.visits import service as visits
from server.visits.domain import ModeReason
from signaling.pace import TokenBucket
from tests.signaling.stage import DOCTOR, Person, Stage, eventually


async def _refused(stage: Stage, namespace: str, headers: dict[str, str]) -> object:
    client = stage.browser()
    seen: list[object] = []

    async def on_error(data: object) -> None:
        seen.append(data)

    client.on("connect_error", on_error, namespace=namespace)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(
            stage.url, headers=headers, namespaces=[namespace], transports=["websocket"]
        )
    await client.disconnect()
    return seen[-1] if seen else None


async def test_no_session_no_socket(stage: Stage) -> None:
    patient = await stage.patient()
    for namespace, headers in (
        ("/patient", {}),
        ("/patient", {"Cookie": "vardrum-patient=noise"}),
        ("/staff", patient.headers),
        ("/staff", {"Cookie": f"vardrum-staff={patient.token}"}),
    ):
        data = await _refused(stage, namespace, headers)
        assert data == {
            "message": "There is no session, or it has ended.",
            "data": {"code": "session.required"},
        }
    assert not len(stage.signaling.connections)


async def test_a_given_password_opens_no_socket(stage: Stage) -> None:
    anna = await stage.clinician()
    await stage.write(lambda uow: accounts.give_password(uow, anna.actor.account_id, "-"))
    data = await _refused(stage, "/staff", anna.headers)
    assert data == {
        "message": "Change the password first",
        "data": {"code": "password.change_first"},
    }
    await stage.write(lambda uow: accounts.change_password(uow, anna.actor.account_id, "-"))
    assert (await (await stage.tab(anna)).ok("sync", visits=[], tickets=[], queue=None))["ok"]


async def test_another_sites_page_gets_nowhere(stage: Stage) -> None:
    patient = await stage.patient()
    await _refused(stage, "/patient", {**patient.headers, "Origin": "https://evil.example"})
    assert not len(stage.signaling.connections)
    tab = await stage.tab(patient)
    assert (await tab.ok("sync", visits=[], tickets=[], queue=None))["tickets"] == []


async def test_polling_is_not_offered(stage: Stage) -> None:
    async with stage.http.get("/socket.io/?EIO=4&transport=polling") as response:
        assert response.status == 400


async def test_frames_are_not_deflated(stage: Stage) -> None:
    async with stage.http.ws_connect("/socket.io/?EIO=4&transport=websocket", compress=15) as ws:
        assert not ws.compress


async def test_places_are_told_and_a_burst_is_one_hint(stage: Stage) -> None:
    people = [await stage.patient(f"P{n}") for n in range(4)]
    tickets = [await stage.queue(person) for person in people]
    last = await stage.tab(people[-1])
    bo = await stage.clinician()
    staff = await stage.tab(bo)
    watched = await staff.ok("queue.watch", clinic_id=stage.clinic, profession="doctor")
    await asyncio.sleep(0.2)
    last.heard.clear()
    staff.heard.clear()

    def two_leave(uow: UnitOfWork) -> None:
        for person, view in list(zip(people, tickets, strict=True))[:2]:
            queueing.leave(uow, person.actor, view.ticket.id)

    await stage.write(two_leave)
    hint = await last.until("ticket.changed", place=2)
    assert hint["waiting_total"] == 2
    assert hint["state"] == "waiting"
    changed = await staff.until("queue.changed")
    assert changed["version"] > watched["version"]
    await asyncio.sleep(0.2)
    assert len(last.hints("ticket.changed")) == 1
    assert {payload["ticket_id"] for payload in last.hints("ticket.changed")} == {
        tickets[-1].ticket.id
    }


async def test_a_queue_is_watched_only_from_duty(stage: Stage) -> None:
    bo = await stage.clinician(on_duty=False)
    tab = await stage.tab(bo)
    here = {"clinic_id": stage.clinic, "profession": "doctor"}
    assert await tab.refused("queue.watch", **here) == "duty.off"
    await stage.write(queueing.set_duty, bo.actor, DutyState.ON, stage.clinic, DOCTOR)
    assert await tab.refused("queue.watch", clinic_id=new_id(), profession="doctor") == "not_found"
    known = {**here, "version": (await tab.ok("queue.watch", **here))["version"]}
    assert (await tab.ok("sync", visits=[], tickets=[], queue=known))["queue"] == known
    await stage.write(queueing.set_duty, bo.actor, DutyState.OFF)
    await asyncio.sleep(0.2)
    tab.heard.clear()
    await stage.queue(await stage.patient())
    await asyncio.sleep(0.2)
    assert not tab.heard
    assert (await tab.ok("sync", visits=[], tickets=[], queue=known))["queue"] is None
    assert (await tab.ok("queue.unwatch"))["ok"]


async def test_take_join_mode_and_end_are_told_to_both(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    patient, staff = await stage.tab(anna), await stage.tab(bo)
    ticket = await stage.queue(anna)
    called = await stage.write(visits.call_next, bo.actor)
    visit_id = called.visit.id
    hint = await patient.until("ticket.changed", state="called")
    assert (hint["ticket_id"], hint["visit_id"]) == (ticket.ticket.id, visit_id)
    await patient.until("visit.changed", state="called")
    await stage.write(visits.join, anna.actor, visit_id)
    joined = await staff.until("visit.changed", state="in_progress")
    line = await staff.until("message.posted", sender="system")
    assert line["body"] == "joined.patient"
    assert line["sent_at"].endswith("Z")
    assert joined["last_seq"] == line["seq"] == 1
    await stage.write(
        visits.set_mode, anna.actor, visit_id, Channel.CHAT, ModeReason.PERMISSION_DENIED
    )
    mode = await staff.until("visit.changed", mode="chat")
    assert (mode["mode_reason"], mode["mode_by"]) == ("permission_denied", "patient")
    await stage.write(visits.leave, anna.actor, visit_id)
    await staff.until("visit.changed", patient_left=True)
    await stage.write(visits.end, bo.actor, visit_id)
    await patient.until("visit.changed", state="ended")
    await patient.until("ticket.changed", state="done")
    assert await patient.refused(
        "message.send", visit_id=visit_id, client_id=new_id(), body="sent"
    ) == ("visit.closed")


async def test_what_is_not_yours_does_not_exist(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    ticket = (await stage.queue(await stage.patient("Dag"))).ticket.id
    for stranger in (await stage.patient("Cia"), await stage.clinician("Eva")):
        tab = await stage.tab(stranger)
        for asked in (visit_id, new_id()):
            message = {"visit_id": asked, "client_id": new_id(), "body": "Hej"}
            leg = {"visit_id": asked, "leg_id": new_id()}
            assert await tab.refused("message.send", **message) == "not_found"
            assert await tab.refused("call.join", visit_id=asked) == "not_found"
            assert await tab.refused("call.answer", **leg, sdp="v=0") == "call.no_leg"
            assert await tab.refused("call.restart", **leg) == "call.no_leg"
            assert await tab.refused("call.state", **leg, mic_on=True, camera_on=True) == (
                "call.no_leg"
            )
        known = await tab.ok(
            "sync",
            visits=[{"visit_id": visit_id, "version": 1, "last_seq": 0}],
            tickets=[{"ticket_id": ticket, "version": 1}],
            queue=None,
        )
        assert (known["visits"], known["tickets"]) == ([], [])
        assert not tab.heard


async def test_staff_events_are_unknown_to_patients(stage: Stage) -> None:
    tab = await stage.tab(await stage.patient())
    for name in ("queue.watch", "queue.unwatch", "no.such", "connect", "disconnect", "message"):
        assert await tab.refused(name) == "request.unknown_event"


async def test_presence_and_the_heartbeat(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    staff = await stage.tab(bo)
    first, second = await stage.tab(anna), await stage.tab(anna)
    await staff.until("presence.changed", visit_id=visit_id, role="patient", online=True)
    known = {"visit_id": visit_id, "version": 1, "last_seq": 0}
    seen = await staff.ok("sync", visits=[known], tickets=[], queue=None)
    assert seen["visits"][0]["peer_online"] is True
    assert seen["visits"][0]["last_seq"] == 1
    await first.cut()
    await asyncio.sleep(0.3)
    assert not [p for p in staff.hints("presence.changed") if not p["online"]]
    await second.cut()
    await staff.until("presence.changed", online=False)
    seen = await staff.ok("sync", visits=[known], tickets=[], queue=None)
    assert seen["visits"][0]["peer_online"] is False


async def test_a_session_that_ends_closes_its_sockets_alone(stage: Stage) -> None:
    anna = await stage.patient()
    token, other = await stage.sessions.open(anna.actor.account_id, anna.actor.audience, "k", None)
    tab, elsewhere = await stage.tab(anna), await stage.tab(Person(other.actor, token))
    await stage.sessions.end(anna.actor.session_id)
    assert (await tab.until("session.ended"))["reason"] == "revoked"
    await eventually(lambda: len(stage.signaling.connections) == 1)
    assert not elsewhere.heard
    assert (await elsewhere.ok("sync", visits=[], tickets=[], queue=None))["ok"]
    await _refused(stage, "/patient", anna.headers)


async def test_drain_sends_everybody_to_come_back(stage: Stage) -> None:
    # What counts is the number of sockets, not of people.
    people = [await stage.patient() for _ in range(4)]
    tabs = [await stage.tab(people[n % 4]) for n in range(100)]
    quiet = await stage.http.ws_connect("/socket.io/?EIO=4&transport=websocket")
    loop = asyncio.get_running_loop()
    began = loop.time()
    await stage.signaling.drain()
    assert loop.time() - began < 0.8
    pauses = [(await tab.until("drain"))["reconnect_in_ms"] for tab in tabs]
    assert all(200 <= pause < 2000 for pause in pauses)
    assert len(set(pauses)) > 5
    await eventually(lambda: len(stage.signaling.connections) == 0)
    await quiet.close()
    with pytest.raises((socketio.exceptions.ConnectionError, aiohttp.ClientError)):
        await stage.tab(tabs[0].person)
    # No answer, or a proxy would pass it on instead of asking another server.
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await stage.http.ws_connect("/socket.io/?EIO=4&transport=websocket")


async def test_who_asks_too_often_is_told_so(stage: Stage) -> None:
    tab = await stage.tab(await stage.patient())
    connection = stage.signaling.connections.get(tab.client.get_sid(tab.person.namespace))
    assert connection is not None
    # Nothing is saved up again, however long the answers take.
    connection.pace = TokenBucket(rate=0.0001, burst=40)
    answers = await asyncio.gather(
        *(tab.ask("sync", {"visits": [], "tickets": [], "queue": None}) for _ in range(60))
    )
    refused = [each["error"] for each in answers if not each["ok"]]
    assert len(refused) == 20
    assert {each["code"] for each in refused} == {"request.throttled"}
    assert refused[0]["retry_after"] >= 1
