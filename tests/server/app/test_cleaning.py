"""What is kept for a while only goes, a little at a time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.app import jobs as product_jobs
from server.kit import idempotency, outbox
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork
from server.kit.idempotency import Claim
from server.kit.ids import new_id
from server.kit.schema import idempotency as answers
from server.kit.schema import outbox as told
from server.kit.settings import Settings
from server.login.tables import sessions
from tests.support import Api, People

ROWS = 25


async def _fill(database: Database, people: People, client: Api) -> None:
    patient = await people.patient()

    def fill(uow: UnitOfWork) -> None:
        for _ in range(ROWS):
            idempotency.claim(uow.conn, Claim(patient.id, new_id(), "PUT", "/x", ""), uow.now)

    await database.write(fill)
    for _ in range(3):
        browser = await client.as_(patient)
        await browser.delete("/api/v1/patient/session")


async def _counts(database: Database) -> dict[str, int]:
    def count(uow: UnitOfWork) -> dict[str, int]:
        return {
            table.name: uow.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (answers, told, sessions)
        }

    return await database.read(count)


async def test_a_backlog_goes_in_small_units_and_what_is_not_due_stays(
    client: Api,
    people: People,
    database: Database,
    settings: Settings,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(product_jobs, "BATCH", 4)
    monkeypatch.setattr(product_jobs, "REST_SECONDS", 0)
    await _fill(database, people, client)
    clock.advance(timedelta(days=31))
    await _fill(database, people, client)
    # As the half-second's work would have marked them.
    await database.write(
        lambda uow: uow.conn.execute(sa.update(told).values(delivered_at=told.c.at))
    )
    before = await _counts(database)
    assert before["sessions"] == 6
    sizes: list[int] = []
    write = database.write

    async def watched(fn: object, *args: object) -> object:
        done: object = await write(fn, *args)  # type: ignore[arg-type]
        sizes.append(done if isinstance(done, int) else 0)
        return done

    monkeypatch.setattr(database, "write", watched)
    await product_jobs.clean(database, settings.relation_days, ["clean"])
    after = await _counts(database)
    assert max(sizes) == 4
    assert after["sessions"] == 3
    # The logouts leave an answer each as well.
    assert after["idempotency"] * 2 == before["idempotency"]
    assert 0 < after["outbox"] < before["outbox"]

    def youngest(uow: UnitOfWork) -> list[object]:
        due = uow.now - outbox.KEPT
        return list(uow.conn.execute(sa.select(told.c.id).where(told.c.delivered_at < due)))

    assert await database.read(youngest) == []
