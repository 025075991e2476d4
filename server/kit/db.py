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
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import sqlalchemy as sa

from server.kit import outbox, tasks
from server.kit.backend import Backend, CommitFailed, Unusable
from server.kit.bus import EVENTS, Bus
from server.kit.clock import Clock
from server.kit.errors import Busy
from server.kit.events import Event, hooks_for
from server.kit.log import get_logger
from server.kit.outbox import Listener, StoredEvent
from server.kit.schema import Id, UtcDateTime, metadata
from server.kit.tail import Tail

__all__ = [
    "CommitFailed",
    "Database",
    "Id",
    "StoredEvent",
    "UnitOfWork",
    "UnloggedRead",
    "Unusable",
    "UtcDateTime",
    "metadata",
]

log = get_logger(__name__)
# How long a COMMIT that was never answered gets, before we look whether it happened.
DOUBT_SECONDS = 1.0
# How long told events gather before they are marked together: each time is a COMMIT of its own.
MARK_SECONDS = 0.5
# How often we look for what another process left untold.
TAKE_OVER_SECONDS = 5.0

P = ParamSpec("P")
T = TypeVar("T")


class UnloggedRead(Exception):
    """A read of a patient's data left no line in the access log. It is a fault of the program."""


class UnitOfWork:
    """One transaction: its connection, its instant, and the events it gives rise to."""

    __slots__ = ("_events", "_writes", "conn", "enqueued", "logged", "now")

    def __init__(self, conn: sa.Connection, now: datetime, *, writes: bool = True) -> None:
        self.conn = conn
        self.now = now
        self.logged = False
        # Whether jobs are to be done after the COMMIT: see ``kit.jobs``.
        self.enqueued = False
        self._writes = writes
        self._events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Add the event to those that the unit tells of, and run its hooks."""
        if not self._writes:
            raise RuntimeError("a read can't emit events")
        self._events.append(event)
        for hook in hooks_for(event):
            hook(self, event)

    def store_events(self) -> list[StoredEvent]:
        """Write the events to the outbox, in the order in which they were emitted.

        The last thing that happens in the transaction: all of them are one statement.
        """
        added, self._events = self._events, []
        return outbox.add(self.conn, added, self.now)


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    value: T
    events: list[StoredEvent]
    enqueued: bool


class Database:
    """Runs units of work, on whichever engine is behind."""

    def __init__(self, backend: Backend, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.backend = backend
        self._dispatcher = outbox.Dispatcher()
        self._marking: asyncio.Task[None] | None = None
        self._taking_over: asyncio.Task[None] | None = None
        self._settling: set[asyncio.Task[None]] = set()
        self._tail: Tail | None = None
        self._bus: Bus | None = None
        self._wake_workers: list[Callable[[], None]] = []

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener(events)`` on the loop after each COMMIT, in order."""
        self._dispatcher.subscribe(listener)

    def when_enqueued(self, wake: Callable[[], None]) -> None:
        """Call ``wake()`` on the loop after each COMMIT that left jobs to be done."""
        self._wake_workers.append(wake)

    async def start(self) -> None:
        """Open the database. ``Unusable`` says why it can't be."""
        await self.backend.start(self._committed, self._doubted)
        self._marking = tasks.spawn(self._mark_delivered(), "outbox.mark")

    async def redeliver(self) -> int:
        """Tell the listeners of what a former run committed but did not mark. Returns how many.

        Called once everybody has subscribed. Listeners may therefore see an event twice. With
        several processes on one database, what another has just committed is told here as well;
        what it commits later, with whatever ids, is its own to tell, and told here by
        ``take_over`` if it dies before.
        """
        count = after = 0
        newest = await self.read(lambda uow: outbox.newest(uow.conn))
        while True:
            found = await self.read(lambda uow, a: outbox.undelivered(uow.conn, after=a), after)
            found = [each for each in found if each.id <= newest]
            if not found:
                break
            self._dispatcher.publish(found)
            count, after = count + len(found), found[-1].id
        if self._taking_over is None:
            self._taking_over = tasks.every(TAKE_OVER_SECONDS, self.take_over, "outbox.take_over")
        return count

    async def follow(self, bus: Bus) -> None:
        """Tell the listeners of what other processes commit as well, from now on.

        The bus rings for it. It carries no event, and when it is silent they are told all the same,
        half a second later (see ``kit.tail``). Between processes an event may be told before one
        that it followed upon, when that was committed elsewhere a moment ago.
        """
        self._tail = tail = Tail(self.read_promptly, self._dispatcher.tell)
        await tail.start()
        self._bus = bus
        bus.subscribe(EVENTS, lambda _sender, _word: tail.ring())
        await self.write(lambda uow: outbox.forget_left_words(uow.conn, uow.now))

    @property
    def abreast(self) -> bool:
        """Whether listeners know what was committed a second ago, also by other processes."""
        return self._tail is None or self._tail.abreast

    async def take_over(self) -> int:
        """Tell what another process committed and did not live to tell. Returns how many.

        Two may do so at once: listeners see an event once at least, not once.
        """
        told = self._dispatcher.unmarked()
        found = await self.read(lambda uow: outbox.overdue(uow.conn, uow.now, told))
        if found:
            log.warning("outbox.taken_over", events=len(found))
            self._publish(found)
        return len(found)

    async def stop(self) -> None:
        """Finish what waits and close."""
        if self._tail is not None:
            await self._tail.stop()
        if self._taking_over is not None:
            await tasks.cancel(self._taking_over)
        if self._marking is not None:
            await tasks.cancel(self._marking, *self._settling)
            try:
                while ids := self._dispatcher.take():
                    await self._mark(ids)
            except Exception as error:
                # They are told again after the next start, as after a crash.
                log.warning("outbox.not_marked", error=error)
        await self.backend.stop()

    async def read(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn`` on a snapshot. It can't write."""
        return await self.backend.read(self._reading(fn, *args, **kwargs))

    async def read_promptly(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As ``read``, past those in line; for small reads that keep a visit going."""
        return await self.backend.read(self._reading(fn, *args, **kwargs), promptly=True)

    def _reading(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Callable[[sa.Connection], T]:
        def job(conn: sa.Connection) -> T:
            return fn(UnitOfWork(conn, self.clock.now(), writes=False), *args, **kwargs)

        return job

    async def write(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn`` in a transaction; return once it is committed, or raise what it raised.

        A caller that is cancelled meanwhile may have been committed all the same.
        """

        def job(conn: sa.Connection) -> _Outcome[T]:
            uow = UnitOfWork(conn, self.clock.now())
            value = fn(uow, *args, **kwargs)
            return _Outcome(value, uow.store_events(), uow.enqueued)

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
            self._publish(stored)
        if any(outcome.enqueued for outcome in outcomes):
            for wake in self._wake_workers:
                wake()

    def _publish(self, stored: list[StoredEvent]) -> None:
        """Tell here what was not told here yet, let others know, and mark all of it."""
        self._dispatcher.tell(stored if self._tail is None else self._tail.saw(stored))
        if self._bus is not None:
            self._bus.publish(EVENTS, None)
        self._dispatcher.to_mark(stored)

    def _doubted(self, outcomes: list[Any]) -> None:
        """Of these nobody knows whether they were committed, so their callers were told to retry.

        If they were, their events must still be told; late, and so perhaps after younger ones.
        """
        if ids := [event.id for outcome in outcomes for event in outcome.events]:
            task = tasks.spawn(self._settle(ids), "outbox.settle")
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)

    async def _settle(self, ids: list[int]) -> None:
        while True:
            await asyncio.sleep(DOUBT_SECONDS)
            try:
                found = await self.read(lambda uow: outbox.among(uow.conn, ids))
            except Busy:
                continue
            if found:
                self._publish(found)
            return

    async def _mark_delivered(self) -> None:
        while True:
            await self._dispatcher.wait()
            # A rest lets a batch gather; the events themselves were told at once.
            await asyncio.sleep(MARK_SECONDS)
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
        await self.write(self._marked, ids)
        if self._tail is not None:
            later = outbox.WORDS_KEPT.total_seconds()
            asyncio.get_running_loop().call_later(later, self._forget_words, ids)

    def _marked(self, uow: UnitOfWork, ids: list[int]) -> None:
        outbox.mark_delivered(uow.conn, ids, uow.now, forgetting=self._tail is None)

    def _forget_words(self, ids: list[int]) -> None:
        if self._marking is not None and not self._marking.done():
            _ = tasks.spawn(
                self.write(lambda uow: outbox.forget_words(uow.conn, ids)), "outbox.forget"
            )
