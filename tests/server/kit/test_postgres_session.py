"""PostgreSQL: what a unit asks of the server, and over which connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit.clock import FrozenClock
from server.kit.database_url import DatabaseUrl
from server.kit.db import CommitFailed, Database, UnitOfWork
from server.kit.postgres import PostgresBackend
from server.kit.postgres_driver import driver_of
from server.kit.postgres_session import READ, Session
from server.kit.schema import outbox
from server.kit.statement import Statement
from tests.databases import Databases
from tests.server.kit.counted import count, numbers

pytestmark = pytest.mark.postgres

_KINDS = Statement(sa.select(outbox.c.kind).order_by(outbox.c.id))
_AMONG = Statement(
    sa.select(outbox.c.at).where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
)
_PID = sa.text("SELECT pg_backend_pid()")


@pytest.fixture
def url(postgres: Databases) -> DatabaseUrl:
    return postgres.empty()


@pytest.fixture
async def database(url: DatabaseUrl, clock: FrozenClock) -> AsyncIterator[Database]:
    database = Database(PostgresBackend(url), clock)
    await database.start()
    yield database
    await database.stop()


def pid(uow: UnitOfWork) -> int:
    return int(uow.conn.execute(_PID).scalar_one())


def kinds(uow: UnitOfWork) -> list[str]:
    return [row["kind"] for row in _KINDS.rows(uow.conn)]


def prepared(uow: UnitOfWork, begins: str) -> int:
    named = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :text")
    found: Any = uow.conn.scalar(named, {"text": f"{begins}%"})
    return int(found)


async def test_a_unit_is_so_many_questions_and_no_more(database: Database) -> None:
    asked: list[str] = []

    def listen(uow: UnitOfWork) -> None:
        driver = driver_of(uow.conn)
        assert driver is not None
        driver.add_query_logger(lambda said: asked.append(said.query.split()[0]))

    await database.write(listen)
    for _ in range(3):
        asked.clear()
        await database.write(count, 1)
        assert asked == ["BEGIN", "INSERT", "COMMIT"]
        asked.clear()
        await database.read(kinds)
        assert asked == ["BEGIN", "SELECT", "COMMIT"]


async def test_the_connection_used_last_is_taken_first_and_has_it_prepared(
    database: Database,
) -> None:
    await asyncio.gather(*(database.write(pid) for _ in range(6)))
    looks = [await database.read(lambda uow: (pid(uow), kinds(uow))) for _ in range(5)]
    looks += [await database.write(lambda uow: (pid(uow), kinds(uow))) for _ in range(5)]
    assert len({of for of, _ in looks}) == 1
    assert await database.read(prepared, "SELECT outbox.kind") == 1


async def test_a_list_is_prepared_once_however_long(database: Database) -> None:
    def look(uow: UnitOfWork) -> list[int]:
        for number in range(4):
            count(uow, number)
        ids = [each.id for each in uow.store_events()]
        asked = [[], ids[:1], ids, [*ids, ids[-1] + 1]]
        return [len(_AMONG.rows(uow.conn, ids=each)) for each in asked]

    assert await database.write(look) == [0, 1, 4, 4]
    assert await database.read(prepared, "SELECT outbox.at") == 1


async def test_a_unit_that_went_on_after_a_failure_says_that_nothing_was_written(
    database: Database,
) -> None:
    def go_on(uow: UnitOfWork) -> None:
        count(uow, 1)
        uow.store_events()
        with pytest.raises(sa.exc.DBAPIError):
            uow.conn.exec_driver_sql("SELECT 1 / 0")
        with pytest.raises(sa.exc.DBAPIError):
            kinds(uow)

    with pytest.raises(CommitFailed):
        await database.write(go_on)
    assert await database.write(count, 2) == 2
    assert await database.read(numbers) == [2]


async def test_a_table_that_changes_under_what_is_prepared_is_not_noticed(
    database: Database,
) -> None:
    every = Statement(sa.select(sa.literal_column("*")).select_from(sa.text("changing")))

    def look(uow: UnitOfWork) -> int:
        assert driver_of(uow.conn) is not None
        return len(every.rows(uow.conn))

    await database.write(lambda uow: uow.conn.exec_driver_sql("CREATE TABLE changing (a int)"))
    assert await database.read(look) == 0
    await database.write(lambda uow: uow.conn.exec_driver_sql("ALTER TABLE changing ADD b int"))
    assert await database.read(look) == 0
    await database.write(lambda uow: uow.conn.exec_driver_sql("DROP TABLE changing"))


async def test_who_is_cut_off_leaves_no_connection_behind(database: Database) -> None:
    used = await database.write(pid)

    async def sleep(session: Session) -> None:
        await session.run(lambda conn: conn.execute(sa.text("SELECT pg_sleep(60)")).close())

    assert isinstance(database.backend, PostgresBackend)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await database.backend._transaction(READ, sleep)
    assert await database.write(pid) != used


async def test_a_transaction_that_was_left_open_is_nobody_elses(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forget(_session: Session) -> None: ...

    with monkeypatch.context() as broken:
        broken.setattr(Session, "leave", forget)
        used = await database.read(pid)
    assert await database.write(pid) != used
    assert await database.write(count, 1) == 1
