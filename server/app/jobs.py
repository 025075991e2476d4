"""The background jobs of the product: what is done once over the whole cluster, and when."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from aiohttp import web

from server.access import service as access
from server.guests import service as guests
from server.kit import idempotency, jobs, outbox
from server.kit.db import Database, UnitOfWork
from server.kit.jobs import Job, Runner
from server.kit.settings import Settings
from server.login import service as login
from server.login.sessions import lifetimes
from server.nodes import service as nodes

SWEEP_SECONDS = 5
CLEAN_SECONDS = 3600
# Rows that one unit of the cleaning takes away, some ten milliseconds' work, and the rest between.
BATCH = 1000
REST_SECONDS = 0.05

JOBS = web.AppKey("jobs", Runner)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EndSessions(Job):
    """Sessions that nobody uses any more."""

    kind: ClassVar[str] = "login.end_idle"


@dataclass(frozen=True, slots=True)
class EndGuests(Job):
    """Invitations and guests' sessions whose time is over."""

    kind: ClassVar[str] = "guests.end_due"


@dataclass(frozen=True, slots=True)
class Clean(Job):
    """What is kept for a while only. The day after a peak that is a million rows."""

    kind: ClassVar[str] = "clean"
    limit: ClassVar[float] = 900.0


def runner(settings: Settings, database: Database) -> Runner:
    """The runner of a server process, which knows every job of the product."""
    made = Runner(database)
    made.unit(EndSessions, _ignoring(lambda uow: login.end_idle(uow, lifetimes(settings))))
    made.unit(EndGuests, _ignoring(guests.end_due))
    made.task(Clean, lambda _job: clean(database, settings.relation_days, made.kinds))
    made.every(SWEEP_SECONDS, EndSessions())
    made.every(SWEEP_SECONDS, EndGuests())
    made.every(CLEAN_SECONDS, Clean())
    return made


async def clean(database: Database, relation_days: int, kinds: list[str]) -> None:
    """Forget what is due, a little at a time: everybody's writes wait for each of these units."""
    for forget in (_answers, _events, login.forget_ended):
        gone = BATCH
        while gone:
            gone = await database.write(forget, BATCH)
            await asyncio.sleep(REST_SECONDS)
    await database.write(access.close_expired, relation_days)
    await database.write(nodes.forget_old)
    await database.write(jobs.forget_orphans, kinds)


def _answers(uow: UnitOfWork, most: int) -> int:
    return idempotency.forget_old(uow.conn, uow.now, most)


def _events(uow: UnitOfWork, most: int) -> int:
    return outbox.forget_old(uow.conn, uow.now, most)


def _ignoring(fn: Callable[[UnitOfWork], T]) -> Callable[[UnitOfWork, Job], T]:
    """For a job that says all by its kind."""
    return lambda uow, _job: fn(uow)
