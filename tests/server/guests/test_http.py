"""Guests over HTTP, as three browsers meet them: the clinician's, the patient's, the guest's."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork, metadata
from server.login.service import hash_of
from server.login.throttle import BURST
from tests.support import Api, People

STAFF, PATIENT, GUEST = "/api/v1/staff", "/api/v1/patient", "/api/v1/guest"
SOMEBODY = {"name": "Gunnar", "role": "relative"}


@dataclass
class Room:
    """A visit in progress, and browsers."""

    visit_id: str
    patient: Api
    staff: Api
    client: Api

    @property
    def guests(self) -> str:
        return f"{STAFF}/visits/{self.visit_id}/guests"

    async def invite(self, body: dict[str, str] = SOMEBODY, **how: Any) -> Any:
        reply = await self.staff.post(self.guests, body, **how)
        assert reply.status == 201, reply.json
        return reply.json

    async def come(self, token: str) -> Api:
        """The guest's own browser, in the lobby."""
        browser = self.client.another()
        reply = await browser.post(f"{GUEST}/session", {"token": token})
        assert reply.status == 201, reply.json
        return browser


@pytest.fixture
async def room(client: Api, people: People) -> Room:
    clinic = await people.clinic()
    patient = await client.as_(await people.patient("Anna Ask"))
    staff = await client.as_(await people.clinician(clinic, name="Karin Alm"))
    where = {"clinic_id": clinic.id, "profession": "doctor"}
    await staff.put(f"{STAFF}/duty", {"state": "on"} | where)
    wait = {"reason": "Feber", "channel": "video"} | where
    assert (await patient.post(f"{PATIENT}/queue-tickets", wait)).status == 201
    visit = (await staff.post(f"{STAFF}/queue/next")).json["id"]
    await patient.post(f"{PATIENT}/visits/{visit}/join")
    return Room(visit, patient, staff, client)


async def test_a_guest_from_the_link_to_the_door(room: Room) -> None:
    invited = await room.invite()
    guest_id = invited["guest"]["id"]
    assert invited == {
        "guest": {
            "id": guest_id,
            "role": "relative",
            "name": "Gunnar",
            "title": None,
            "communication": "speech",
            "state": "invited",
            "invited_at": "2026-03-02T09:00:00Z",
            "expires_at": "2026-03-02T11:00:00Z",
            "arrived_at": None,
            "admitted_at": None,
            "over_at": None,
            "needs_consent": True,
            "consent_at": None,
            "gone_at": None,
        },
        "version": 1,
        "token": invited["token"],
        "link": invited["link"],
    }
    address, _, secret = invited["link"].partition("/gast#")
    assert (address, secret) == (str(room.client.server.make_url("")), invited["token"])
    browser = room.client.another()
    assert (await browser.get(f"{GUEST}/session")).json == {"state": None}
    came = await browser.post(f"{GUEST}/session", {"token": f" {invited['token']}\n"})
    assert came.status == 201
    cookie = came.headers["Set-Cookie"]
    assert cookie.startswith("vardrum-guest=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert came.json == {
        "guest_id": guest_id,
        "visit_id": room.visit_id,
        "role": "relative",
        "name": "Gunnar",
        "title": None,
        "communication": "speech",
        "state": "waiting",
        "clinic_name": "Storgatans vårdcentral",
        "clinician_name": "Karin Alm",
        "profession": "doctor",
        "patient_name": None,
        "visit_state": "in_progress",
        "mode": "video",
        "expires_at": "2026-03-02T13:00:00Z",
        "version": came.json["version"],
    }
    seen = (await room.patient.get(f"{PATIENT}/visits/{room.visit_id}/guests")).json
    assert [(each["name"], each["role"], each["state"]) for each in seen["guests"]] == [
        ("Gunnar", "relative", "waiting")
    ]
    for unsaid in ({}, {"consent": False}):
        refused = await room.staff.post(f"{room.guests}/{guest_id}/admit", unsaid)
        assert (refused.status, refused.json["code"]) == (409, "guest.consent_missing")
    admitted = await room.staff.post(f"{room.guests}/{guest_id}/admit", {"consent": True})
    assert admitted.json["guests"][0]["consent_at"] == "2026-03-02T09:00:00Z"
    assert (admitted.json["version"], admitted.json["guests"][0]["state"]) == (3, "admitted")
    inside = (await browser.get(f"{GUEST}/visit")).json
    assert (inside["state"], inside["patient_name"]) == ("admitted", "Anna")
    assert inside["version"] > came.json["version"]
    signs = await browser.put(f"{GUEST}/visit/communication", {"communication": "signs"})
    assert (signs.status, signs.json["communication"]) == (200, "signs")
    assert (await browser.post(f"{GUEST}/visit/leave")).json["state"] == "left"
    assert (await browser.post(f"{GUEST}/visit/join")).json["state"] == "admitted"
    again = await browser.post(f"{GUEST}/session", {"token": invited["token"]})
    assert (again.status, again.json["state"]) == (201, "admitted"), "the link, opened once more"
    assert "Set-Cookie" not in again.headers
    removed = await room.staff.post(f"{room.guests}/{guest_id}/remove")
    assert removed.json["guests"][0]["state"] == "removed"
    gone = await browser.get(f"{GUEST}/visit")
    assert (gone.status, gone.json["code"]) == (401, "session.required")
    assert (await browser.get(f"{GUEST}/session")).json == {"state": "removed"}


