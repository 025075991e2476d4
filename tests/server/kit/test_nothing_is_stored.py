"""A full disk, as the client sees it: 503, when to come again, nothing half done; then it works."""

import uuid

import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from server.app.metrics import Metrics
from server.kit.db import Database, UnitOfWork
from server.kit.schema import idempotency
from tests import full_disk
from tests.server.kit.notes import calls
from tests.support import Api

NOTES = "/api/v1/patient/notes"


async def _refused(patient: Api) -> tuple[str, int]:
    """Writes until that fails: the key of the first that did, and how many were stored."""
    for stored in range(200):
        key = str(uuid.uuid4())
        answer = await patient.post(NOTES, {"text": "a"}, key=key)
        if answer.status != 201:
            assert (answer.status, answer.json["code"]) == (503, "server.storage")
            assert int(answer.headers["Retry-After"]) == answer.json["retry_after"] >= 5
            assert "same Idempotency-Key" in answer.json["detail"]
            return key, stored
    raise AssertionError("there was room for everything")


def _keys(uow: UnitOfWork) -> int:
    count = sa.select(sa.func.count()).select_from(idempotency)
    return int(uow.conn.execute(count).scalar_one())


async def test_a_full_disk_is_503_and_needs_nobody_but_room(
    patient: Api, database: Database
) -> None:
    known = await database.read(_keys)
    await database.write(full_disk.fill)
    with capture_logs() as logged:
        key, stored = await _refused(patient)
        for _ in range(5):
            assert (await patient.post(NOTES, {"text": "b"})).status == 503
        assert await database.read(_keys) == known + stored
        await database.write(full_disk.make_room)
        written = len(calls)
        again = await patient.post(NOTES, {"text": "a"}, key=key)
        assert (again.status, calls[written:]) == (201, ["a"])
    assert await database.read(_keys) == known + stored + 1
    # One line for all who asked in vain, and none of them is a fault of the program.
    events = [each["event"] for each in logged]
    assert events.count("db.nothing_is_stored") == 1
    assert events.count("db.stored_again") == 1
    assert "http.fault" not in events


async def test_what_was_not_stored_is_counted(patient: Api, database: Database) -> None:
    metrics = Metrics(database)
    await database.write(full_disk.fill)
    await _refused(patient)
    text = (await metrics.render()).decode()
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["vardrum_db_failures_total"] >= 1
    await database.write(full_disk.make_room)
