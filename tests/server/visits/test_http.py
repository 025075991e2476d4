"""The visits' routes as browsers meet them: two people from the call to the signed note."""

from dataclasses import dataclass
from typing import Any

import pytest

from server.clinics.domain import Clinic
from server.kit.ids import new_id
from tests.support import Api, People

STAFF = "/api/v1/staff"
PATIENT = "/api/v1/patient"


@dataclass
class Pair:
    """A patient who waits and a clinician on duty."""

    clinic: Clinic
    patient: Api
    staff: Api
    ticket: Any

    async def call(self) -> Any:
        """The clinician takes the next."""
        reply = await self.staff.post(f"{STAFF}/queue/next")
        assert reply.status == 201
        return reply.json


@pytest.fixture
async def pair(client: Api, people: People) -> Pair:
    """Anna waits for Karin."""
    clinic = await people.clinic()
    patient = await client.as_(await people.patient("Anna Ask"))
    staff = await client.as_(await people.clinician(clinic, name="Karin Alm"))
    joined = await patient.post(
        f"{PATIENT}/queue-tickets",
        {"clinic_id": clinic.id, "profession": "doctor", "reason": "Feber", "channel": "video"},
    )
    duty = await staff.put(f"{STAFF}/duty", {"state": "on"} | _queue(clinic))
    assert (joined.status, duty.status) == (201, 200)
    return Pair(clinic, patient, staff, joined.json)


def _queue(clinic: Clinic) -> dict[str, str]:
    return {"clinic_id": clinic.id, "profession": "doctor"}


async def test_from_the_call_to_the_signed_note(pair: Pair) -> None:
    visit = await pair.call()
    assert visit == {
        "id": visit["id"],
        "ticket_id": pair.ticket["id"],
        "clinic_id": pair.clinic.id,
        "clinic_name": "Storgatans vårdcentral",
        "profession": "doctor",
        "reason": "Feber",
        "state": "called",
        "mode": "video",
        "started_as": "video",
        "called_at": "2026-03-02T09:00:00Z",
        "joined_at": None,
        "ended_at": None,
        "patient_left_at": None,
        "clinician": {"name": "Karin Alm", "title": "Läkare"},
        "patient": {"name": "Anna Ask", "birth_date": "1991-05-17", "age": 34},
        "version": 1,
        "last_seq": 0,
        "communication": "speech",
        "mode_reason": None,
        "mode_by": None,
        "identity_confirmed_at": None,
        "answer_by": "2026-03-02T09:05:00Z",
        "requeue_possible": True,
        "note": None,
        "equipment": None,
    }
    mine, theirs = f"{PATIENT}/visits/{visit['id']}", f"{STAFF}/visits/{visit['id']}"
    seen = (await pair.patient.get(mine)).json
    assert seen == visit | {"patient": None}
    joined = await pair.patient.post(f"{mine}/join")
    assert (joined.status, joined.json["state"]) == (200, "in_progress")
    confirmed = await pair.staff.post(f"{theirs}/confirm-identity")
    assert confirmed.json["identity_confirmed_at"] == "2026-03-02T09:00:00Z"
    chat = await pair.patient.put(f"{mine}/mode", {"mode": "chat", "reason": "no_device"})
    assert (chat.json["mode"], chat.json["mode_reason"], chat.json["mode_by"]) == (
        "chat",
        "no_device",
        "patient",
    )
    video = await pair.staff.put(f"{theirs}/mode", {"mode": "video", "reason": "chosen"})
    assert (video.json["mode"], video.json["mode_by"]) == ("video", "clinician")
    left = await pair.patient.post(f"{mine}/leave")
    assert left.json["patient_left_at"] is not None
    draft = await pair.staff.put(f"{theirs}/note", {"text": " Vila.\n", "version": 0})
    assert (draft.json["note"]["text"], draft.json["note"]["version"]) == (" Vila.\n", 1)
    ended = await pair.staff.post(f"{theirs}/end")
    assert ended.json["state"] == "ended"
    assert (await pair.patient.get(mine)).json["note"] is None
    signed = await pair.staff.post(f"{theirs}/note/sign", {"version": 1})
    assert (signed.status, signed.json["state"]) == (200, "documented")
    assert signed.json["note"]["signed_by"] == "Karin Alm"
    assert (await pair.patient.get(mine)).json["note"]["text"] == " Vila.\n"
    [listed] = (await pair.patient.get(f"{PATIENT}/visits")).json["visits"]
    assert listed["state"] == "documented"
    assert "note" not in listed
    again = await pair.staff.put(f"{theirs}/note", {"text": "Mer", "version": 1})
    assert (again.status, again.json["code"]) == (409, "note.signed")


