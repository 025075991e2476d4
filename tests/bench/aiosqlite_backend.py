"""The baseline of the claims benchmark: the same units of work through SQLAlchemy over aiosqlite.

The same file settings as ours (WAL, full durability, BEGIN IMMEDIATE), one transaction a unit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from server.kit.backend import Failures, Told

T = TypeVar("T")


class AiosqliteBackend:
    """Runs a unit as most programs would: take a connection, begin, run, commit."""

    def __init__(self, path: Path, connections: int) -> None:
        """`connections`: size of the pool. SQLite lets one of them write at a time."""
        self._path = path
        self._engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            pool_size=connections,
            max_overflow=0,
            pool_timeout=600,
            connect_args={"timeout": 600},
        )
        engine = self._engine.sync_engine

        @sa.event.listens_for(engine, "connect")
        def connect(dbapi: Any, _record: object) -> None:
            dbapi.isolation_level = None
            cursor = dbapi.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @sa.event.listens_for(engine, "begin")
        def begin(conn: sa.Connection) -> None:
            conn.exec_driver_sql("BEGIN IMMEDIATE")

        self.units = 0
        self.failures = Failures()
        self.groups = 0
        self.waiting = 0

    async def start(self, committed: Told, _doubted: Told) -> None:
        """Make the tables."""
        self._committed = committed

    async def stop(self) -> None:
        """Close the connections."""
        await self._engine.dispose()

    async def read(self, job: Callable[[sa.Connection], T], *, promptly: bool = False) -> T:
        """Run the job in a transaction."""
        async with self._engine.connect() as conn, conn.begin():
            return await conn.run_sync(job)

    async def write(self, job: Callable[[sa.Connection], T]) -> T:
        """Run the job in a transaction of its own and commit it."""
        async with self._engine.begin() as conn:
            result = await conn.run_sync(job)
        self.units += 1
        self.groups += 1
        self._committed([result])
        return result

    async def check(self) -> list[str]:
        """Nothing is looked at."""
        return []