async def test_the_token_is_stored_nowhere(room: Room, database: Database) -> None:
    """Not even in the answer that is kept for a repeat."""
    token = (await room.invite())["token"]
    await room.come(token)

    def everything(uow: UnitOfWork) -> str:
        return repr([uow.conn.execute(sa.select(each)).all() for each in metadata.sorted_tables])

    stored = await database.read(everything)
    assert "Gunnar" in stored
    assert token not in stored
    assert hash_of(token) in stored


async def test_a_token_that_is_used_or_over_or_nobodys(room: Room, clock: FrozenClock) -> None:
    used, late = await room.invite(), await room.invite()
    withdrawn = await room.invite()
    await room.come(used["token"])
    taken_back = await room.staff.delete(f"{room.guests}/{withdrawn['guest']['id']}")
    assert (taken_back.status, taken_back.json["guests"][2]["state"]) == (200, "removed")
    clock.advance(timedelta(hours=2))
    for token, status, code in (
        (used["token"], 409, "guest.invitation_used"),
        (late["token"], 409, "guest.invitation_over"),
        (withdrawn["token"], 409, "guest.invitation_over"),
        ("x" * 43, 404, "guest.invitation_unknown"),
    ):
        reply = await room.client.another().post(f"{GUEST}/session", {"token": token})
        assert (reply.status, reply.json["code"]) == (status, code)
        assert "Set-Cookie" not in reply.headers


async def test_an_answer_that_was_lost_is_asked_for_again(room: Room) -> None:
    first = await room.invite(key="the-same-key")
    again = await room.invite(key="the-same-key")
    assert again == first | {name: again[name] for name in ("token", "link")}
    assert again["token"] not in {None, first["token"]}
    unknown = await room.client.another().post(f"{GUEST}/session", {"token": first["token"]})
    assert unknown.json["code"] == "guest.invitation_unknown"
    browser = room.client.another()
    path, body = f"{GUEST}/session", {"token": again["token"]}
    lost = await browser.post(path, body, key="another-key")
    browser.http.session.cookie_jar.clear()
    came = await browser.post(path, body, key="another-key")
    assert (lost.status, came.status) == (201, 201)
    assert (await browser.get(f"{GUEST}/visit")).json["state"] == "waiting"
    late = await room.invite(key="the-same-key")
    assert late["token"] is None, "it was used: nobody gets another"
    assert len((await room.staff.get(room.guests)).json["guests"]) == 1
    reused = await room.staff.post(room.guests, SOMEBODY | {"name": "Bo"}, key="the-same-key")
    assert reused.json["code"] == "request.idempotency_reuse"


