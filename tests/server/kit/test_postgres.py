"""PostgreSQL: what is lost is tried again or said to be busy; what happened is told in order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit import db, postgres
from server.kit.clock import FrozenClock
from server.kit.database_url import DatabaseUrl
from server.kit.db import CommitFailed, Database, UnitOfWork
from server.kit.errors import Busy
from server.kit.postgres import PostgresBackend
from server.kit.postgres_session import Session
from server.kit.schema import outbox
from tests.databases import Databases
from tests.server.kit.counted import Counted, count, numbers

pytestmark = pytest.mark.postgres


@pytest.fixture
def url(postgres: Databases) -> DatabaseUrl:
    return postgres.empty()


@pytest.fixture
async def database(url: DatabaseUrl, clock: FrozenClock) -> AsyncIterator[Database]:
    database = Database(PostgresBackend(url), clock)
    await database.start()
    yield database
    await database.stop()


def told_to(database: Database) -> list[int]:
    told: list[int] = []
    database.subscribe(
        lambda stored: told.extend(e.event.number for e in stored if isinstance(e.event, Counted))
    )
    return told


async def test_two_that_lock_crosswise_are_both_done(database: Database) -> None:
    ids = [await database.write(_row, each) for each in "ab"]
    runs = 0

    def touch(uow: UnitOfWork, first: int, second: int) -> None:
        nonlocal runs
        runs += 1
        for each in (first, second):
            uow.conn.execute(sa.update(outbox).where(outbox.c.id == each).values(kind="touched"))
            uow.conn.execute(sa.text("SELECT pg_sleep(0.3)"))

    await asyncio.gather(database.write(touch, *ids), database.write(touch, *reversed(ids)))
    # One of them again, or both by turns on a machine that is slow to come back.
    assert runs >= 3


def _row(uow: UnitOfWork, kind: str) -> int:
    values = {"kind": kind, "data": {}, "at": uow.now}
    return int(uow.conn.execute(sa.insert(outbox).returning(outbox.c.id), values).scalar_one())


async def test_a_read_is_of_one_moment_and_a_write_sees_what_is_committed(
    database: Database,
) -> None:
    def twice(uow: UnitOfWork) -> list[int]:
        first = len(numbers(uow))
        uow.conn.execute(sa.text("SELECT pg_sleep(0.5)"))
        return [first, len(numbers(uow))]

    looks = [database.read(twice), database.write(twice)]
    running = asyncio.gather(*looks)
    await asyncio.sleep(0.2)
    await database.write(count, 1)
    snapshot, fresh = await running
    assert snapshot[0] == snapshot[1]
    assert fresh[1] == 1


async def test_lost_connections_are_replaced_unseen(database: Database) -> None:
    await asyncio.gather(*(database.read(numbers) for _ in range(4)))

    def end_the_others(uow: UnitOfWork) -> int:
        ended = uow.conn.scalars(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        return len(ended.all())

    assert await database.write(end_the_others) > 0
    await asyncio.gather(*(database.write(count, n) for n in range(8)))
    assert sorted(await database.read(numbers)) == list(range(8))


async def test_a_constraint_that_fails_at_the_end_fails_the_commit(database: Database) -> None:
    told = told_to(database)

    def break_late(uow: UnitOfWork) -> None:
        count(uow, 1)
        uow.conn.execute(
            sa.text("CREATE TEMP TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        )
        uow.conn.execute(sa.text("INSERT INTO late VALUES (1), (1)"))

    with pytest.raises(CommitFailed):
        await database.write(break_late)
    assert await database.write(count, 2) == 2
    assert (told, await database.read(numbers)) == ([2], [2])


@pytest.mark.parametrize("happened", [True, False])
async def test_a_commit_without_an_answer_is_looked_up(
    database: Database, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    monkeypatch.setattr(db, "DOUBT_SECONDS", 0.05)
    told = told_to(database)
    commit = Session.commit

    async def lost(conn: Session) -> None:
        if happened:
            await commit(conn)
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(Session, "commit", lost)
        with pytest.raises(Busy):
            await database.write(count, 1)
    await database.write(count, 2)
    while happened and 1 not in told:
        await asyncio.sleep(0.01)
    expected = [1, 2] if happened else [2]
    assert (sorted(told), await database.read(numbers)) == (expected, expected)


async def test_causes_are_told_before_effects_though_answers_come_late(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_to(database)
    commit = Session.commit
    late = asyncio.Event()

    async def slow(conn: Session) -> None:
        first = not database.backend.units
        await commit(conn)
        if first:
            await late.wait()

    await database.stop()
    database = Database(PostgresBackend(database.backend.url))  # type: ignore[attr-defined]
    await database.start()
    told = told_to(database)
    monkeypatch.setattr(Session, "commit", slow)
    cause = asyncio.ensure_future(database.write(count, 1))  # noqa: TID251
    while await database.read(numbers) != [1]:
        await asyncio.sleep(0.01)
    monkeypatch.setattr(Session, "commit", commit)
    effect = asyncio.ensure_future(database.write(count, 2))  # noqa: TID251
    while await database.read(numbers) != [1, 2]:
        await asyncio.sleep(0.01)
    assert (told, cause.done(), effect.done()) == ([], False, False)
    late.set()
    assert list(await asyncio.gather(cause, effect)) == [1, 2]
    assert told == [1, 2]
    await database.stop()


async def test_a_caller_who_goes_away_changes_nothing(database: Database) -> None:
    def slow(uow: UnitOfWork) -> None:
        count(uow, 1)
        uow.conn.execute(sa.text("SELECT pg_sleep(0.2)"))

    told = told_to(database)
    gone = asyncio.ensure_future(database.write(slow))  # noqa: TID251
    await asyncio.sleep(0.05)
    gone.cancel()
    while told != [1]:
        await asyncio.sleep(0.01)
    assert await database.read(numbers) == [1]


@pytest.fixture
def impatient(url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> DatabaseUrl:
    monkeypatch.setitem(postgres.LIMITS, "lock_timeout", "100ms")
    return url


async def test_too_long_for_a_lock_is_busy(impatient: DatabaseUrl, clock: FrozenClock) -> None:
    database = Database(PostgresBackend(impatient), clock)
    await database.start()
    row = await database.write(_row, "held")

    def hold(uow: UnitOfWork, seconds: float) -> None:
        uow.conn.execute(sa.update(outbox).where(outbox.c.id == row).values(kind="mine"))
        uow.conn.execute(sa.select(sa.func.pg_sleep(seconds)))

    first = asyncio.ensure_future(database.write(hold, 1.0))  # noqa: TID251
    await asyncio.sleep(0.3)
    with pytest.raises(Busy):
        await database.write(hold, 0)
    await first
    await database.stop()


async def test_a_line_that_is_too_long_is_busy(url: DatabaseUrl, clock: FrozenClock) -> None:
    database = Database(PostgresBackend(url, longest_line=2), clock)
    await database.start()
    answers: list[Any] = await asyncio.gather(
        *(database.write(count, n) for n in range(5)), return_exceptions=True
    )
    assert [isinstance(each, Busy) for each in answers] == [False] * 2 + [True] * 3
    await database.stop()
