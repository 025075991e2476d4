"""A worker with many visits dies, or goes for a deploy: the real server, robots as people."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server import migrations
from server.kit.db import Database
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.main.addresses import LOOPBACK
from signaling.app import Timing
from signaling.worker.place import Place
from signaling.worker.pool import WorkerPool
from tests.bench.process import cores
from tests.bench.relay.load import Home, generators
from tests.bench.report import Report, percentile
from tests.signaling.stage import Stage

ROBOTS = "robots"
#: What the goals are about, by the words of the figures.
NOTICED = "worker killed: all are told, at the latest after"
BACK = "worker killed: all see a picture again, at the latest after"
MOVED = "worker drained: picture gone, the worst visit"
MOVED_MEDIAN = "worker drained: picture gone, the median visit"
#: Seconds until it is given up that somebody comes back.
_PATIENCE = 60.0


@dataclass(frozen=True)
class Seen:
    """What one person saw since the last `begin`."""

    visit: str
    longest: float
    lost_at: float | None
    back_at: float | None
    seeing: bool


class Calls:
    """The visits, and the workers that carry them."""

    def __init__(self, pool: WorkerPool, homes: Sequence[Home]) -> None:
        self._pool = pool
        self._homes = homes
        self._ended: int | None = None

    async def begin(self) -> None:
        """Look for gaps from here on."""
        await asyncio.gather(*(home.ask("begin") for home in self._homes))

    async def seen(self) -> list[Seen]:
        """What everybody has seen since."""
        told = await asyncio.gather(*(home.ask("tell") for home in self._homes))
        return [Seen(**each) for home in told for each in home["people"]]

    async def until(self, holds: Callable[[Seen], bool]) -> bool:
        """Whether it came to hold of everybody."""
        ends = time.monotonic() + _PATIENCE
        while time.monotonic() < ends:
            await asyncio.sleep(0.2)
            if all(map(holds, await self.seen())):
                return True
        return False

    async def all_there(self) -> bool:
        """Whether all workers run, and everybody sees somebody."""
        ends = time.monotonic() + _PATIENCE
        while not all(
            worker.takes and worker.supervisor.pid != self._ended for worker in self._pool._workers
        ):
            await asyncio.sleep(0.1)
            if time.monotonic() > ends:
                return False
        return await self.until(lambda one: one.seeing)

    def end(self, how: signal.Signals) -> tuple[float, set[str]]:
        """End the worker that most are on; when, and whose visits it had."""
        worker = max(self._pool._workers, key=lambda each: len(each.legs))
        visits = {self._pool._legs[leg][0] for leg in worker.legs}
        self._ended = worker.supervisor.pid
        assert self._ended is not None
        at = time.monotonic()
        os.kill(self._ended, how)
        return at, visits


async def _killed(report: Report, calls: Calls, least: int) -> None:
    await calls.begin()
    at, visits = calls.end(signal.SIGKILL)
    report.holds(
        f"at least {least} visits were on the worker that was killed", len(visits) >= least
    )
    back = await calls.until(lambda one: one.visit not in visits or one.back_at is not None)
    report.holds("killed: everybody sees the other again", back)
    hit = [one for one in await calls.seen() if one.visit in visits]
    report.reading(ROBOTS, NOTICED, max((one.lost_at or at) - at for one in hit), "s")
    report.reading(ROBOTS, BACK, max((one.back_at or at + _PATIENCE) - at for one in hit), "s")


async def _drained(report: Report, calls: Calls) -> None:
    await calls.begin()
    _, visits = calls.end(signal.SIGTERM)
    back = await calls.until(lambda one: one.visit not in visits or one.back_at is not None)
    report.holds("drained: everybody sees the other again", back)
    # A picture that came on the old way may have been followed by none for a while.
    await calls.all_there()
    gaps: dict[str, float] = {}
    for one in await calls.seen():
        if one.visit in visits:
            gaps[one.visit] = max(gaps.get(one.visit, 0.0), one.longest)
    report.reading(ROBOTS, MOVED_MEDIAN, percentile(list(gaps.values()), 0.5), "s")
    report.reading(ROBOTS, MOVED, max(gaps.values()), "s")


@asynccontextmanager
async def _stage(folder: Path) -> AsyncIterator[tuple[Stage, WorkerPool]]:
    settings = Settings(data=folder, log_sample=0, login_threads=1)
    database = Database(SqliteBackend(settings.database_file, prepare=migrations.upgrade))
    pool = WorkerPool(Place([LOOPBACK]), 2)
    await pool.start()
    stage = Stage(settings, database, Timing(), media=pool)
    await stage.start()
    try:
        yield stage, pool
    finally:
        await stage.stop()
        await pool.stop()


async def _visits(stage: Stage, count: int) -> list[list[list[str]]]:
    """For each visit (token, audience, visit) of the two who are in it."""
    made = []
    for number in range(count):
        patient = await stage.patient(f"Patient {number}")
        clinician = await stage.clinician(f"Läkare {number}")
        visit = await stage.visit(patient, clinician)
        made.append(
            [[person.token, str(person.actor.audience), visit] for person in (patient, clinician)]
        )
    return made


async def measure(report: Report, visits: int, rounds: int) -> None:
    """Every round kills one worker and drains another, each with all the visits on it."""
    with tempfile.TemporaryDirectory(prefix="vardrum-bench-") as folder:
        async with (
            _stage(Path(folder)) as (stage, pool),
            generators(LOOPBACK, cores()[1], "tests.bench.outages.callers") as homes,
        ):
            people = await _visits(stage, visits)
            entering: list[Awaitable[Any]] = []
            for number, home in enumerate(homes):
                mine = [one for both in people[number :: len(homes)] for one in both]
                entering.append(home.ask("enter", url=stage.url, people=mine))
            await asyncio.gather(*entering)
            calls = Calls(pool, homes)
            report.holds("everybody sees the other", await calls.all_there())
            # They began on both workers: now all are on one, and from there on they move together.
            calls.end(signal.SIGTERM)
            for _ in range(rounds):
                await calls.all_there()
                await _killed(report, calls, visits)
                await calls.all_there()
                await _drained(report, calls)
            await asyncio.gather(*(home.ask("close") for home in homes))
