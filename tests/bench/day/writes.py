"""The day's writes beside the baseline: our writer thread, and SQLAlchemy over aiosqlite.

At the database, under the use cases: the product as a whole can't be run on the baseline, whose
readers and writers would take the one lock from each other. The baseline's executor is unbounded:
a thread and a connection for each write that waits.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

from server import migrations
from server.kit.actor import Actor, Audience, Commission, Profession
from server.kit.db import Database
from server.kit.errors import Busy
from server.kit.sqlite import SqliteBackend
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel
from server.visits import service as visits
from tests.bench.aiosqlite_backend import AiosqliteBackend
from tests.bench.day import ground, proof
from tests.bench.day.plan import TALKING, Kind, Plan, ident
from tests.bench.day.wire import visit_of
from tests.bench.report import Report

OURS, BASELINE = "writer thread", "aiosqlite, unbounded"
#: Units of work under way at once.
AT_ONCE = 64
WRITES, CPU = "the day's writes", "a write, processor time"


@asynccontextmanager
async def _ours(folder: Path) -> AsyncIterator[Database]:
    database = Database(SqliteBackend(folder / "vardrum.db", prepare=migrations.upgrade))
    await database.start()
    yield database
    await database.stop()


@asynccontextmanager
async def _baseline(folder: Path) -> AsyncIterator[Database]:
    path = folder / "vardrum.db"
    await asyncio.to_thread(migrations.upgrade, path)
    # A pool of size 0 is one without a limit.
    database = Database(AiosqliteBackend(path, 0))
    await database.start()
    yield database
    await database.stop()


Open = Callable[[Path], AbstractAsyncContextManager[Database]]
ARMS: dict[str, Open] = {OURS: _ours, BASELINE: _baseline}


def patient(number: int) -> Actor:
    """A patient of the ground."""
    return Actor(ident(Kind.PATIENT, number), Audience.PATIENT, "session", f"Pat {number}")


def doctor(number: int, clinics: int) -> Actor:
    """A doctor of the ground, on duty."""
    clinic = ident(Kind.CLINIC, number % clinics)
    works = (Commission(clinic, Profession.DOCTOR, f"Mottagning {number % clinics}"),)
    return Actor(ident(Kind.STAFF, number), Audience.STAFF, "session", f"Dr {number}", works)


async def _write(database: Database, plan: Plan, promised: proof.Promised) -> None:
    """Entries, then claims and messages side by side."""

    async def join(number: int) -> None:
        view = await database.write(
            queueing.join, patient(number), ground.clinic_of(plan, number), Profession.DOCTOR,
            "Feber sedan tre dagar", Channel.VIDEO,
        )  # fmt: skip
        promised.entries.append(view.ticket.id)

    async def call(number: int) -> None:
        who = doctor(number % plan.clinics, plan.clinics)
        called = (await database.write(visits.call_next, who)).visit
        promised.claims.append((called.ticket_id, called.id, who.account_id))

    async def say(number: int) -> None:
        talk, key = TALKING + number % plan.talks, str(uuid.uuid4())
        line = await database.write(messages.post, patient(talk), visit_of(talk), key, "Hej")
        promised.lines.append((line.visit_id, ident(Kind.PATIENT, talk), key, line.seq))

    numbers = range(plan.writes)
    await _side_by_side([partial(join, n) for n in numbers])
    await _side_by_side([partial(each, n) for n in numbers for each in (call, say)])


async def _side_by_side(work: list[Callable[[], Awaitable[None]]]) -> None:
    left = iter(work)

    async def one() -> None:
        for each in left:
            while True:
                try:
                    await each()
                except Busy:
                    await asyncio.sleep(0.1)
                    continue
                break

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


async def measure(report: Report, plan: Plan) -> None:
    """Both arms, in turns; each round in a fresh database."""
    small = Plan(
        scale=plan.writes / (2 * plan.day_entries), clinics=plan.clinics, talks=plan.talks,
        pinging=plan.pinging, writes=plan.writes, day_clients=1,
    )  # fmt: skip
    for _ in range(plan.rounds):
        for arm, opened in ARMS.items():
            with tempfile.TemporaryDirectory(prefix="vardrum-day-") as folder:
                promised = proof.Promised()
                async with _ours(Path(folder)) as database:
                    await database.write(ground.lay, small)
                async with opened(Path(folder)) as database:
                    began, worked = time.perf_counter(), time.process_time()
                    await _write(database, small, promised)
                    took, worked = time.perf_counter() - began, time.process_time() - worked
                async with _ours(Path(folder)) as database:
                    found = await database.read(proof.examine, promised)
            report.reading(arm, WRITES, 3 * plan.writes / took, "/s")
            report.reading(arm, CPU, 1e3 * worked / (3 * plan.writes), "ms")
            proof.hold(report, arm, found, promised)
