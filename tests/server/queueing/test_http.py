"""The queue's routes as a browser meets them."""

from typing import Any

import pytest

from server.kit.ids import new_id
from tests.support import Api, People

JOIN = "/api/v1/patient/queue-tickets"


async def _join(api: Api, at: str, **fields: Any) -> Any:
    body = {"clinic_id": at, "profession": "doctor", "reason": "Feber", "channel": "video"}
    return await api.post(JOIN, body | fields)


async def _on_duty(api: Api, clinic_id: str) -> None:
    body = {"state": "on", "clinic_id": clinic_id, "profession": "doctor"}
    assert (await api.put("/api/v1/staff/duty", body)).status == 200


async def test_a_ticket_from_joining_to_leaving(client: Api, people: People) -> None:
    clinic = await people.clinic()
    api = await client.as_(await people.patient())
    reply = await _join(api, clinic.id, reason="  Feber sedan igår ")
    assert reply.status == 201
    ticket = reply.json
    assert ticket == {
        "id": ticket["id"],
        "clinic_id": clinic.id,
        "clinic_name": "Storgatans vårdcentral",
        "profession": "doctor",
        "reason": "Feber sedan igår",
        "channel": "video",
        "communication": "speech",
        "state": "waiting",
        "place": 1,
        "waiting_total": 1,
        "wait": {"kind": "unknown"},
        "arrived_at": "2026-03-02T09:00:00Z",
        "not_before": None,
        "requeued": False,
        "visit_id": None,
        "version": ticket["version"],
    }
    path = f"{JOIN}/{ticket['id']}"
    assert (await api.get(path)).json == ticket
    changed = await api.put(f"{path}/channel", {"channel": "chat"})
    assert (changed.status, changed.json["channel"]) == (200, "chat")
    overview = (await api.get("/api/v1/patient/overview")).json
    assert overview == {"tickets": [changed.json], "visits": []}
    left = await api.post(f"{path}/leave")
    assert (left.status, left.json["state"], left.json["place"]) == (200, "left", None)
    assert (await api.post(f"{path}/leave")).json == left.json
    closed = await api.put(f"{path}/channel", {"channel": "video"})
    assert (closed.status, closed.json["code"]) == (409, "queue.illegal_move")
    assert closed.json["state"] == "left"


async def test_joining_twice(client: Api, people: People) -> None:
    clinic = await people.clinic()
    api = await client.as_(await people.patient())
    key = new_id()
    body = {"clinic_id": clinic.id, "profession": "doctor", "reason": "A", "channel": "chat"}
    first = await api.post(JOIN, body, key=key)
    assert (await api.post(JOIN, body, key=key)).json == first.json
    second = await _join(api, clinic.id)
    assert (second.status, second.json["code"]) == (409, "queue.already_waiting")
    assert (second.json["ticket_id"], second.json["visit_id"]) == (first.json["id"], None)


async def test_a_closed_clinic(client: Api, people: People) -> None:
    clinic = await people.clinic(always=False)
    reply = await _join(await client.as_(await people.patient()), clinic.id)
    assert (reply.status, reply.json["code"]) == (409, "queue.closed")
    assert reply.json["next_opening"] is None


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"reason": "   "}, 422, "reason"),
        ({"reason": "x" * 2001}, 422, "reason"),
        ({"reason": "\u0007"}, 422, "reason"),
        ({"reason": 7}, 422, "reason"),
        ({"channel": "fax"}, 422, "channel"),
        ({"communication": "morse"}, 422, "communication"),
        ({"profession": "wizard"}, 422, "profession"),
        ({"clinic_id": None}, 422, "clinic_id"),
        ({"clinic_id": "x" * 37}, 422, "clinic_id"),
        ({"clinic_id": "nowhere"}, 404, None),
        ({"extra": 1}, 422, "extra"),
    ],
)
async def test_bad_requests_to_join(
    client: Api, people: People, fields: dict[str, Any], status: int, field: str | None
) -> None:
    clinic = await people.clinic()
    api = await client.as_(await people.patient())
    reply = await _join(api, clinic.id, **fields)
    assert (reply.status, reply.json.get("field")) == (status, field)
    assert (await api.get("/api/v1/patient/overview")).json["tickets"] == []


async def test_a_profession_that_the_clinic_lacks(client: Api, people: People) -> None:
    clinic = await people.clinic(professions=())
    reply = await _join(await client.as_(await people.patient()), clinic.id)
    assert (reply.status, reply.json["code"]) == (422, "queue.no_service")


async def test_other_peoples_tickets_and_other_roles(client: Api, people: People) -> None:
    clinic = await people.clinic()
    owner = await client.as_(await people.patient())
    ticket = (await _join(owner, clinic.id)).json
    path = f"{JOIN}/{ticket['id']}"
    stranger = await client.as_(await people.patient())
    staff = await client.as_(await people.clinician(clinic))
    for api, status in ((stranger, 404), (staff, 401), (client, 401)):
        assert (await api.get(path)).status == status
        assert (await api.put(f"{path}/channel", {"channel": "chat"})).status == status
        how = {"communication": "signs"}
        assert (await api.put(f"{path}/communication", how)).status == status
        assert (await api.post(f"{path}/leave")).status == status
    assert (await _join(staff, clinic.id)).status == 401
    for nobodys in (new_id(), "not-an-id", "..%2Fsecret"):
        assert (await owner.get(f"{JOIN}/{nobodys}")).status == 404
    assert (await owner.get(path)).json == ticket


async def test_the_board(client: Api, people: People) -> None:
    clinic = await people.clinic()
    patient = await client.as_(await people.patient("Hemlig Person"))
    ticket = (await _join(patient, clinic.id)).json
    staff = await client.as_(await people.clinician(clinic))
    off = await staff.get("/api/v1/staff/queue")
    assert (off.status, off.json["code"]) == (409, "duty.off")
    await _on_duty(staff, clinic.id)
    board = await staff.get("/api/v1/staff/queue")
    assert board.status == 200
    assert board.json == {
        "clinic_id": clinic.id,
        "clinic_name": "Storgatans vårdcentral",
        "profession": "doctor",
        "version": board.json["version"],
        "on_duty": 1,
        "paused": 0,
        "open": True,
        "tickets": [
            {
                "id": ticket["id"],
                "reason": "Feber",
                "age": 34,
                "channel": "video",
                "communication": "speech",
                "state": "waiting",
                "arrived_at": "2026-03-02T09:00:00Z",
                "not_before": None,
                "requeued": False,
                "taken_by": None,
                "taken_by_me": False,
                "equipment": None,
            }
        ],
        "waiting_total": 1,
        "recent_median_minutes": None,
    }
    assert "Hemlig" not in board.body.decode()
    assert (await patient.get("/api/v1/staff/queue")).status == 401
    nurse = await client.as_(await people.clinician())
    assert (await nurse.get("/api/v1/staff/queue")).status == 403


async def test_the_list_of_clinics_counts_the_queue(client: Api, people: People) -> None:
    clinic = await people.clinic()
    await _join(await client.as_(await people.patient()), clinic.id)
    [found] = (await client.get("/api/v1/clinics")).json["clinics"]
    assert {each["profession"]: each["waiting"] for each in found["services"]} == {
        "doctor": 1,
        "psychologist": 0,
        "district_nurse": 0,
    }
