"""SQLite: writes in groups, all in a failing COMMIT, one process in the folder."""

import asyncio
import contextlib
import gc
import shutil
import sqlite3
import threading
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa

from server import migrations
from server.kit.clock import FrozenClock
from server.kit.db import CommitFailed, Database, UnitOfWork, Unusable
from server.kit.errors import Busy
from server.kit.events import Event
from server.kit.folder_lock import DataFolderLocked
from server.kit.outbox import StoredEvent
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.kit.sqlite_engine import engine as sqlite_engine
from tests.server.kit.counted import Counted, count, numbers

PATIENCE = 60.0


@pytest.fixture
def file(template: Path, settings: Settings) -> Path:
    shutil.copy(template, settings.database_file)
    return settings.database_file


@pytest.fixture
async def database(file: Path, clock: FrozenClock) -> AsyncIterator[Database]:
    database = Database(SqliteBackend(file), clock)
    await database.start()
    yield database
    await database.stop()


async def _groups_of(database: Database, writes: int) -> int:
    """Commits for so many writes that stand in line behind one, and for that one."""
    gate, before = threading.Event(), database.backend.groups
    held = asyncio.ensure_future(database.write(lambda _uow: gate.wait(PATIENCE)))  # noqa: TID251
    asked = [asyncio.ensure_future(database.write(count, n)) for n in range(writes)]  # noqa: TID251
    await asyncio.sleep(0)
    gate.set()
    await held
    assert await asyncio.gather(*asked) == list(range(writes))
    assert await database.read(numbers) == list(range(writes))
    return database.backend.groups - before


async def test_many_writes_share_a_commit(file: Path, clock: FrozenClock) -> None:
    database = Database(SqliteBackend(file, slice_seconds=PATIENCE), clock)
    await database.start()
    # Three are full. One is what stood there when the first was taken, and one may note what was
    # told meanwhile.
    assert await _groups_of(database, 600) <= 5
    await database.stop()


async def test_a_group_ends_when_it_has_taken_its_time(file: Path, clock: FrozenClock) -> None:
    database = Database(SqliteBackend(file, slice_seconds=0), clock)
    await database.start()
    with mock.patch("server.kit.sqlite.COMMIT_SHARE", 0):
        assert await _groups_of(database, 40) >= 41
    await database.stop()


async def test_events_are_told_in_the_order_of_asking(database: Database) -> None:
    told: list[Event] = []
    database.subscribe(lambda stored: told.extend(each.event for each in stored))
    await asyncio.gather(*(database.write(count, n) for n in range(100)))
    assert told == [Counted(n) for n in range(100)]


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


async def test_a_line_that_is_too_long_is_busy(file: Path, clock: FrozenClock) -> None:
    database = Database(SqliteBackend(file, longest_line=3), clock)
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


async def test_one_process_owns_the_folder(
    database: Database, file: Path, clock: FrozenClock
) -> None:
    other = Database(SqliteBackend(file), clock)
    with pytest.raises(DataFolderLocked, match="VARDRUM_DATA"):
        await other.start()


@pytest.fixture
def newer(file: Path) -> Path:
    engine = sqlite_engine(file, write=True)
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = 'f00d'"))
    engine.dispose()
    return file


async def test_a_schema_from_the_future_is_refused(newer: Path, clock: FrozenClock) -> None:
    database = Database(SqliteBackend(newer, prepare=migrations.upgrade), clock)
    with pytest.raises(Unusable, match=r"newer vardrum.*f00d"):
        await database.start()


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    path = tmp_path / "vardrum.db"
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    return path


async def test_a_file_that_is_no_database_is_found_at_once(noise: Path, clock: FrozenClock) -> None:
    broken = Database(SqliteBackend(noise), clock)
    with pytest.raises(sa.exc.DatabaseError):
        await broken.start()
    # The lock was let go.
    mended = Database(SqliteBackend(noise.with_name("other.db")), clock)
    await mended.start()
    await mended.stop()


class _Kept:
    """What a unit was asked to do."""

    def __call__(self, _uow: UnitOfWork) -> None:
        raise KeyError


async def test_a_unit_that_fails_leaves_no_garbage(database: Database) -> None:
    gc.collect()
    gc.disable()
    try:
        asked = _Kept()
        left = weakref.ref(asked)
        with contextlib.suppress(KeyError):
            await database.write(asked)
        del asked
        async with asyncio.timeout(PATIENCE):
            while left() is not None:  # the writer lets go of it a moment later
                await asyncio.sleep(0.005)
    finally:
        gc.enable()
