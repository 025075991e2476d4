"""Does jobs: one runner in each process, whose lease on a job keeps the others away from it.

It looks when a unit here enqueued something, when the next is due, and every few seconds for what
other processes enqueued or did not live to finish.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from server.kit import tasks
from server.kit.db import Database, UnitOfWork
from server.kit.jobs import store
from server.kit.jobs.job import Hopeless, J, Job, decode, wait, why
from server.kit.jobs.lease import LeaseLost, TooLong, limited, renewed
from server.kit.jobs.store import LEASE, Claim
from server.kit.log import get_logger

log = get_logger(__name__)

AT_ONCE = 4
# How often we look for what nobody here enqueued.
POLL_SECONDS = 5.0
# How often we look whether the clock was put back.
CLOCK_SECONDS = 30.0
# What is in flight when the process is to end gets so long before it is given back.
GRACE_SECONDS = 0.3
# Its own, so that nobody who seeds the shared one to repeat a run is disturbed, or seeds ours.
_chance = random.Random()  # noqa: S311

Observe = Callable[[str, "Outcome", float], None]


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    FAILED = "failed"
    """It is tried again."""
    TIMEOUT = "timeout"
    """It took too long and was cut off; it is tried again."""
    DEAD = "dead"
    LOST = "lost"
    """The lease ran out, and somebody else has it, or it was done all the same."""
    GIVEN_BACK = "given_back"
    """This process ends; another one does it."""


@dataclass(frozen=True, slots=True)
class _Kind:
    job_type: type[Job]
    unit: Callable[[UnitOfWork, Any], object] | None = None
    task: Callable[[Any], Awaitable[object]] | None = None


class Runner:
    """Claims jobs of the kinds that it was told how to do, and does up to ``at_once`` of them."""

    def __init__(self, database: Database, *, at_once: int = AT_ONCE) -> None:
        self._db = database
        self._at_once = at_once
        self._kinds: dict[str, _Kind] = {}
        self._periodic: list[tuple[Job, int]] = []
        self._unkept = False
        self._observers: list[Observe] = []
        self._wake = asyncio.Event()
        self._draining = False
        self._looping: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[Outcome]] = set()
        self._clock_looked_at = float("-inf")
        database.when_enqueued(self._wake.set)

    @property
    def kinds(self) -> list[str]:
        """What it can do."""
        return list(self._kinds)

    def unit(self, job_type: type[J], fn: Callable[[UnitOfWork, J], object]) -> None:
        """Do such jobs by one unit of work, in which they are finished too: exactly once."""
        if job_type.limit >= LEASE.total_seconds():
            raise ValueError(f"{job_type.kind}: a unit has less time than a lease, and no renewal")
        self._learn(_Kind(job_type, unit=fn))

    def task(self, job_type: type[J], fn: Callable[[J], Awaitable[object]]) -> None:
        """Do such jobs by a coroutine, which must bear to be run twice. Its lease is renewed."""
        self._learn(_Kind(job_type, task=fn))

    def every(self, seconds: int, job: Job) -> None:
        """Have the job, of a kind that is known, done once in each period over the cluster."""
        if job.kind not in self._kinds:
            raise ValueError(f"nobody knows how to do {job.kind}")
        self._periodic.append((job, seconds))
        self._unkept = True

    def watch(self, observe: Observe) -> None:
        """Call ``observe(kind, outcome, seconds)`` after each run."""
        self._observers.append(observe)

    async def start(self) -> None:
        """See to it that the periodic jobs are there, and begin to look for work."""
        try:
            await self._prepare()
        except Exception as error:
            log.warning("jobs.not_prepared", error=error)  # it is tried again with each look
        self._looping = tasks.spawn(self._loop(), "jobs")

    def drain(self) -> None:
        """Begin nothing new."""
        self._draining = True
        self._wake.set()

    async def stop(self) -> None:
        """Let what is in flight finish for a moment, and give the rest back."""
        self.drain()
        if self._looping is not None:
            # Not cancelled at once: what it has just claimed would lie until the lease ran out.
            await asyncio.wait([self._looping], timeout=GRACE_SECONDS)
            await tasks.cancel(self._looping)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=GRACE_SECONDS)
            for each in late:
                each.cancel()
            if late:
                # They say so in the database; who hangs even now is left to the lease.
                await asyncio.wait(late, timeout=GRACE_SECONDS)

    async def work_off(self) -> list[Outcome]:
        """Do all that is due, one after the other, and say how each ended."""
        await self._prepare()
        outcomes = []
        while (held := await self._claim()) is not None:
            outcomes.append(await self._run(held))
        return outcomes

    def _learn(self, kind: _Kind) -> None:
        if kind.job_type.kind in self._kinds:
            raise ValueError(f"two ways to do {kind.job_type.kind}")
        self._kinds[kind.job_type.kind] = kind

    async def _loop(self) -> None:
        while not self._draining:
            self._wake.clear()
            rest = POLL_SECONDS
            try:
                rest = await self._take()
            except Exception as error:
                # Mostly a database that is away. Everything waits there for us.
                log.warning("jobs.not_taken", error=error)
            # Not all processes at the same instant.
            with suppress(TimeoutError):
                async with asyncio.timeout(rest + _chance.uniform(0, 0.1)):
                    await self._wake.wait()

    async def _take(self) -> float:
        """Begin what is due and what there is room for. Returns for how long we may rest."""
        await self._prepare()
        while len(self._running) < self._at_once and not self._draining:
            # A look that locks and writes nothing: mostly there is nothing to do.
            due_at = await self._db.read(store.next_due, self.kinds)
            # While we looked the end may have begun, and what is due have come after it.
            if due_at is None or self._draining:
                break
            left = (due_at - self._db.clock.now()).total_seconds()
            if left > 0:
                return min(left, POLL_SECONDS)
            held = await self._claim()
            if held is None:
                break  # somebody else was faster
            run = tasks.spawn(self._run(held), f"job.{held.kind}")
            self._running.add(run)
            run.add_done_callback(self._ran)
        return POLL_SECONDS

    def _ran(self, run: asyncio.Task[Outcome]) -> None:
        self._running.discard(run)
        self._wake.set()

    async def _claim(self) -> Claim | None:
        most = {name: kind.job_type.attempts for name, kind in self._kinds.items()}
        return await self._db.write(store.claim, most)

    async def _prepare(self) -> None:
        if self._unkept:
            await self._db.write(_keep, self._periodic)
            self._unkept = False
        now = time.monotonic()
        if now - self._clock_looked_at >= CLOCK_SECONDS:
            if await self._db.read(store.any_ahead):
                while shifted := await self._db.write(store.shift_back):
                    log.warning("jobs.clock_was_put_back", jobs=shifted)
            self._clock_looked_at = now

    async def _run(self, held: Claim) -> Outcome:
        kind = self._kinds[held.kind]
        began = time.monotonic()
        try:
            outcome = await self._attempt(kind, held)
        except asyncio.CancelledError:
            # We are to end. Whoever else runs has it at once, not when the lease has run out.
            await self._settled(store.give_back, held, patience=0)
            outcome = Outcome.GIVEN_BACK
        except LeaseLost:
            outcome = Outcome.LOST
        except Exception as error:
            outcome = await self._failed(kind, held, error)
        if outcome is Outcome.LOST:
            log.warning("job.lost", job=held.id, kind=held.kind)
        for observe in self._observers:
            observe(held.kind, outcome, time.monotonic() - began)
        return outcome

    async def _attempt(self, kind: _Kind, held: Claim) -> Outcome:
        job = decode(kind.job_type, held.data)
        if kind.unit is not None:
            async with limited(kind.job_type.limit):
                await self._db.write(_do_and_finish, kind.unit, job, held)
            return Outcome.DONE
        async with renewed(self._db, held, kind.job_type.limit):
            await cast("Callable[[Job], Awaitable[object]]", kind.task)(job)
        done = await self._settled(store.finish, held, patience=LEASE.total_seconds() / 2)
        return Outcome.DONE if done else Outcome.LOST

    async def _failed(self, kind: _Kind, held: Claim, error: Exception) -> Outcome:
        late = isinstance(error, TooLong)
        code = "timeout" if late else why(error)
        log.warning(
            "job.failed", job=held.id, kind=held.kind, attempts=held.attempts, why=code, error=error
        )
        seconds = wait(held.attempts, _chance.random())
        outcome = Outcome.TIMEOUT if late else Outcome.FAILED
        if held.every_seconds is None and (
            isinstance(error, Hopeless) or held.attempts >= kind.job_type.attempts
        ):
            outcome = Outcome.DEAD
            ours = await self._settled(store.bury, held, code)
        else:
            # What comes back anyway need not wait for longer than that.
            seconds = min(seconds, held.every_seconds or seconds)
            ours = await self._settled(store.again, held, timedelta(seconds=seconds), code)
        return outcome if ours else Outcome.LOST

    async def _settled(
        self, fn: Callable[..., bool], *given: Any, patience: float = POLL_SECONDS
    ) -> bool:
        """Write how it ended. False: it was not ours, or could not be written in time."""
        until = time.monotonic() + patience
        while True:
            try:
                return await self._db.write(fn, *given)
            except Exception as error:
                # Then the lease runs out, and somebody else tries.
                log.warning("job.not_settled", error=error)
                if self._draining or time.monotonic() >= until:
                    return False
            await asyncio.sleep(0.5)


def _keep(uow: UnitOfWork, periodic: list[tuple[Job, int]]) -> None:
    for job, seconds in periodic:
        store.keep_periodic(uow, job, seconds)


def _do_and_finish(
    uow: UnitOfWork, fn: Callable[[UnitOfWork, Any], object], job: Job, held: Claim
) -> None:
    fn(uow, job)
    # Last, so that the row is locked for no longer than it must be.
    if not store.finish(uow, held):
        raise LeaseLost