async def test_duty(pair: Pair, people: People) -> None:
    visit = await pair.call()
    duty = (await pair.staff.get(f"{STAFF}/duty")).json
    assert duty["state"] == "on"
    assert duty["clinic_name"] == "Storgatans vårdcentral"
    assert [each["id"] for each in duty["open_visits"]] == [visit["id"]]
    paused = await pair.staff.put(f"{STAFF}/duty", {"state": "paused"})
    assert (paused.json["state"], len(paused.json["open_visits"])) == ("paused", 1)
    refused = await pair.staff.post(f"{STAFF}/queue/next")
    assert (refused.status, refused.json["code"]) == (409, "duty.paused")
    off = await pair.staff.put(f"{STAFF}/duty", {"state": "off"})
    assert off.json == {
        "state": "off",
        "clinic_id": None,
        "clinic_name": None,
        "profession": None,
        "since": None,
        "open_visits": off.json["open_visits"],
    }
    refused = await pair.staff.post(f"{STAFF}/queue/next")
    assert (refused.status, refused.json["code"]) == (409, "duty.off")
    paused = await pair.staff.put(f"{STAFF}/duty", {"state": "paused"})
    assert (paused.status, paused.json["code"]) == (409, "duty.off")
    other = await people.clinic("Andra")
    for body, field in (
        ({"state": "on"}, "clinic_id"),
        ({"state": "on"} | _queue(other), "clinic_id"),
        ({"state": "asleep"}, "state"),
    ):
        reply = await pair.staff.put(f"{STAFF}/duty", body)
        assert (reply.status, reply.json["field"]) == (422, field)


async def test_taking_this_one(pair: Pair, client: Api, people: People) -> None:
    take = f"{STAFF}/queue-tickets/{pair.ticket['id']}/take"
    colleague = await client.as_(await people.clinician(pair.clinic, name="Bo Snabb"))
    assert (await colleague.post(take)).json["code"] == "duty.off"
    await colleague.put(f"{STAFF}/duty", {"state": "on"} | _queue(pair.clinic))
    assert (await colleague.post(take)).status == 201
    late = await pair.staff.post(take)
    assert (late.status, late.json["code"]) == (409, "queue.already_taken")
    assert late.json["taken_by"] == "Bo Snabb"
    empty = await pair.staff.post(f"{STAFF}/queue/next")
    assert (empty.status, empty.json["code"]) == (409, "queue.empty")
    missing = await pair.staff.post(f"{STAFF}/queue-tickets/{new_id()}/take")
    assert missing.status == 404
    await pair.patient.post(f"{PATIENT}/queue-tickets/{pair.ticket['id']}/leave")
    gone = await pair.staff.post(take)
    assert (gone.status, gone.json["code"]) == (409, "queue.ticket_left")


async def test_no_answer_no_show_and_return(pair: Pair) -> None:
    visit = await pair.call()
    returned = await pair.staff.post(f"{STAFF}/visits/{visit['id']}/return")
    assert (returned.json["state"], returned.json["patient"]) == ("returned", None)
    visit = await pair.call()
    missed = await pair.staff.post(f"{STAFF}/visits/{visit['id']}/no-answer")
    assert missed.json["state"] == "no_response"
    ticket = (await pair.patient.get(f"{PATIENT}/queue-tickets/{pair.ticket['id']}")).json
    assert (ticket["requeued"], ticket["not_before"]) == (True, "2026-03-02T09:10:00Z")
    assert (await pair.staff.post(f"{STAFF}/queue/next")).json["code"] == "queue.empty"
    again = await pair.staff.post(f"{STAFF}/queue-tickets/{ticket['id']}/take")
    assert (again.status, again.json["requeue_possible"]) == (201, False)
    path = f"{STAFF}/visits/{again.json['id']}"
    twice = await pair.staff.post(f"{path}/no-answer")
    assert (twice.status, twice.json["code"]) == (409, "visit.requeued_once")
    assert (await pair.staff.post(f"{path}/no-show")).json["state"] == "no_show"
    over = await pair.staff.post(f"{path}/end")
    assert (over.status, over.json["code"], over.json["state"]) == (
        409,
        "visit.illegal_move",
        "no_show",
    )
    closed = await pair.patient.post(f"{PATIENT}/visits/{again.json['id']}/join")
    assert (closed.status, closed.json["code"]) == (409, "visit.closed")


