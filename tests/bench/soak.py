"""`make soak`: many visits come and go at random over two workers, and nothing is left of them.

Robots join and leave the pool that the product uses, sometimes without a word, and talk meanwhile.
Memory (PSS) and file descriptors are read from the kernel when nobody is there: after the first
part of the visits, when caches and pools have their size, and at the end.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import aioice.ice
import uvloop

from server.kit.tasks import spawn
from server.main.addresses import LOOPBACK
from signaling.worker.place import Place
from signaling.worker.pool import WorkerPool
from tests.bench.clip import Clip, clip
from tests.bench.process import memory_kib
from tests.bench.report import Report
from tests.bench.robot import MediaRobot, talk

WORKERS = 2
#: A worker that has grown by more than this over the visits keeps something of each.
GROWTH_KIB = 6_000
#: Of the visits, how many pass before memory is read for the first time.
SETTLED = 0.2
_SEED = 1
#: Seconds of talk before it is looked who is there.
_STRETCH = 0.5


@dataclass(frozen=True)
class Load:
    """How many visits, how many of them at once, and how long each lasts on average."""

    visits: int = 500
    at_once: int = 25
    seconds: float = 20.0


class Soak:
    """The visits of one run."""

    def __init__(self, load: Load, pool: WorkerPool, ready: Clip) -> None:
        self._load = load
        self._pool = pool
        self._clip = ready
        self._chance = random.Random(_SEED)
        self._numbers = itertools.count()
        self._talking: list[MediaRobot] = []
        self.opened = self.unreadable = self.blind = 0

    async def pass_by(self, visits: int) -> None:
        """So many visits, from the first that comes to the last that is gone."""
        talking = spawn(self._talk(), name="soak.talk")
        places = asyncio.Semaphore(self._load.at_once)
        async with asyncio.TaskGroup() as group:
            for _ in range(visits):
                await places.acquire()
                task = group.create_task(self._visit(f"visit-{next(self._numbers)}"))
                task.add_done_callback(lambda _: places.release())
        talking.cancel()

    async def _talk(self) -> None:
        while True:
            await talk(list(self._talking), _STRETCH)
            if not self._talking:
                await asyncio.sleep(0.05)

    async def _visit(self, name: str) -> None:
        """Two to four people, each of whom joins and leaves when it pleases them, some twice."""
        people = self._chance.choice((2, 2, 2, 3, 4))
        ends = time.monotonic() + self._load.seconds * self._chance.uniform(0.5, 1.5)
        async with asyncio.TaskGroup() as group:
            for person in range(people):
                group.create_task(self._person(name, f"{name}-{person}", ends))

    async def _person(self, visit: str, who: str, ends: float) -> None:
        for turn in range(1, 3):
            left = ends - time.monotonic()
            if left < 1:
                return
            await asyncio.sleep(self._chance.uniform(0, left / 4))
            stays = self._chance.uniform(left / 4, left)
            await self._leg(visit, f"{who}-{turn}", who, stays)
            if self._chance.random() < 0.7:
                return

    async def _leg(self, visit: str, leg: str, who: str, seconds: float) -> None:
        robot = MediaRobot(self._clip)
        await self._pool.answer(leg, await robot.answer(await self._pool.open_leg(visit, leg, who)))
        await robot.connected()
        self._talking.append(robot)
        await asyncio.sleep(seconds)
        self._talking.remove(robot)
        # It is in the stretch of talk that is under way.
        await asyncio.sleep(2 * _STRETCH)
        self.opened += robot.opened
        self.unreadable += robot.unreadable
        # One in three says nothing at all and is closed by whoever misses it.
        if self._chance.random() < 0.66:
            await robot.close()
            await self._pool.close_leg(leg)
        else:
            await self._pool.close_leg(leg)
            await robot.close()


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def _all(load: Load, report: Report) -> None:
    # aioice leaves loopback out, and there may be no other interface.
    aioice.ice.get_host_addresses = lambda **_: [LOOPBACK]
    ready = await asyncio.to_thread(clip)
    pool = WorkerPool(Place([LOOPBACK]), WORKERS)
    await pool.start()
    try:
        soak = Soak(load, pool, ready)
        first = round(load.visits * SETTLED)
        await soak.pass_by(first)
        before = await _read(pool)
        await soak.pass_by(load.visits - first)
        after = await _read(pool)
    finally:
        await pool.stop()
    for number, (was, now) in enumerate(zip(before, after, strict=True), 1):
        name = f"worker {number}"
        report.reading(name, "memory when settled", was.memory, "KiB")
        report.reading(name, "memory at the end", now.memory, "KiB")
        report.reading(name, "open files", now.files, "")
        report.holds(f"{name}: memory is flat", now.memory - was.memory < GROWTH_KIB)
        report.holds(f"{name}: no file is left open", now.files <= was.files)
        report.holds(f"{name}: no leg is left over", now.legs == 0)
        report.holds(f"{name}: it is the same process", now.pid == was.pid)
    report.reading("robots", "packets looked into", soak.opened, "")
    report.holds("what arrives can be opened", soak.opened > 0 and not soak.unreadable)


@dataclass(frozen=True)
class _Reading:
    pid: int
    memory: int
    files: int
    legs: int


async def _read(pool: WorkerPool) -> list[_Reading]:
    # What is closed is let go of within a tick or two.
    await asyncio.sleep(2)
    told = (await pool.stats())["workers"]
    assert isinstance(told, list)
    found = []
    for worker, stats in zip(pool._workers, told, strict=True):
        pid = worker.supervisor.pid
        assert pid is not None
        found.append(_Reading(pid, memory_kib(pid), _descriptors(pid), stats["legs_open"]))
    return found


def run(load: Load | None = None) -> Report:
    """The report, whose invariants are what the soak is for."""
    report = Report("soak")
    uvloop.run(_all(load or Load(), report))
    return report


if __name__ == "__main__":
    sys.exit(0 if run().finish() else 1)
