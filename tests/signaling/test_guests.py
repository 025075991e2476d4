"""Guests over the socket: the lobby, the call, the way out; and what each is told."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.guests import service as guests
from server.guests.domain import GuestRole
from server.guests.tables import guests as rows
from server.kit.db import UnitOfWork
from server.queueing.domain import Channel
from server.visits import service as visits
from server.visits.domain import ModeReason
from signaling.namespaces import sync
from tests.signaling.stage import Person, Stage, Tab, eventually


class Visit:
    """Anna and Bo in a visit, with a tab each."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def begin(self) -> "Visit":
        stage = self.stage
        self.anna, self.bo = await stage.patient("Anna Ask"), await stage.clinician("Bo Ek")
        self.id = await stage.visit(self.anna, self.bo)
        self.patient, self.staff = await stage.tab(self.anna), await stage.tab(self.bo)
        return self

    async def door(self, move: Callable[..., object], guest: Person, *how: bool) -> None:
        """What Bo does with a guest."""
        await self.stage.write(move, self.bo.actor, self.id, guest.actor.account_id, *how)

    async def come(
        self, role: GuestRole = GuestRole.RELATIVE, *, admitted: bool = True
    ) -> tuple[Person, Tab]:
        """A guest and a tab."""
        guest = await self.stage.guest(self.id, self.bo, role, admitted=admitted)
        return guest, await self.stage.tab(guest)

    async def join(self, tab: Tab) -> dict[str, str]:
        """Into the call; the leg."""
        joined = await tab.ok("call.join", visit_id=self.id)
        leg = {"visit_id": self.id, "leg_id": joined["leg_id"]}
        await tab.ok("call.answer", **leg, sdp="v=0 answer")
        return leg


@pytest.fixture
async def visit(stage: Stage) -> Visit:
    return await Visit(stage).begin()


def seated(hint: dict[str, object]) -> set[tuple[str, str]]:
    """Name and role of everybody in a seating."""
    slots: list[dict[str, str] | None] = hint["slots"]  # type: ignore[assignment]
    return {(seat["name"], seat["role"]) for seat in slots if seat is not None}


async def until_seated(tab: Tab, leg: dict[str, str], people: set[tuple[str, str]]) -> None:
    """Until the newest hint shows exactly these."""
    await eventually(
        lambda: any(
            hint["leg_id"] == leg["leg_id"] and seated(hint) == people
            for hint in tab.hints("call.slots")[-1:]
        )
    )


ANNA, BO = ("Anna", "patient"), ("Bo Ek", "clinician")
SISTER, INTERPRETER = ("Gäst relative", "relative"), ("Gäst interpreter", "interpreter")


async def test_a_guest_waits_is_let_in_is_seen_by_all_and_is_shown_out(visit: Visit) -> None:
    guest, tab = await visit.come(admitted=False)
    mine, theirs = await visit.join(visit.patient), await visit.join(visit.staff)
    assert await tab.refused("call.join", visit_id=visit.id) == "guest.not_admitted"
    waits = await visit.patient.until("guest.changed", state="waiting")
    assert (waits["visit_id"], waits["role"]) == (visit.id, "relative")
    await visit.door(guests.admit, guest, True)
    await tab.until("guest.state", state="admitted", mode="video")
    await visit.staff.until("guest.changed", state="admitted", guest_id=guest.actor.account_id)
    joined = await tab.ok("call.join", visit_id=visit.id)
    leg = {"visit_id": visit.id, "leg_id": joined["leg_id"]}
    assert seated(joined["seating"]) == {ANNA, BO}
    assert joined["peer"] == {"joined": False, "mic_on": False, "camera_on": False}
    await tab.ok("call.answer", **leg, sdp="v=0 answer")
    await tab.ok("call.state", **leg, mic_on=True, camera_on=False)
    assert "restart" in (await tab.ok("call.restart", **leg))["sdp"]
    await until_seated(visit.patient, mine, {BO, SISTER})
    await until_seated(visit.staff, theirs, {ANNA, SISTER})
    await visit.door(guests.remove, guest)
    await tab.until("guest.state", state="removed")
    assert (await tab.until("session.ended"))["reason"] == "revoked"
    await eventually(lambda: not tab.client.connected)
    assert not tab.hints("call.lost"), "the guest was told why"
    await until_seated(visit.patient, mine, {BO})
    assert len(visit.stage.media.legs) == 2
    assert {hint["role"] for hint in visit.patient.hints("call.peer")} == {"clinician"}


