"""The background jobs of the product: what is done once over the whole cluster, and when."""

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
    """What is kept for a while only."""

    kind: ClassVar[str] = "clean"


def runner(settings: Settings, database: Database) -> Runner:
    """The runner of a server process, which knows every job of the product."""
    made = Runner(database)
    made.unit(EndSessions, _ignoring(lambda uow: login.end_idle(uow, lifetimes(settings))))
    made.unit(EndGuests, _ignoring(guests.end_due))
    made.unit(Clean, _ignoring(lambda uow: _clean(uow, settings.relation_days, made.kinds)))
    made.every(SWEEP_SECONDS, EndSessions())
    made.every(SWEEP_SECONDS, EndGuests())
    made.every(CLEAN_SECONDS, Clean())
    return made


def _clean(uow: UnitOfWork, relation_days: int, kinds: list[str]) -> None:
    idempotency.forget_old(uow.conn, uow.now)
    outbox.forget_old(uow.conn, uow.now)
    login.forget_ended(uow)
    access.close_expired(uow, relation_days)
    nodes.forget_old(uow)
    jobs.forget_orphans(uow, kinds)


def _ignoring(fn: Callable[[UnitOfWork], T]) -> Callable[[UnitOfWork, Job], T]:
    """For a job that says all by its kind."""
    return lambda uow, _job: fn(uow)
