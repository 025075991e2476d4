"""A request that is sent again happens once."""

import asyncio
import uuid

import pytest

from server.kit import idempotency
from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.ids import new_id
from tests.server.kit.notes import calls
from tests.support import Api, People


async def test_a_repeated_request_gets_the_same_answer(patient: Api) -> None:
    key = str(uuid.uuid4())
    first = await patient.post("/api/v1/patient/notes", {"text": " a "}, key=key)
    again = await patient.post("/api/v1/patient/notes", {"text": " a "}, key=key)
    assert first.status == again.status == 201
    assert first.body == again.body
    assert first.json["text"] == "a"
    assert calls == ["a"]
    fresh = await patient.post("/api/v1/patient/notes", {"text": " a "})
    assert fresh.json["made"] != first.json["made"]


async def test_the_same_request_many_times_at_once_happens_once(patient: Api) -> None:
    key = str(uuid.uuid4())
    replies = await asyncio.gather(
        *(patient.post("/api/v1/patient/notes", {"text": "b"}, key=key) for _ in range(20))
    )
    assert len({reply.body for reply in replies}) == 1
    assert calls == ["b"]


async def test_a_key_stands_for_one_request(patient: Api) -> None:
    key = str(uuid.uuid4())
    await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    other = await patient.post("/api/v1/patient/notes", {"text": "b"}, key=key)
    assert (other.status, other.json["code"]) == (422, "request.idempotency_reuse")
    elsewhere = await patient.delete(f"/api/v1/patient/notes/{new_id()}", key=key)
    assert elsewhere.json["code"] == "request.idempotency_reuse"


async def test_keys_of_two_people_are_apart(patient: Api, api: Api, people: People) -> None:
    key = str(uuid.uuid4())
    other = await api.as_(await people.patient())
    mine = await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    hers = await other.post("/api/v1/patient/notes", {"text": "b"}, key=key)
    assert (mine.json["text"], hers.json["text"]) == ("a", "b")


async def test_an_error_is_not_remembered(patient: Api) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        reply = await patient.post("/api/v1/patient/notes", {"text": "refuse"}, key=key)
        assert (reply.status, reply.json["code"], reply.json["why"]) == (
            409,
            "test.refused",
            "because",
        )
        assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert calls == ["refuse", "refuse"]


async def test_an_empty_answer_is_remembered_too(patient: Api) -> None:
    key, path = str(uuid.uuid4()), f"/api/v1/patient/notes/{new_id()}"
    assert (await patient.delete(path, key=key)).status == 204
    assert (await patient.delete(path, key=key)).status == 204
    assert len(calls) == 1


async def test_a_client_that_went_away_gets_the_answer_that_it_missed(patient: Api) -> None:
    key = str(uuid.uuid4())
    gone = asyncio.ensure_future(  # noqa: TID251
        patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    )
    while not calls:
        await asyncio.sleep(0)
    gone.cancel()
    again = await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    assert (again.status, again.json["text"], calls) == (201, "a", ["a"])


async def test_the_answer_stands_for_the_whole_day(
    patient: Api, database: Database, clock: FrozenClock
) -> None:
    key, body = str(uuid.uuid4()), {"text": "a"}
    first = await patient.post("/api/v1/patient/notes", body, key=key)
    assert patient.account is not None
    clock.advance(idempotency.KEPT * 0.99)
    await database.write(lambda uow: idempotency.forget_old(uow.conn, uow.now, 10))
    # The session is over by then; the key is the account's.
    later = await (await patient.as_(patient.account)).post("/api/v1/patient/notes", body, key=key)
    assert (later.body, calls) == (first.body, ["a"])


async def test_answers_are_forgotten_after_a_day(
    patient: Api, database: Database, clock: FrozenClock
) -> None:
    await patient.post("/api/v1/patient/notes", {"text": "a"})
    assert await database.write(lambda uow: idempotency.forget_old(uow.conn, uow.now, 10)) == 0
    clock.advance(idempotency.KEPT * 1.01)
    assert await database.write(lambda uow: idempotency.forget_old(uow.conn, uow.now, 10)) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "white space", "é" * 10])
async def test_a_change_needs_a_key(patient: Api, key: str) -> None:
    reply = await patient.post(
        "/api/v1/patient/notes", {"text": "a"}, headers={"Idempotency-Key": key}
    )
    assert (reply.status, reply.json["code"]) == (400, "request.idempotency_key")