async def test_six_people_and_no_seventh(visit: Visit) -> None:
    roles = (*GuestRole, GuestRole.RELATIVE)
    tabs = [visit.patient, visit.staff, *[(await visit.come(role))[1] for role in roles]]
    legs = [await visit.join(tab) for tab in tabs]
    everybody = {ANNA, BO, *((f"Gäst {role}", role.value) for role in roles)}
    await until_seated(visit.patient, legs[0], everybody - {ANNA})
    assert len(visit.stage.media.legs) == 6
    answer = await visit.stage.http.post(
        f"/api/v1/staff/visits/{visit.id}/guests",
        json={"name": "För många", "role": "relative"},
        headers=visit.bo.headers | {"X-Vardrum": "1", "Idempotency-Key": "one-too-many"},
    )
    assert (answer.status, (await answer.json())["code"]) == (409, "guest.full")
    visit.stage.media.die()
    for tab, leg in zip(tabs, legs, strict=True):
        assert (await tab.until("call.lost", leg_id=leg["leg_id"]))["reason"] == "worker"
    await visit.join(tabs[-1])
    again = [await visit.join(tab) for tab in tabs[:-1]]
    await until_seated(visit.patient, again[0], everybody - {ANNA})


async def test_who_leaves_or_reloads_comes_back_without_asking(visit: Visit) -> None:
    guest, tab = await visit.come(GuestRole.INTERPRETER)
    mine = await visit.join(visit.patient)
    await visit.join(tab)
    await until_seated(visit.patient, mine, {INTERPRETER})
    await tab.cut()
    tab = await visit.stage.tab(guest)
    leg = await visit.join(tab)
    await visit.stage.write(guests.leave, guest.actor)
    await tab.until("guest.state", state="left")
    await until_seated(visit.patient, mine, set())
    assert await tab.refused("call.restart", **leg) == "call.no_leg"
    assert await tab.refused("call.join", visit_id=visit.id) == "guest.not_admitted"
    await visit.stage.write(guests.come_back, guest.actor)
    await visit.join(tab)
    await until_seated(visit.patient, mine, {INTERPRETER})
    assert {hint["leg_id"] for hint in visit.patient.hints("call.slots")} == {mine["leg_id"]}


async def test_while_the_visit_is_chat_guests_wait_and_hear_when_it_is_video(visit: Visit) -> None:
    _, tab = await visit.come()
    await visit.join(tab)
    write, anna = visit.stage.write, visit.anna.actor
    await write(visits.set_mode, anna, visit.id, Channel.CHAT, ModeReason.MEDIA_BLOCKED)
    told = await tab.until("guest.state", mode="chat")
    assert told["state"] == "admitted"
    await eventually(lambda: not visit.stage.media.legs)
    assert await tab.refused("call.join", visit_id=visit.id) == "call.not_video"
    await write(visits.set_mode, anna, visit.id, Channel.VIDEO, ModeReason.CHOSEN)
    back = await tab.until("guest.state", mode="video", version=told["version"] + 1)
    assert back["state"] == "admitted"
    await visit.join(tab)


async def test_the_visits_end_ends_the_guests_sessions_and_legs(visit: Visit) -> None:
    _, inside = await visit.come()
    _, outside = await visit.come(admitted=False)
    await visit.join(inside)
    await visit.stage.write(visits.end, visit.bo.actor, visit.id)
    for tab in (inside, outside):
        await tab.until("guest.state", state="expired")
        assert (await tab.until("session.ended"))["reason"] == "expired"
        await eventually(lambda tab=tab: not tab.client.connected)  # type: ignore[misc]
    assert not visit.stage.media.legs


