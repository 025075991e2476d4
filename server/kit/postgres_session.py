"""One connection to PostgreSQL, kept open from unit to unit, and the transactions on it.

SQLAlchemy's way into a transaction and out of it costs more than all that the server does for it: a
connection from the pool, five changes between coroutines and greenlets. So a session keeps its
connection, says BEGIN and COMMIT to the driver itself, and lets SQLAlchemy believe that each
statement is committed by itself.
"""

import contextlib
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.kit.postgres_driver import DRIVER, Driver

T = TypeVar("T")

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"


class RolledBack(Exception):
    """The unit went on after a statement had failed, so the server threw it all away at COMMIT."""


class Session:
    """A connection of ours. Whoever has it runs one unit after the other on it."""

    def __init__(self, conn: AsyncConnection, driver: Driver) -> None:
        """See ``open_session``."""
        self._conn = conn
        self._driver = driver

    @property
    def is_free(self) -> bool:
        """Whether a unit may begin on it: it is not known to be lost, and none is in the midst."""
        return not (self._driver.is_closed() or self._driver.is_in_transaction())

    async def begin(self, how: str) -> None:
        """``READ`` or ``WRITE``."""
        await self._driver.execute(how)

    async def run(self, job: Callable[[sa.Connection], T]) -> T:
        """The job, in the transaction."""
        return await self._conn.run_sync(job)

    async def commit(self) -> None:
        """Raises what the server said, or ``RolledBack``."""
        if await self._driver.execute("COMMIT") != "COMMIT":
            raise RolledBack

    async def leave(self) -> None:
        """End a transaction that only read."""
        await self._driver.execute("COMMIT")

    async def rollback(self) -> None:
        """End the transaction, however it stands; the connection with it, if need be."""
        try:
            await self._conn.rollback()
            await self._driver.execute("ROLLBACK")
        except Exception:
            await self.close()

    async def part(self) -> None:
        """Give the connection back: it is needed no more."""
        with contextlib.suppress(Exception):
            await self._conn.close()

    async def close(self) -> None:
        """Hang up without a word: nobody can trust the connection any more."""
        self._driver.terminate()
        with contextlib.suppress(Exception):
            await self._conn.invalidate()
        await self.part()


async def open_session(engine: AsyncEngine) -> Session:
    """Connect."""
    conn = await engine.connect()
    try:
        driver: Driver = (await conn.get_raw_connection()).driver_connection
        _ = await conn.execution_options(isolation_level="AUTOCOMMIT", **{DRIVER: driver})
    except BaseException:
        await conn.close()
        raise
    return Session(conn, driver)
