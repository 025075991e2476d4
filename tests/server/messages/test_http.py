"""Conversations over HTTP, as when the socket is blocked."""

from typing import Any

import pytest

from server.kit.ids import new_id
from tests.support import Api, People


@pytest.fixture
async def talk(client: Api, people: People) -> tuple[Api, str, Api, str]:
    """Both browsers of an open visit, each with the path of its conversation."""
    clinic = await people.clinic()
    patient = await client.as_(await people.patient("Anna Ask"))
    staff = await client.as_(await people.clinician(clinic, name="Karin Alm"))
    queue = {"clinic_id": clinic.id, "profession": "doctor"}
    await patient.post(
        "/api/v1/patient/queue-tickets", queue | {"reason": "Feber", "channel": "chat"}
    )
    await staff.put("/api/v1/staff/duty", queue | {"state": "on"})
    visit = (await staff.post("/api/v1/staff/queue/next")).json
    await patient.post(f"/api/v1/patient/visits/{visit['id']}/join")
    path = f"visits/{visit['id']}/messages"
    return patient, f"/api/v1/patient/{path}", staff, f"/api/v1/staff/{path}"


Talk = tuple[Api, str, Api, str]


async def test_a_conversation(talk: Talk) -> None:
    patient, mine, staff, theirs = talk
    client_id = new_id()
    sent = await patient.post(mine, {"client_id": client_id, "body": " Hej!\n"})
    assert sent.status == 201
    assert sent.json == {
        "visit_id": mine.split("/")[5],
        "seq": 2,
        "client_id": client_id,
        "sender": "patient",
        "sender_name": "Anna Ask",
        "body": "Hej!",
        "sent_at": "2026-03-02T09:00:00Z",
    }
    repeat = await patient.post(mine, {"client_id": client_id, "body": "Hej!"})
    assert (repeat.status, repeat.json) == (201, sent.json)
    reuse = await patient.post(mine, {"client_id": client_id, "body": "Nej!"})
    assert (reuse.status, reuse.json["code"]) == (422, "message.id_reuse")
    await staff.post(theirs, {"client_id": new_id(), "body": "God dag."})
    found = (await staff.get(theirs)).json
    assert [(m["seq"], m["sender"], m["body"]) for m in found["messages"]] == [
        (1, "system", "joined.patient"),
        (2, "patient", "Hej!"),
        (3, "clinician", "God dag."),
    ]
    assert found["last_seq"] == 3
    assert found["messages"][0]["client_id"] is found["messages"][0]["sender_name"] is None
    page = (await patient.get(mine, params={"after": "1", "limit": "1"})).json
    assert ([m["seq"] for m in page["messages"]], page["last_seq"]) == ([2], 3)


async def test_what_is_over_can_be_read_but_not_written(talk: Talk) -> None:
    patient, mine, staff, theirs = talk
    await staff.post(theirs.replace("/messages", "/end"))
    for api, path in ((patient, mine), (staff, theirs)):
        reply = await api.post(path, {"client_id": new_id(), "body": "Sent"})
        assert (reply.status, reply.json["code"], reply.json["state"]) == (
            409,
            "visit.closed",
            "ended",
        )
        assert (await api.get(path)).json["last_seq"] == 2


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"body": ""}, 422, "body"),
        ({"body": " \n"}, 422, "body"),
        ({"body": "\u0001"}, 422, "body"),
        ({"body": "x" * 4001}, 422, "body"),
        ({"body": "x" * 100_000}, 422, "body"),
        ({"body": ["Hej"]}, 422, "body"),
        ({"client_id": "1"}, 422, "client_id"),
        ({"client_id": None}, 422, "client_id"),
        ({"sender": "clinician"}, 422, "sender"),
    ],
)
async def test_bad_messages(
    talk: Talk, fields: dict[str, Any], status: int, field: str | None
) -> None:
    patient, mine, _, _ = talk
    reply = await patient.post(mine, {"client_id": new_id(), "body": "Hej"} | fields)
    assert (reply.status, reply.json.get("field")) == (status, field)
    assert (await patient.get(mine)).json["last_seq"] == 1


@pytest.mark.parametrize(
    "query", [{"after": "-1"}, {"after": "x"}, {"limit": "0"}, {"limit": "201"}, {"page": "1"}]
)
async def test_bad_queries(talk: Talk, query: dict[str, str]) -> None:
    patient, mine, _, _ = talk
    assert (await patient.get(mine, params=query)).status == 422