async def test_the_heartbeat_finds_a_session_whose_time_is_over(visit: Visit) -> None:
    _, tab = await visit.come()

    def end(uow: UnitOfWork) -> None:
        uow.conn.execute(sa.update(rows).values(ends_at=uow.now))

    await visit.stage.write(end)
    assert await tab.refused("sync", visits=[], tickets=[], queue=None) == "session.required"
    assert (await tab.until("session.ended"))["reason"] == "expired"
    await eventually(lambda: not tab.client.connected)


async def test_the_heartbeat_makes_up_for_every_lost_hint(visit: Visit) -> None:
    guest, tab = await visit.come(admitted=False)
    nothing: dict[str, object] = {"visits": [], "tickets": [], "queue": None}
    before = (await tab.ok("sync", **nothing))["guest"]
    assert before["state"] == "waiting"
    assert before["guest_id"] == guest.actor.account_id
    await visit.door(guests.admit, guest, True)
    after = await tab.ok("sync", **nothing)
    assert (after["guest"]["state"], after["visits"]) == ("admitted", [])
    assert after["guest"]["version"] > before["version"]
    asked = nothing | {"visits": [{"visit_id": visit.id, "version": 1, "last_seq": 0}]}
    for party in (visit.patient, visit.staff):
        seen = await party.ok("sync", **asked)
        assert seen["guest"] is None
        (now,) = seen["visits"]
        path = f"/api/v1/{party.person.actor.audience}/visits/{visit.id}/guests"
        async with visit.stage.http.get(path, headers=party.person.headers) as listed:
            assert now["guests_version"] == (await listed.json())["version"] == 3


async def test_who_closed_the_page_in_the_lobby_is_away_until_it_is_open_again(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, tab = await visit.come(admitted=False)
    never = await visit.stage.guest(visit.id, visit.bo, admitted=False)
    inside = await visit.stage.guest(visit.id, visit.bo)
    asked = {"visits": [{"visit_id": visit.id, "version": 1, "last_seq": 0}]}

    async def away(party: Tab) -> set[str]:
        (now,) = (await party.ok("sync", **asked, tickets=[], queue=None))["visits"]
        return set(now["guests_away"])

    async def becomes(expected: set[str]) -> None:
        async with asyncio.timeout(10):
            while await away(visit.staff) != expected:
                await asyncio.sleep(0.05)

    assert await away(visit.staff) == set(), "there was no time for a connection yet"
    monkeypatch.setattr(sync, "AWAY_AFTER", timedelta(0))
    gone = {never.actor.account_id}
    assert await away(visit.staff) == await away(visit.patient) == gone
    await tab.client.disconnect()
    await becomes(gone | {guest.actor.account_id})
    assert inside.actor.account_id not in await away(visit.staff), "the call says where she is"
    await visit.stage.tab(guest)
    await becomes(gone)


async def test_a_guests_socket_hears_nothing_of_the_visit_itself(visit: Visit) -> None:
    _, tab = await visit.come()
    await visit.patient.ok(
        "message.send",
        visit_id=visit.id,
        client_id="01890000-0000-7000-8000-00000000000a",
        body="Bara till Bo",
    )
    await visit.staff.until("message.posted")
    await visit.stage.settle()
    assert not {name for name, _ in tab.heard} - {"guest.state"}
    for event in ("message.send", "queue.watch"):
        assert await tab.refused(event) == "request.unknown_event"


async def test_a_guests_tabs_are_one_person(visit: Visit) -> None:
    guest, first = await visit.come()
    second = await visit.stage.tab(guest)
    old = await visit.join(first)
    new = await visit.join(second)
    assert (await first.until("call.lost", leg_id=old["leg_id"]))["reason"] == "replaced"
    assert list(visit.stage.media.legs) == [new["leg_id"]]
