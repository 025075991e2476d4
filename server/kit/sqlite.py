"""SQLite as the embedded database: one writer thread that commits in groups, a few reader threads.

An fsync costs the same for one write as for many, so the writer takes whatever waits (up to
``GROUP`` units), runs each in a SAVEPOINT of one ``BEGIN IMMEDIATE``, and tells the callers only
after COMMIT. Readers see WAL snapshots and never wait for the writer.
"""

import asyncio
import contextlib
import fcntl
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import PoolProxiedConnection
from typing_extensions import override

from server.kit import sqlite_care
from server.kit.backend import LONGEST_LINE, CommitFailed, Told, Unusable, too_much

T = TypeVar("T")
Job = Callable[[sa.Connection], Any]

GROUP = 256
READERS = 4


class DataFolderLocked(Unusable):
    """Another process owns the data folder."""


class _Dialect(SQLiteDialect_pysqlite):
    """SQLite, with transactions that begin as they are told to.

    The driver's own way is off, because it commits behind one's back. Beginning by an event of the
    engine would do as well, but an engine with any event looks for more at every statement.
    """

    supports_statement_cache = True

    def __init__(self, begin: str = "BEGIN", **options: Any) -> None:
        super().__init__(**options)
        self._begin = begin

    @override
    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(self._begin)


registry.register("sqlite.vardrum", __name__, _Dialect.__name__)


def engine(path: Path, *, write: bool) -> sa.Engine:
    """A SQLAlchemy engine on the file, with the settings that durability and WAL need."""
    made = sa.create_engine(
        f"sqlite+vardrum:///{path}",
        begin="BEGIN IMMEDIATE" if write else "BEGIN",
        pool_size=1 if write else READERS,
        max_overflow=0,
        # All of our statements stay prepared: they are some hundred and fifty.
        connect_args={"timeout": 10, "isolation_level": None, "cached_statements": 500},
        hide_parameters=True,
    )

    @sa.event.listens_for(made, "connect")
    def connect(dbapi: DBAPIConnection, _record: object) -> None:
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "wal_autocheckpoint=4000",
            "cache_size=-32768",
            "temp_store=MEMORY",
            *(() if write else ("query_only=ON",)),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return made


