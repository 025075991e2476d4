"""Units of work: sync functions that run on a connection, inside exactly one transaction.

``Database`` hides which engine is behind it. Use cases never commit, never see the event loop, and
run the same on every backend:

    def join(uow: UnitOfWork, actor: Actor, clinic_id: str) -> Ticket: ...

    ticket = await database.write(join, actor, clinic_id)
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import sqlalchemy as sa

from server.kit import outbox, tasks
from server.kit.clock import Clock
from server.kit.events import Event, hooks_for
from server.kit.outbox import Listener, StoredEvent
from server.kit.schema import Id, UtcDateTime, metadata
from server.kit.sqlite import CommitFailed, DataFolderLocked, SqliteBackend

__all__ = [
    "CommitFailed",
    "DataFolderLocked",
    "Database",
    "Id",
    "StoredEvent",
    "UnitOfWork",
    "UnloggedRead",
    "UtcDateTime",
    "metadata",
]

P = ParamSpec("P")
T = TypeVar("T")


class UnloggedRead(Exception):
    """A read of a patient's data left no line in the access log. It is a fault of the program."""


class UnitOfWork:
    """One transaction: its connection, its instant, and the events it gives rise to."""

    __slots__ = ("_stored", "_writes", "conn", "logged", "now")

    def __init__(self, conn: sa.Connection, now: datetime, *, writes: bool = True) -> None:
        self.conn = conn
        self.now = now
        self.logged = False
        self._writes = writes
        self._stored: list[StoredEvent] = []

    def emit(self, event: Event) -> None:
        """Add the event to the outbox in this transaction and run its hooks."""
        if not self._writes:
            raise RuntimeError("a read can't emit events")
        self._stored.append(outbox.add(self.conn, event, self.now))
        for hook in hooks_for(event):
            hook(self, event)

    @property
    def stored(self) -> list[StoredEvent]:
        """The events so far, in the order in which they were emitted."""
        return self._stored


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    value: T
    events: list[StoredEvent]


class Database:
    """Runs units of work. On SQLite; PostgreSQL will be another backend behind the same methods."""

    def __init__(
        self,
        path: Path,
        clock: Clock | None = None,
        *,
        prepare: Callable[[Path], None] | None = None,
        backend: SqliteBackend | None = None,
    ) -> None:
        """``path`` is the database file; ``prepare`` migrates it once the folder is ours."""
        self.clock = clock or Clock()
        self.backend = backend or SqliteBackend(path, prepare=prepare)
        self._dispatcher = outbox.Dispatcher()
        self._marking: asyncio.Task[None] | None = None
        self._stopping = False

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener(events)`` on the loop after each COMMIT, in order."""
        self._dispatcher.subscribe(listener)

    async def start(self) -> None:
        """Take the data folder and start the threads."""
        await self.backend.start(self._committed)
        self._marking = tasks.spawn(self._mark_delivered(), "outbox.mark")

    async def redeliver(self) -> int:
        """Tell the listeners of what a former run committed but did not mark. Returns how many.

        Called once everybody has subscribed. Listeners may therefore see an event twice.
        """
        count = after = 0
        newest = await self.read(lambda uow: outbox.newest(uow.conn))
        while True:
            found = await self.read(lambda uow, a: outbox.undelivered(uow.conn, after=a), after)
            found = [each for each in found if each.id <= newest]
            if not found:
                return count
            self._dispatcher.publish(found)
            count, after = count + len(found), found[-1].id

    async def stop(self) -> None:
        """Finish what waits and close."""
        if self._marking is not None:
            await tasks.cancel(self._marking)
            while ids := self._dispatcher.take():
                await self._mark(ids)
        await self.backend.stop()

    async def read(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn`` on a snapshot. It can't write."""

        def job(conn: sa.Connection) -> T:
            return fn(UnitOfWork(conn, self.clock.now(), writes=False), *args, **kwargs)

        return await self.backend.read(job)

    async def write(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn`` in a transaction; return once it is committed, or raise what it raised.

        A caller that is cancelled meanwhile may have been committed all the same.
        """

        def job(conn: sa.Connection) -> _Outcome[T]:
            uow = UnitOfWork(conn, self.clock.now())
            return _Outcome(fn(uow, *args, **kwargs), uow.stored)

        return (await self.backend.write(job)).value

    async def read_logged(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Read a patient's data and write the access log's line, or do neither."""

        def logged(uow: UnitOfWork) -> T:
            value = fn(uow, *args, **kwargs)
            if not uow.logged:
                raise UnloggedRead(getattr(fn, "__qualname__", repr(fn)))
            return value

        return await self.write(logged)

    def _committed(self, outcomes: list[Any]) -> None:
        stored = [event for outcome in outcomes for event in outcome.events]
        if stored:
            self._dispatcher.publish(stored)

    async def _mark_delivered(self) -> None:
        while True:
            await self._dispatcher.wait()
            # A short rest lets a batch gather; the events themselves were told at once.
            await asyncio.sleep(0.2)
            while ids := self._dispatcher.take():
                try:
                    await self._mark(ids)
                except asyncio.CancelledError:
                    self._dispatcher.put_back(ids)
                    raise
                except Exception:
                    self._dispatcher.put_back(ids)
                    await asyncio.sleep(1)

    async def _mark(self, ids: list[int]) -> None:
        await self.write(lambda uow: outbox.mark_delivered(uow.conn, ids, uow.now))
