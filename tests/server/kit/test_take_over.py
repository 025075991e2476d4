"""An event that was committed is told, whoever committed it and however it ended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.kit import outbox as outbox_module
from server.kit.backend import Backend
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork
from server.kit.postgres import PostgresBackend
from server.kit.schema import outbox
from server.messages.domain import MessagePosted
from tests.server.kit.counted import Counted, count

SECOND = timedelta(seconds=1)


def told_to(database: Database) -> list[int]:
    told: list[int] = []
    database.subscribe(
        lambda stored: told.extend(e.event.number for e in stored if isinstance(e.event, Counted))
    )
    return told


def _left(uow: UnitOfWork, *kinds: str) -> None:
    """As a process leaves them that dies between its COMMIT and telling of it."""
    rows = [
        {"kind": kind, "data": {"number": number}, "at": uow.now}
        for number, kind in enumerate(kinds, 1)
    ]
    uow.conn.execute(sa.insert(outbox), rows)


def _unmarked(uow: UnitOfWork) -> list[str]:
    rows = uow.conn.scalars(
        sa.select(outbox.c.kind).where(outbox.c.delivered_at.is_(None)).order_by(outbox.c.id)
    )
    return list(rows)


async def _until_marked(database: Database, left: int) -> None:
    while len(await database.read(_unmarked)) > left:
        await asyncio.sleep(0.02)


async def test_what_is_overdue_is_told_in_order_and_what_nobody_knows_is_left(
    database: Database, clock: FrozenClock
) -> None:
    told = told_to(database)
    await database.write(_left, Counted.kind, "test.of_a_newer_release", Counted.kind)
    clock.advance(outbox_module.OVERDUE - SECOND)
    # Whoever committed it may yet tell it.
    assert (await database.take_over(), told) == (0, [])
    clock.advance(SECOND)
    assert (await database.take_over(), told) == (2, [1, 3])
    await _until_marked(database, 1)
    assert (await database.take_over(), told) == (0, [1, 3])
    # A process that knows it will tell it.
    assert await database.read(_unmarked) == ["test.of_a_newer_release"]


async def test_what_was_told_here_is_not_told_again_while_it_can_not_be_marked(
    database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_to(database)
    tried = asyncio.Event()

    def broken(*_: object, **_options: object) -> None:
        tried.set()
        raise ValueError("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(outbox_module, "mark_delivered", broken)
        await database.write(count, 7)
        await tried.wait()
        clock.advance(2 * outbox_module.OVERDUE)
        assert await database.take_over() == 0
    assert told == [7]
    await _until_marked(database, 0)


@pytest.fixture
async def other(database: Database, clock: FrozenClock) -> AsyncIterator[Database]:
    """Another process on the same PostgreSQL."""
    assert isinstance(database.backend, PostgresBackend)
    other = Database(PostgresBackend(database.backend.url), clock)
    await other.start()
    yield other
    await other.stop()


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_the_living_tell_what_the_dead_committed(
    database: Database,
    other: Database,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = told_to(other)
    # Dead after the COMMIT: nothing is told, nothing is marked.
    monkeypatch.setattr(database._dispatcher, "publish", lambda _stored: None)
    for number in range(20):
        await database.write(count, number)
    assert told == []
    clock.advance(outbox_module.OVERDUE)
    assert await other.take_over() == 20
    assert told == list(range(20))
    await _until_marked(other, 0)


async def test_it_looks_by_itself_once_everybody_listens(
    new_backend: Callable[[], Backend], clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.db.TAKE_OVER_SECONDS", 0.02)
    database = Database(new_backend(), clock)
    await database.start()
    # A command that only writes has no listeners, and must not mark what nobody was told of.
    await database.write(_left, Counted.kind)
    clock.advance(outbox_module.OVERDUE)
    await asyncio.sleep(0.1)
    assert await database.read(_unmarked) == [Counted.kind]
    told = told_to(database)
    assert (await database.redeliver(), told) == (1, [1])
    await _until_marked(database, 0)
    await database.write(_left, Counted.kind)
    clock.advance(outbox_module.OVERDUE)
    while told != [1, 1]:
        await asyncio.sleep(0.02)
    await database.stop()


def _says(uow: UnitOfWork) -> None:
    uow.emit(
        MessagePosted(
            visit_id="v", patient_id="p", clinician_id="c", seq=1, client_id="k",
            sender="patient", sender_name="Anna", body="Det svider.", sent_at="2021-03-01",
        )
    )  # fmt: skip


async def test_words_go_with_the_mark_where_nobody_else_reads_them(database: Database) -> None:
    await database.write(_says)
    await _until_marked(database, 0)
    assert await database.read(lambda uow: uow.conn.scalar(sa.select(outbox.c.data))) == {}