async def test_whose_browser_it_is(room: Room, people: People) -> None:
    path = f"{GUEST}/session"
    invited = await room.invite()
    for party in (room.patient, room.staff):
        own = await party.post(path, {"token": invited["token"]})
        assert (own.status, own.json["code"]) == (409, "guest.own_visit")
    colleague = await room.client.as_(await people.clinician(name="Cia Ström", title="Psykolog"))
    came = (await colleague.post(path, {"token": invited["token"]})).json
    assert (came["role"], came["name"], came["title"]) == ("colleague", "Cia Ström", "Psykolog")
    relative = await room.client.as_(await people.patient("Eva Ek"))
    other = (await relative.post(path, {"token": (await room.invite())["token"]})).json
    assert (other["role"], other["name"]) == ("relative", "Gunnar")
    assert (await relative.get(f"{PATIENT}/overview")).status == 200, "still herself as well"


async def test_five_are_too_many_and_a_visit_that_is_over_takes_nobody(room: Room) -> None:
    for _ in range(4):
        await room.invite()
    full = await room.staff.post(room.guests, SOMEBODY)
    assert (full.status, full.json["code"], full.json["most"]) == (409, "guest.full", 4)
    await room.staff.post(f"{STAFF}/visits/{room.visit_id}/end")
    over = await room.staff.post(room.guests, SOMEBODY)
    assert (over.status, over.json["code"]) == (409, "visit.closed")
    listed = (await room.staff.get(room.guests)).json["guests"]
    assert {each["state"] for each in listed} == {"expired"}


async def test_guessing_gets_slower(room: Room) -> None:
    token = (await room.invite())["token"]
    guesser = room.client.another()
    codes = []
    for number in range(int(BURST) + 1):
        guess = f"guess-number-{number:030}"
        codes.append((await guesser.post(f"{GUEST}/session", {"token": guess})).json["code"])
    assert set(codes[:-1]) == {"guest.invitation_unknown"}
    throttled = await guesser.post(f"{GUEST}/session", {"token": "another" * 5})
    assert (throttled.status, throttled.json["code"]) == (429, "login.throttled")
    assert int(throttled.headers["Retry-After"]) >= 1
    assert (await guesser.post(f"{GUEST}/session", {"token": token})).status == 429, "one address"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "role": "relative"}, "name"),
        ({"name": "x" * 101, "role": "relative"}, "name"),
        ({"name": "Bo", "role": "patient"}, "role"),
        ({"name": "Bo"}, "role"),
    ],
)
async def test_bad_invitations(room: Room, body: dict[str, Any], field: str) -> None:
    reply = await room.staff.post(room.guests, body)
    assert (reply.status, reply.json["field"]) == (422, field)


async def test_who_goes_for_good_leaves_no_way_back(room: Room) -> None:
    invited = await room.invite()
    browser = await room.come(invited["token"])
    gone = await browser.delete(f"{GUEST}/session")
    assert gone.status == 204
    assert 'vardrum-guest=""' in gone.headers["Set-Cookie"]
    assert (await browser.get(f"{GUEST}/session")).json == {"state": None}
    assert (await browser.delete(f"{GUEST}/session")).status == 204, "already gone"
    (listed,) = (await room.staff.get(room.guests)).json["guests"]
    assert listed["state"] == "expired"
    again = await browser.post(f"{GUEST}/session", {"token": invited["token"]})
    assert again.json["code"] == "guest.invitation_over"


async def test_the_guests_session_is_no_other(room: Room) -> None:
    browser = await room.come((await room.invite())["token"])
    visit = f"visits/{room.visit_id}"
    for path in (f"{PATIENT}/{visit}", f"{STAFF}/{visit}", f"{PATIENT}/{visit}/guests"):
        assert (await browser.get(path)).status == 401
    assert (await room.patient.get(f"{GUEST}/visit")).status == 401
