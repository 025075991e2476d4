"""64 clinicians empty a queue of 1,000: our writer thread, aiosqlite, and PostgreSQL.

Every arm runs the same use case (`visits.call_next`: take the first who waits, make the visit,
write the outbox and the access log) and is as durable: a claim is answered once it is on disk.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import uvloop

from server import migrations
from server.kit.actor import Actor
from server.kit.db import Database
from server.kit.errors import Busy
from server.kit.postgres import PostgresBackend
from server.kit.sqlite import SqliteBackend
from server.queueing.domain import QueueEmpty
from server.visits import service as visits
from tests.bench.aiosqlite_backend import AiosqliteBackend
from tests.bench.crowd import fill, tally
from tests.bench.report import Report, percentile
from tests.databases import create
from tests.postgres import Cluster

OURS, POOL, SINGLE, POSTGRES = (
    "writer thread (SQLite)",
    "aiosqlite, pool of 5",
    "aiosqlite, one connection",
    "PostgreSQL (asyncpg)",
)
# Of this process; what PostgreSQL does in its own is not in it. Other work on the machine makes
# everybody slower, but changes this least.
CPU = "a claim, processor time"
Open = Callable[[Path], AbstractAsyncContextManager[Database]]


@asynccontextmanager
async def _writer_thread(folder: Path) -> AsyncIterator[Database]:
    database = Database(SqliteBackend(folder / "vardrum.db", prepare=migrations.upgrade))
    await database.start()
    yield database
    await database.stop()


def _aiosqlite(connections: int) -> Open:
    @asynccontextmanager
    async def opened(folder: Path) -> AsyncIterator[Database]:
        path = folder / "vardrum.db"
        await asyncio.to_thread(migrations.upgrade, path)
        database = Database(AiosqliteBackend(path, connections))
        await database.start()
        yield database
        await database.stop()

    return opened


def _postgres(cluster: Cluster) -> Open:
    numbers = itertools.count()

    @asynccontextmanager
    async def opened(_folder: Path) -> AsyncIterator[Database]:
        url = await create(cluster.url("postgres"), cluster.url(f"claims{next(numbers)}"))
        database = Database(PostgresBackend(url))
        await database.start()
        yield database
        await database.stop()

    return opened


async def _round(report: Report, arm: str, opened: Open, waiting: int, clinicians: int) -> None:
    with tempfile.TemporaryDirectory(prefix="vardrum-bench-") as folder:
        async with opened(Path(folder)) as database:
            doctors = await database.write(fill, waiting, clinicians)
            told: list[tuple[str, str]] = []
            times: list[float] = []
            turned_away: list[str] = []

            async def empty(doctor: Actor) -> None:
                while True:
                    began = time.perf_counter()
                    try:
                        called = await database.write(visits.call_next, doctor)
                    except QueueEmpty:
                        return
                    except Busy:
                        # As a client does; what was waited stays in nobody's time.
                        turned_away.append(doctor.account_id)
                        await asyncio.sleep(0.1)
                        continue
                    times.append(time.perf_counter() - began)
                    told.append((called.visit.ticket_id, doctor.account_id))

            began, worked = time.perf_counter(), time.process_time()
            await asyncio.gather(*(empty(doctor) for doctor in doctors))
            took, worked = time.perf_counter() - began, time.process_time() - worked
            found = await database.read(tally, told)
    report.reading(arm, "claims", len(told) / took, "/s")
    report.reading(arm, CPU, 1e3 * worked / len(told), "ms")
    report.reading(arm, "a claim, median", 1e3 * percentile(times, 0.5), "ms")
    report.reading(arm, "a claim, 99th percentile", 1e3 * percentile(times, 0.99), "ms")
    report.reading(arm, "asked to come back", float(len(turned_away)), "times")
    report.holds(f"{arm}: nobody is lost", found.lost == 0)
    report.holds(f"{arm}: nobody is taken twice", found.twice == 0)
    report.holds(f"{arm}: each is told what is stored", found.untold == 0)


def run(*, waiting: int = 1_000, clinicians: int = 64, rounds: int = 3) -> Report:
    """The arms take turns, round by round; each round starts with a fresh database."""
    report = Report("claims")
    for peer in (POOL, SINGLE):
        report.compare("claims", OURS, peer, goal=5)
        report.compare(CPU, OURS, peer, goal=5, less_is_better=True)
        report.compare("a claim, 99th percentile", OURS, peer, goal=5, less_is_better=True)
    with Cluster(durable=True) as cluster:
        arms: dict[str, Open] = {
            OURS: _writer_thread,
            POOL: _aiosqlite(5),
            SINGLE: _aiosqlite(1),
            POSTGRES: _postgres(cluster),
        }
        for _ in range(rounds):
            for arm, opened in arms.items():
                uvloop.run(_round(report, arm, opened, waiting, clinicians))
    return report
