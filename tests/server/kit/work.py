"""Jobs for tests: units and coroutines that say what they did, and a process that can be killed.

`python -m tests.server.kit.work DATABASE` says when it has begun a job, and never ends it.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from server.kit.backend import Backend
from server.kit.clock import Clock
from server.kit.database_url import parse
from server.kit.db import Database, UnitOfWork
from server.kit.jobs import Job, Runner
from server.kit.postgres import PostgresBackend
from server.kit.schema import jobs
from server.kit.sqlite import SqliteBackend
from tests.server.kit.counted import count


@dataclass(frozen=True, slots=True)
class Count(Job):
    """Counts by a unit: what was done twice shows in the outbox."""

    kind: ClassVar[str] = "test.count"
    attempts: ClassVar[int] = 3
    number: int


@dataclass(frozen=True, slots=True)
class Call(Job):
    """Done by a coroutine."""

    kind: ClassVar[str] = "test.call"
    attempts: ClassVar[int] = 3
    limit: ClassVar[float] = 0.2
    number: int


@dataclass(frozen=True, slots=True)
class Long(Job):
    """May take longer than a lease."""

    kind: ClassVar[str] = "test.long"
    limit: ClassVar[float] = 600.0


@dataclass(frozen=True, slots=True)
class Tick(Job):
    """Comes back."""

    kind: ClassVar[str] = "test.tick"


def counting(uow: UnitOfWork, job: Count) -> None:
    """What `Count` does."""
    count(uow, job.number)


def rows(uow: UnitOfWork) -> list[sa.Row[tuple[object, ...]]]:
    """All jobs as they are stored, in their order."""
    return list(uow.conn.execute(sa.select(jobs).order_by(jobs.c.id)))


async def _hang(where: str) -> None:
    backend: Backend = (
        PostgresBackend(parse(where))
        if where.startswith("postgresql:")
        else SqliteBackend(Path(where))
    )
    database = Database(backend, Clock())
    await database.start()
    runner = Runner(database)

    async def hang(_job: Long) -> None:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    runner.task(Long, hang)
    await runner.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_hang(sys.argv[1]))