class FolderLock:
    """Holds the data folder for this process (``flock``: it goes when the process goes)."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "vardrum.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or raise ``DataFolderLocked`` with a sentence for a person."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            file.close()
            raise DataFolderLocked(
                f"The data folder {self._path.parent} is in use by another vardrum (process "
                f"{owner}). Stop that one, or choose another folder with VARDRUM_DATA."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(slots=True)
class _Unit:
    job: Job
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


class SqliteBackend:
    """Runs jobs on connections; tells ``committed``, on the loop, each group's results in order.

    See ``kit.backend.Backend``.
    """

    def __init__(
        self,
        path: Path,
        *,
        prepare: Callable[[Path], None] | None = None,
        longest_line: int = LONGEST_LINE,
    ) -> None:
        """``prepare`` (migrations) runs when the folder is ours, before anything is opened."""
        self.path = path
        self.waiting = 0
        self.groups = 0
        self.units = 0
        self._prepare = prepare
        self._longest_line = longest_line
        self._reading = 0
        self._line: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._lock = FolderLock(path.parent)

    async def start(self, committed: Told, _doubted: Told) -> None:
        """Take the folder and start the threads. A COMMIT here always says whether it happened."""
        self._committed = committed
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._open)
        self._readers = ThreadPoolExecutor(READERS, "db-read")
        self._writer = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._writer.start()

    def _open(self) -> None:
        self._lock.take()
        try:
            if self._prepare is not None:
                self._prepare(self.path)
            self._write_engine = engine(self.path, write=True)
            self._read_engine = engine(self.path, write=False)
            # A file that is no database is found now, not by the first request.
            self._write_engine.connect().close()
        except BaseException:
            self._lock.release()
            raise

    async def stop(self) -> None:
        """Finish what waits, then close. Later jobs are refused."""
        self._longest_line = 0
        self._line.put(None)
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.join()
        self._readers.shutdown()
        self._read_engine.dispose()
        self._write_engine.dispose()
        self._lock.release()

    async def read(self, job: Callable[[sa.Connection], T]) -> T:
        """Run the job on a snapshot."""
        if self._reading >= self._longest_line:
            raise too_much("Too many reads are waiting.")
        self._reading += 1
        try:
            return await self._loop.run_in_executor(self._readers, self._read, job)
        finally:
            self._reading -= 1

    def _read(self, job: Callable[[sa.Connection], T]) -> T:
        with self._read_engine.connect() as conn, conn.begin():
            return job(conn)

    async def write(self, job: Callable[[sa.Connection], T]) -> T:
        """Run the job as one unit and return when it is committed."""
        if self.waiting >= self._longest_line:
            raise too_much("Too many writes are waiting.")
        unit = _Unit(job, self._loop.create_future())
        self.waiting += 1
        self._line.put(unit)
        result: T = await unit.future
        return result

    async def check(self) -> list[str]:
        """Look whether the file is whole. See ``kit.backend.Backend`` and ``sqlite_care.check``."""
        return await asyncio.to_thread(sqlite_care.check, self.path)

    async def backup_to(self, target: Path) -> None:
        """Copy what is committed by now into a file that must not exist, while work goes on.

        ``Unusable`` says why there is none. PostgreSQL has tools of its own for this.
        """
        await asyncio.to_thread(sqlite_care.backup, self.path, target)

    # From here on in the writer thread.

    def _run(self) -> None:
        last = False
        with self._write_engine.connect() as conn:
            while not last:
                group, last = self._take()
                if group:
                    self._write_group(conn, group)
                    self._loop.call_soon_threadsafe(self._done, group)
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                conn.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def _take(self) -> tuple[list[_Unit], bool]:
        """Wait for a unit and take what stands behind it. True: nothing comes after these."""
        group: list[_Unit] = []
        try:
            while len(group) < GROUP:
                unit = self._line.get() if not group else self._line.get_nowait()
                if unit is None:
                    return group, True
                group.append(unit)
        except queue.Empty:
            pass
        return group, False

    def _write_group(self, conn: sa.Connection, group: list[_Unit]) -> None:
        try:
            with conn.begin():
                for unit in group:
                    self._write_one(conn, unit)
        except BaseException as error:  # the thread must outlive everything
            for unit in group:
                if unit.error is None:
                    unit.error = CommitFailed(type(error).__name__)
                    unit.error.__cause__ = error
            _leave_transaction(conn)
        self.groups += 1
        self.units += len(group)

    def _write_one(self, conn: sa.Connection, unit: _Unit) -> None:
        driver = conn.connection.driver_connection
        if driver is None:
            raise RuntimeError("the writer's connection is gone")
        # Spoken to the driver: SQLAlchemy compiles a SAVEPOINT anew each time, which costs as much
        # as four of a unit's statements.
        driver.execute("SAVEPOINT unit")
        try:
            unit.result = unit.job(conn)
        except BaseException as error:
            unit.error = error
            # Some faults (disk full, out of memory) end SQLite's whole transaction: then what the
            # others wrote is gone too, and the group must fail rather than half-commit.
            if not driver.in_transaction:
                raise
            driver.execute("ROLLBACK TO unit")
        driver.execute("RELEASE unit")

    # Back on the loop.

    def _done(self, group: list[_Unit]) -> None:
        self.waiting -= len(group)
        try:
            self._committed([unit.result for unit in group if unit.error is None])
        finally:
            # Whatever becomes of the news: nobody may wait for ever.
            for unit in group:
                if unit.future.done():
                    continue  # the caller went away; what was written stays written
                if unit.error is None:
                    unit.future.set_result(unit.result)
                else:
                    unit.future.set_exception(unit.error)


def _leave_transaction(conn: sa.Connection) -> None:
    """A COMMIT that fails leaves SQLite's transaction open, with all that must not be kept."""
    try:
        driver = conn.connection.driver_connection
        if driver is not None and driver.in_transaction:
            driver.execute("ROLLBACK")
    except Exception:
        # The next group gets a connection that nothing happened to.
        conn.invalidate()
