"""PostgreSQL: who loses against another runs again, who takes too long is told to come later."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from server.kit import postgres
from server.kit.clock import FrozenClock
from server.kit.database_url import DatabaseUrl
from server.kit.db import Database, UnitOfWork
from server.kit.errors import Busy
from server.kit.events import Event
from server.kit.postgres import ATTEMPTS, PostgresBackend
from tests.databases import Databases
from tests.server.kit.counted import Counted, count, numbers

pytestmark = pytest.mark.postgres
# What the server says to the loser; the texts are translated, so the state is what counts.
_LOSE = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{state}'; END $$"
_LOSE_LATE = """
    CREATE FUNCTION pg_temp.lose() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{state}'; END $$;
    CREATE TEMP TABLE late (id int) ON COMMIT DROP;
    CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pg_temp.lose();
    INSERT INTO late VALUES (1)
"""


@pytest.fixture
def url(postgres: Databases) -> DatabaseUrl:
    return postgres.empty()


@pytest.fixture
async def database(url: DatabaseUrl, clock: FrozenClock) -> AsyncIterator[Database]:
    database = Database(PostgresBackend(url), clock)
    await database.start()
    yield database
    await database.stop()


class Loser:
    """A unit that writes, and loses the first times it runs."""

    def __init__(self, times: int, state: str, *, late: bool) -> None:
        self.runs = 0
        self._times, self._state, self._late = times, state, late

    def __call__(self, uow: UnitOfWork, number: int) -> int:
        self.runs += 1
        count(uow, number)
        if self.runs <= self._times:
            text = (_LOSE_LATE if self._late else _LOSE).format(state=self._state)
            for statement in text.split(";\n") if self._late else [text]:
                uow.conn.exec_driver_sql(statement)
        return number


@pytest.mark.parametrize("late", [False, True], ids=["in a statement", "at its COMMIT"])
@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_loser_runs_again_and_counts_once(
    database: Database, state: str, late: bool
) -> None:
    told: list[Event] = []
    database.subscribe(lambda stored: told.extend(each.event for each in stored))
    unit = Loser(2, state, late=late)
    # Others commit meanwhile, and wait for nobody who lost.
    results = await asyncio.gather(
        database.write(unit, 1), *(database.write(count, n) for n in range(2, 20))
    )
    assert (results, unit.runs) == (list(range(1, 20)), 3)
    assert sorted(await database.read(numbers)) == list(range(1, 20))
    assert sorted(each.number for each in told if isinstance(each, Counted)) == list(range(1, 20))


@pytest.mark.parametrize("late", [False, True], ids=["in a statement", "at its COMMIT"])
async def test_who_loses_every_time_is_told_to_come_again(database: Database, late: bool) -> None:
    unit = Loser(100, "40001", late=late)
    with pytest.raises(Busy, match="same Idempotency-Key"):
        await database.write(unit, 1)
    assert unit.runs == ATTEMPTS
    assert await database.write(count, 2) == 2
    assert await database.read(numbers) == [2]


@pytest.fixture
def impatient(url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> DatabaseUrl:
    monkeypatch.setitem(postgres.LIMITS, "statement_timeout", "200ms")
    return url


async def test_a_statement_that_takes_too_long_is_busy_and_leaves_nothing(
    impatient: DatabaseUrl, clock: FrozenClock
) -> None:
    database = Database(PostgresBackend(impatient), clock)
    await database.start()
    runs = 0

    def slow(uow: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        count(uow, 1)
        uow.store_events()
        uow.conn.execute(sa.text("SELECT pg_sleep(60)"))

    with pytest.raises(Busy):
        await database.write(slow)
    # Once: what took too long would take as long again, and others wait.
    assert runs == 1
    with pytest.raises(Busy):
        await database.read(lambda uow: uow.conn.execute(sa.text("SELECT pg_sleep(60)")).close())
    assert await database.read(numbers) == []
    await database.stop()


async def test_a_whole_database_has_nothing_to_say_and_a_broken_index_is_named(
    database: Database,
) -> None:
    assert await database.backend.check() == []
    broken = (
        "UPDATE pg_index SET indisvalid = {} WHERE indexrelid = 'ix_outbox_undelivered'::regclass"
    )
    await database.write(lambda uow: uow.conn.exec_driver_sql(broken.format("false")).close())
    try:
        faults = await database.backend.check()
    finally:
        await database.write(lambda uow: uow.conn.exec_driver_sql(broken.format("true")).close())
    assert len(faults) == 1
    assert "ix_outbox_undelivered" in faults[0]
