"""The writer: groups, alone in failure, all in a failing COMMIT; events in order."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from server.kit import events
from server.kit.clock import FrozenClock
from server.kit.db import CommitFailed, Database, DataFolderLocked, UnitOfWork, UnloggedRead
from server.kit.errors import Busy
from server.kit.events import Event, register_event
from server.kit.outbox import StoredEvent
from server.kit.schema import UtcDateTime, outbox
from server.kit.sqlite import SqliteBackend


@register_event
@dataclass(frozen=True, slots=True)
class Counted(Event):
    """An event of these tests."""

    kind: ClassVar[str] = "test.counted"
    number: int
    text: str | None = None


def count(uow: UnitOfWork, number: int) -> int:
    uow.emit(Counted(number))
    return number


def numbers(uow: UnitOfWork) -> list[int]:
    rows = uow.conn.execute(sa.select(outbox.c.data).order_by(outbox.c.id))
    return [row.data["number"] for row in rows]


async def test_many_writes_share_a_commit(database: Database) -> None:
    results = await asyncio.gather(*(database.write(count, n) for n in range(600)))
    assert results == list(range(600))
    assert await database.read(numbers) == list(range(600))
    assert database.backend.groups < 60


async def test_a_unit_that_raises_takes_nothing_with_it(database: Database) -> None:
    def fail(uow: UnitOfWork) -> None:
        count(uow, 99)
        raise ValueError("no")

    results = await asyncio.gather(
        database.write(count, 1),
        database.write(fail),
        database.write(count, 2),
        return_exceptions=True,
    )
    assert [type(each) for each in results] == [int, ValueError, int]
    assert await database.read(numbers) == [1, 2]


async def test_a_failing_statement_rolls_back_only_its_unit(database: Database) -> None:
    def twice(uow: UnitOfWork) -> None:
        count(uow, 7)
        first = uow.conn.scalar(sa.select(sa.func.max(outbox.c.id)))
        uow.conn.execute(sa.insert(outbox).values(id=first, kind="x", data={}, at=uow.now))

    with pytest.raises(sa.exc.IntegrityError):
        await database.write(twice)
    await database.write(count, 8)
    assert await database.read(numbers) == [8]


async def test_a_cancelled_caller_changes_nothing_for_others(database: Database) -> None:
    gate = threading.Event()
    held = asyncio.ensure_future(database.write(lambda _uow: gate.wait(5)))  # noqa: TID251
    await asyncio.sleep(0)
    writes = [asyncio.ensure_future(database.write(count, n)) for n in range(3)]  # noqa: TID251
    await asyncio.sleep(0)
    writes[1].cancel()
    gate.set()
    assert await held is True
    assert await writes[0] == 0
    assert await writes[2] == 2
    # It was in line already, so it may have been committed; here it was.
    assert await database.read(numbers) == [0, 1, 2]


async def test_a_failing_commit_fails_everybody_in_it(database: Database) -> None:
    told: list[StoredEvent] = []
    database.subscribe(told.extend)

    def end_transaction(uow: UnitOfWork) -> None:
        # What SQLite does by itself when the disk is full.
        driver = uow.conn.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    gate = threading.Event()
    held = asyncio.ensure_future(database.write(lambda _uow: gate.wait(5)))  # noqa: TID251
    await asyncio.sleep(0.05)
    group = [
        asyncio.ensure_future(each)  # noqa: TID251
        for each in (
            database.write(count, 1),
            database.write(end_transaction),
            database.write(count, 2),
        )
    ]
    await asyncio.sleep(0)
    gate.set()
    await held
    results = await asyncio.gather(*group, return_exceptions=True)
    assert isinstance(results[0], CommitFailed)
    assert isinstance(results[1], Exception)
    assert isinstance(results[2], CommitFailed)
    assert told == []
    # The thread lives on.
    assert await database.write(count, 3) == 3
    assert await database.read(numbers) == [3]


async def test_a_line_that_is_too_long_is_busy(database_file: Path, clock: FrozenClock) -> None:
    backend = SqliteBackend(database_file, longest_line=3)
    database = Database(database_file, clock, backend=backend)
    await database.start()
    gate = threading.Event()
    try:
        held = [
            asyncio.ensure_future(database.write(lambda _uow: gate.wait(5)))  # noqa: TID251
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await database.write(count, 1)
        gate.set()
        await asyncio.gather(*held)
        assert await database.write(count, 2) == 2
    finally:
        gate.set()
        await database.stop()


async def test_stopping_finishes_what_waits_and_refuses_the_rest(
    database_file: Path, clock: FrozenClock
) -> None:
    database = Database(database_file, clock)
    await database.start()
    waiting = [asyncio.ensure_future(database.write(count, n)) for n in range(50)]  # noqa: TID251
    await asyncio.sleep(0)
    await database.stop()
    assert await asyncio.gather(*waiting) == list(range(50))
    with pytest.raises(Busy):
        await database.write(count, 1)


async def test_a_read_can_neither_write_nor_emit(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await database.read(count, 1)
    with pytest.raises(sa.exc.OperationalError):
        await database.read(lambda uow: uow.conn.execute(sa.delete(outbox)))


async def test_a_read_without_a_line_in_the_log_fails(database: Database) -> None:
    with pytest.raises(UnloggedRead):
        await database.read_logged(lambda _uow: "secret")

    def logged(uow: UnitOfWork) -> str:
        uow.logged = True
        return "seen"

    assert await database.read_logged(logged) == "seen"


async def test_events_arrive_before_the_answer_and_in_order(database: Database) -> None:
    told: list[int] = []

    def listen(stored: Sequence[StoredEvent]) -> None:
        told.extend(each.event.number for each in stored if isinstance(each.event, Counted))

    def broken(_stored: Sequence[StoredEvent]) -> None:
        raise ValueError("a listener's own fault")

    database.subscribe(broken)
    database.subscribe(listen)
    await database.write(count, 1)
    assert told == [1]
    await asyncio.gather(*(database.write(count, n) for n in range(2, 100)))
    assert told == list(range(1, 100))


async def test_what_was_not_marked_is_delivered_again(
    database_file: Path, clock: FrozenClock
) -> None:
    first = Database(database_file, clock)
    await first.start()
    await first.write(count, 1)
    await first.stop()  # marks
    second = Database(database_file, clock)
    await second.start()
    # A crash before marking, an event of another release, and one field that is gone.
    rows = [
        {"kind": "test.counted", "data": {"number": 2, "gone": 1}, "at": clock.now()},
        {"kind": "test.vanished", "data": {}, "at": clock.now()},
        {"kind": "test.counted", "data": {"number": 3}, "at": clock.now()},
    ]
    await second.write(lambda uow: uow.conn.execute(sa.insert(outbox), rows).close())
    told: list[Event] = []
    second.subscribe(lambda stored: told.extend(each.event for each in stored))
    assert await second.redeliver() == 3
    assert told == [Counted(2), Counted(3)]
    await second.stop()
    third = Database(database_file, clock)
    await third.start()
    assert await third.redeliver() == 0
    await third.stop()


async def test_hooks_run_in_the_same_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_hooks", {})
    seen: list[int] = []

    def hook(uow: UnitOfWork, event: Counted) -> None:
        seen.append(event.number)
        if event.number == 1:
            uow.emit(Counted(10))
        if event.number == 5:
            raise ValueError("the hook fails, and with it the unit")

    events.on(Counted, hook)
    events.on(Counted, hook)
    await database.write(count, 1)
    assert seen == [1, 10]
    with pytest.raises(ValueError, match="hook fails"):
        await database.write(count, 5)
    assert await database.read(numbers) == [1, 10]


async def test_one_process_owns_the_folder(database: Database, clock: FrozenClock) -> None:
    other = Database(database.backend.path, clock)
    with pytest.raises(DataFolderLocked, match="VARDRUM_DATA"):
        await other.start()


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    path = tmp_path / "vardrum.db"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    return path


async def test_a_file_that_is_no_database_is_found_at_once(noise: Path, clock: FrozenClock) -> None:
    broken = Database(noise, clock)
    with pytest.raises(sa.exc.DatabaseError):
        await broken.start()
    # The lock was let go.
    mended = Database(noise.with_name("other.db"), clock)
    await mended.start()
    await mended.stop()


@given(st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.builds(
        timezone, st.timedeltas(min_value=timedelta(hours=-12), max_value=timedelta(hours=12))
    ),
))  # fmt: skip
@pytest.mark.property
def test_instants_come_back_as_they_were_and_sort(moment: datetime) -> None:
    dialect = sa.create_engine("sqlite://").dialect
    column = UtcDateTime()
    stored = column.process_bind_param(moment, dialect)
    assert isinstance(stored, str)
    assert column.process_result_value(stored, dialect) == moment
    if moment.year < 9999:
        later = column.process_bind_param(moment + timedelta(microseconds=1), dialect)
        assert isinstance(later, str)
        assert stored < later


def test_a_naive_instant_is_refused() -> None:
    dialect = sa.create_engine("sqlite://").dialect
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001
