"""SQLite as the embedded database: one writer thread that commits in groups, a few reader threads.

An fsync costs the same for one write as for many, so the writer takes whatever waits (up to
``GROUP`` units), runs each in a SAVEPOINT of one ``BEGIN IMMEDIATE``, and tells the callers only
after COMMIT. But all callers of a group are answered at once, and meanwhile nobody else is: a group
ends when it has been worked on for a while, or for as long as makes its COMMIT a small part of it.
Readers see WAL snapshots and never wait for the writer.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from server.kit import sqlite_care
from server.kit.backend import LONGEST_LINE, PROMPT, CommitFailed, Failures, Told, too_much
from server.kit.folder_lock import FolderLock
from server.kit.sqlite_engine import engine

T = TypeVar("T")
Job = Callable[[sa.Connection], Any]

GROUP = 256
# Seconds of work after which a group is committed; and how many times its COMMIT it may work, where
# the disk is so slow that this is longer.
SLICE = 0.008
COMMIT_SHARE = 4
READERS = 4

# Writes whose callers are told in one turn of the loop; others have theirs between.
TOLD_AT_ONCE = 8


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
        slice_seconds: float = SLICE,
    ) -> None:
        """``prepare`` (migrations) runs when the folder is ours, before anything is opened."""
        self.path = path
        self.waiting = 0
        self.groups = 0
        self.units = 0
        self.failures = Failures()
        self._prepare = prepare
        self._longest_line = longest_line
        self._slice = slice_seconds
        self._reading = 0
        self._prompt = 0
        self._commit_seconds = 0.0
        self._kept: dict[int, sa.Connection] = {}
        self._to_tell: deque[_Unit] = deque()
        self._all_told = asyncio.Event()
        self._all_told.set()
        self._line: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._lock = FolderLock(path.parent)

    async def start(self, committed: Told, _doubted: Told) -> None:
        """Take the folder and start the threads. A COMMIT here always says whether it happened."""
        self._committed = committed
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._open)
        self._readers = ThreadPoolExecutor(READERS, "db-read")
        self._prompt_reader = ThreadPoolExecutor(1, "db-read-promptly")
        self._writer = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._writer.start()

    def _open(self) -> None:
        self._lock.take()
        try:
            if self._prepare is not None:
                self._prepare(self.path)
            self._write_engine = engine(self.path, write=True)
            # One more for who is in haste.
            self._read_engine = engine(self.path, write=False, size=READERS + 1)
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
        await self._all_told.wait()

    def _close(self) -> None:
        self._writer.join()
        self._readers.shutdown()
        self._prompt_reader.shutdown()
        for conn in self._kept.values():
            conn.close()
        self._read_engine.dispose()
        self._write_engine.dispose()
        self._lock.release()

    async def read(self, job: Callable[[sa.Connection], T], *, promptly: bool = False) -> T:
        """Run the job on a snapshot."""
        if self._reading >= self._longest_line:
            raise too_much("Too many reads are waiting.")
        self._reading += 1
        promptly = promptly and self._prompt < PROMPT
        self._prompt += promptly
        try:
            readers = self._prompt_reader if promptly else self._readers
            return await self._loop.run_in_executor(readers, self._read, job)
        finally:
            self._reading -= 1
            self._prompt -= promptly

    def _read(self, job: Callable[[sa.Connection], T]) -> T:
        # Each thread keeps its connection: to fetch one and give it back costs as much as to read.
        thread = threading.get_ident()
        conn = self._kept.get(thread)
        if conn is None:
            conn = self._kept[thread] = self._read_engine.connect()
        try:
            with conn.begin():
                return job(conn)
        except BaseException:
            # Whatever became of it: the next read gets one that nothing happened to.
            self._kept.pop(thread).close()
            raise

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
        last, left = False, list[_Unit]()
        with self._write_engine.connect() as conn:
            while left or not last:
                if not left:
                    left, last = self._take()
                if left:
                    settled = self._write_group(conn, left)
                    self._loop.call_soon_threadsafe(self._done, left[:settled])
                    left = left[settled:]
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

    def _write_group(self, conn: sa.Connection, units: list[_Unit]) -> int:
        """Write and commit the first of the units, one at least. Returns how many are settled."""
        settled = 0
        written = began = time.perf_counter()
        ends = began + max(self._slice, COMMIT_SHARE * self._commit_seconds)
        try:
            with conn.begin():
                while settled < len(units) and (written < ends or not settled):
                    self._write_one(conn, units[settled])
                    settled += 1
                    written = time.perf_counter()
            self._commit_seconds = time.perf_counter() - written
        except BaseException as error:  # the thread must outlive everything
            # What ended it, such as a full disk, would meet those who still stand in line as well.
            settled = len(units)
            for unit in units:
                if unit.error is None:
                    unit.error = CommitFailed.by(error)
            _leave_transaction(conn)
        self.failures.note(unit.error for unit in units[:settled])
        self.groups += 1
        self.units += settled
        return settled

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
            unit.error = CommitFailed.by(error) if sqlite_care.cannot_store(error) else error
            # Some faults (disk full, out of memory) end SQLite's whole transaction: then what the
            # others wrote is gone too, and the group must fail rather than half-commit.
            if not driver.in_transaction:
                raise
            driver.execute("ROLLBACK TO unit")
        driver.execute("RELEASE unit")

    # Back on the loop.

    def _done(self, group: list[_Unit]) -> None:
        self.waiting -= len(group)
        self._to_tell.extend(group)
        if self._all_told.is_set():
            self._all_told.clear()
            self._tell_some()

    def _tell_some(self) -> None:
        """Tell in the order of commits, and let the loop have its turn between."""
        some = [self._to_tell.popleft() for _ in range(min(TOLD_AT_ONCE, len(self._to_tell)))]
        if self._to_tell:
            self._loop.call_soon(self._tell_some)
        else:
            self._all_told.set()
        try:
            self._committed([unit.result for unit in some if unit.error is None])
        finally:
            # Whatever becomes of the news: nobody may wait for ever.
            for unit in some:
                future, error = unit.future, unit.error
                # An error's traceback leads to all of its group. Nothing of that leads back to it,
                # or each refusal would leave a whole group to who looks for garbage.
                del unit.future, unit.error
                if future.done():
                    continue  # the caller went away; what was written stays written
                if error is None:
                    future.set_result(unit.result)
                else:
                    future.set_exception(error)


def _leave_transaction(conn: sa.Connection) -> None:
    """A COMMIT that fails leaves SQLite's transaction open, with all that must not be kept."""
    try:
        driver = conn.connection.driver_connection
        if driver is not None and driver.in_transaction:
            driver.execute("ROLLBACK")
    except Exception:
        # The next group gets a connection that nothing happened to.
        conn.invalidate()
