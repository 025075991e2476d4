"""SQLite while it works: reads beside a held writer, is the file whole, a copy of one moment."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from server.kit import sqlite_care
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork, Unusable
from server.kit.settings import Settings
from server.kit.sqlite import READERS, SqliteBackend
from tests.server.kit.counted import count, numbers

PATIENCE = 30.0


@pytest.fixture
def backend(template: Path, settings: Settings) -> SqliteBackend:
    shutil.copy(template, settings.database_file)
    return SqliteBackend(settings.database_file)


@pytest.fixture
async def database(backend: SqliteBackend, clock: FrozenClock) -> AsyncIterator[Database]:
    database = Database(backend, clock)
    await database.start()
    yield database
    await database.stop()


async def test_a_writer_that_is_held_delays_no_read(database: Database) -> None:
    await database.write(count, 1)
    inside, gate = threading.Event(), threading.Event()

    def hold(uow: UnitOfWork) -> int:
        count(uow, 2)
        uow.store_events()
        inside.set()
        assert gate.wait(PATIENCE)
        return 2

    held = asyncio.ensure_future(database.write(hold))  # noqa: TID251
    await asyncio.to_thread(inside.wait, PATIENCE)
    # More than there are readers, each on its snapshot, while the writer is in its transaction.
    seen = await asyncio.gather(*(database.read(numbers) for _ in range(3 * READERS)))
    assert (seen, held.done()) == ([[1]] * (3 * READERS), False)
    gate.set()
    assert await held == 2
    assert await database.read(numbers) == [1, 2]


async def test_a_read_keeps_its_snapshot_and_holds_up_no_write(database: Database) -> None:
    await database.write(count, 1)
    inside, gate = threading.Event(), threading.Event()

    def look_twice(uow: UnitOfWork) -> tuple[list[int], list[int]]:
        before = numbers(uow)
        inside.set()
        assert gate.wait(PATIENCE)
        return before, numbers(uow)

    looking = asyncio.ensure_future(database.read(look_twice))  # noqa: TID251
    await asyncio.to_thread(inside.wait, PATIENCE)
    assert await database.write(count, 2) == 2
    gate.set()
    assert await looking == ([1], [1])


def _look_at(path: Path) -> tuple[list[int], int, list[str]]:
    """The numbers in a copy, who may read it, and what else of it lies about."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = conn.execute("SELECT json_extract(data, '$.number') FROM outbox ORDER BY id").fetchall()
    conn.close()
    names = sorted(each.name for each in path.parent.iterdir() if each.name.startswith(path.stem))
    return [row[0] for row in rows], path.stat().st_mode & 0o777, names


async def test_a_copy_is_of_one_moment_while_the_writer_goes_on(
    database: Database, backend: SqliteBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Steps so small that writes fall between them.
    monkeypatch.setattr(sqlite_care, "STEP", 1)
    await asyncio.gather(*(database.write(count, n) for n in range(50)))
    going = True

    async def write_on() -> int:
        number = 50
        while going:
            await database.write(count, number)
            number += 1
        return number

    writing = asyncio.ensure_future(write_on())  # noqa: TID251
    target = tmp_path / "copy.db"
    await backend.backup_to(target)
    going = False
    last = await writing
    copied, mode, names = await asyncio.to_thread(_look_at, target)
    # Without a gap up to some moment, and never what came later.
    assert copied == list(range(len(copied)))
    assert 50 <= len(copied) <= last
    assert (mode, names) == (0o600, ["copy.db"])
    assert await asyncio.to_thread(sqlite_care.check, target) == []
    with pytest.raises(Unusable, match="exists already"):
        await backend.backup_to(target)


async def test_a_copy_can_be_started_from(
    database: Database, backend: SqliteBackend, tmp_path: Path, clock: FrozenClock
) -> None:
    await database.write(count, 1)
    await asyncio.to_thread((tmp_path / "restored").mkdir)
    target = tmp_path / "restored" / "vardrum.db"
    await backend.backup_to(target)
    restored = Database(SqliteBackend(target), clock)
    await restored.start()
    assert await restored.write(count, 2) == 2
    assert await restored.read(numbers) == [1, 2]
    await restored.stop()


async def test_a_copy_that_can_not_be_written_says_why(
    database: Database, backend: SqliteBackend, tmp_path: Path
) -> None:
    await database.write(count, 1)
    with pytest.raises(Unusable, match=r"can't be written \(No such file"):
        await backend.backup_to(tmp_path / "nowhere" / "copy.db")


async def test_a_whole_file_has_nothing_to_say(database: Database, backend: SqliteBackend) -> None:
    await database.write(count, 1)
    assert await backend.check() == []


def _corrupt(path: Path) -> None:
    """Overwrite the second half of every page after the first: b-trees with noise in them."""
    with path.open("r+b") as file:
        size = path.stat().st_size
        for at in range(4096, size, 4096):
            file.seek(at + 2048)
            file.write(b"\xa5" * 2048)


def _orphan(path: Path) -> None:
    """A commission of nobody at no clinic, as a hand at the file might leave it."""
    with sqlite3.connect(path) as conn:
        conn.execute("INSERT INTO commissions VALUES ('nobody', 'nowhere', 'doctor')")
    conn.close()


@pytest.fixture
def damaged(template: Path, tmp_path: Path) -> Callable[[Callable[[Path], None]], Path]:
    def make(damage: Callable[[Path], None]) -> Path:
        path = tmp_path / "damaged.db"
        shutil.copy(template, path)
        damage(path)
        return path

    return make


def test_what_is_broken_is_said(damaged: Callable[[Callable[[Path], None]], Path]) -> None:
    assert sqlite_care.check(damaged(_corrupt))
    faults = sqlite_care.check(damaged(_orphan))
    assert len(faults) == 2
    assert all(each.startswith("A row of commissions") for each in faults)


def test_a_broken_file_is_not_copied_as_if_it_were_whole(
    damaged: Callable[[Callable[[Path], None]], Path], tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    with pytest.raises(Unusable):
        sqlite_care.backup(damaged(_corrupt), target)
    assert not target.exists()