async def test_a_stale_and_an_empty_note(pair: Pair) -> None:
    visit = await pair.call()
    path = f"{STAFF}/visits/{visit['id']}"
    early = await pair.staff.put(f"{path}/note", {"text": "Hm", "version": 0})
    assert early.json["code"] == "visit.illegal_move"
    await pair.patient.post(f"{PATIENT}/visits/{visit['id']}/join")
    await pair.staff.put(f"{path}/note", {"text": "Ett", "version": 0})
    stale = await pair.staff.put(f"{path}/note", {"text": "Två", "version": 0})
    assert (stale.status, stale.json["code"]) == (409, "note.stale")
    assert (stale.json["version"], stale.json["text"]) == (1, "Ett")
    long = "\U0001f642" * 20_000
    saved = await pair.staff.put(f"{path}/note", {"text": long, "version": 1})
    assert (saved.status, saved.json["note"]["text"]) == (200, long)
    longer = await pair.staff.put(f"{path}/note", {"text": "x" * 20_001, "version": 2})
    assert (longer.status, longer.json["field"]) == (422, "text")
    await pair.staff.put(f"{path}/note", {"text": " ", "version": 2})
    await pair.staff.post(f"{path}/end")
    empty = await pair.staff.post(f"{path}/note/sign", {"version": 3})
    assert (empty.status, empty.json["code"]) == (422, "note.empty")


ROUTES = [
    ("GET", "{aud}/visits/{id}", None),
    ("GET", "{aud}/visits/{id}/messages", None),
    ("POST", "{aud}/visits/{id}/messages", {"client_id": new_id(), "body": "Hej"}),
    ("PUT", "{aud}/visits/{id}/mode", {"mode": "chat", "reason": "chosen"}),
    ("POST", "patient/visits/{id}/join", {}),
    ("POST", "patient/visits/{id}/leave", {}),
    ("POST", "staff/visits/{id}/confirm-identity", {}),
    ("POST", "staff/visits/{id}/no-answer", {}),
    ("POST", "staff/visits/{id}/no-show", {}),
    ("POST", "staff/visits/{id}/return", {}),
    ("POST", "staff/visits/{id}/end", {}),
    ("PUT", "staff/visits/{id}/note", {"text": "Hm", "version": 0}),
    ("POST", "staff/visits/{id}/note/sign", {"version": 0}),
]


@pytest.mark.permissions
@pytest.mark.parametrize("audience", ["patient", "staff"])
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_strangers_find_nothing(
    pair: Pair, client: Api, people: People, audience: str, method: str, path: str, body: Any
) -> None:
    visit = await pair.call()
    path = "/api/v1/" + path.replace("{aud}", audience)
    options = {} if body is None else {"json": body}
    right = {
        "patient": await client.as_(await people.patient()),
        "staff": await client.as_(await people.clinician(pair.clinic)),
    }[path.split("/")[3]]
    wrong = pair.staff if "/patient/" in path else pair.patient
    bodies = []
    for visit_id in (visit["id"], new_id()):
        reply = await right.request(method, path.replace("{id}", visit_id), **options)
        assert reply.status == 404
        bodies.append(reply.json)
    assert bodies[0] == bodies[1]
    for api in (wrong, client):
        reply = await api.request(method, path.replace("{id}", visit["id"]), **options)
        assert reply.status == 401
    after = (await pair.staff.get(f"{STAFF}/visits/{visit['id']}")).json
    assert after == visit


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("mode", {"mode": "fax", "reason": "chosen"}, "mode"),
        ("mode", {"mode": "chat", "reason": "bored"}, "reason"),
        ("mode", {"mode": "chat"}, "reason"),
        ("note", {"text": "a", "version": -1}, "version"),
        ("note", {"text": 7, "version": 0}, "text"),
        ("note", {"text": "a", "version": "0"}, "version"),
    ],
)
async def test_bad_bodies(pair: Pair, path: str, body: dict[str, Any], field: str) -> None:
    visit = await pair.call()
    reply = await pair.staff.put(f"{STAFF}/visits/{visit['id']}/{path}", body)
    assert (reply.status, reply.json["field"]) == (422, field)


async def test_lists_page_and_refuse_nonsense(pair: Pair) -> None:
    visit = await pair.call()
    for api, side in ((pair.patient, PATIENT), (pair.staff, STAFF)):
        [found] = (await api.get(f"{side}/visits")).json["visits"]
        assert found["id"] == visit["id"]
        older = await api.get(f"{side}/visits", params={"before": visit["id"]})
        assert older.json == {"visits": []}
        assert (await api.get(f"{side}/visits", params={"before": "x"})).status == 404
        assert (await api.get(f"{side}/visits", params={"page": "2"})).status == 422
    overview = (await pair.patient.get(f"{PATIENT}/overview")).json
    assert [each["state"] for each in overview["tickets"]] == ["called"]
    assert [each["id"] for each in overview["visits"]] == [visit["id"]]
    assert (await pair.staff.get(f"{PATIENT}/overview")).status == 401
