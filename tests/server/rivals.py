"""Two units of work that are open at the same time, for whatever must not happen twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from server.kit.db import Database, UnitOfWork
from server.kit.postgres import PostgresBackend

Unit = Callable[[UnitOfWork], Any]

_SOMEBODY_WAITS = sa.text(
    "SELECT EXISTS (SELECT FROM pg_locks"
    " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)
_REST = sa.text("SELECT pg_sleep(0.01)")


async def at_once(database: Database, first: Unit, second: Unit) -> list[Any]:
    """What the two gave or raised.

    On PostgreSQL the second begins when the first has done everything but its COMMIT, and the first
    commits when the second waits for it, or is through without waiting: then nothing kept the two
    apart. SQLite has one writer; there the second simply comes next.
    """
    if not isinstance(database.backend, PostgresBackend):
        units = (database.write(first), database.write(second))
        return list(await asyncio.gather(*units, return_exceptions=True))
    written = asyncio.Event()

    async def follow() -> Any:
        await written.wait()
        return await database.write(second)

    follower = asyncio.ensure_future(follow())  # noqa: TID251

    def lead(uow: UnitOfWork) -> Any:
        try:
            value = first(uow)
        finally:
            written.set()
        while not follower.done() and not uow.conn.scalar(_SOMEBODY_WAITS):
            uow.conn.execute(_REST)
        return value

    return list(await asyncio.gather(database.write(lead), follower, return_exceptions=True))
