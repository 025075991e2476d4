"""One connection to PostgreSQL, kept open from unit to unit, and the transactions on it.

SQLAlchemy's way into a transaction and out of it costs more than all that the server does for it: a
connection from the pool, five changes between coroutines and greenlets. So a session keeps its
connection, says BEGIN and COMMIT to the driver itself, and lets SQLAlchemy believe that each
statement is committed by itself.
"""

import contextlib
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import await_

T = TypeVar("T")
Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
# Where a connection of a session has its driver's. Others have their transactions from SQLAlchemy,
# which would know nothing of what goes past it.
_DRIVER = "vardrum_driver"


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
        _ = await conn.execution_options(isolation_level="AUTOCOMMIT", **{_DRIVER: driver})
    except BaseException:
        await conn.close()
        raise
    return Session(conn, driver)


def driver_of(conn: sa.Connection) -> "Driver | None":
    """The driver's connection, if statements may go to it past SQLAlchemy."""
    driver: Driver | None = conn.get_execution_options().get(_DRIVER)
    return driver


def ask(driver: Driver, text: str, given: list[Any], dialect: sa.Dialect) -> list[Any]:
    """Run a statement. Errors are SQLAlchemy's, as everywhere, and repeat no values.

    The driver prepares it at the first time, and has it prepared from then on.
    """
    try:
        return await_(driver.fetch(text, *given))
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        module: Any = dialect.loaded_dbapi
        kind = module.Error
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            kind = module.IntegrityError
        raise sa.exc.DBAPIError.instance(
            text, None, kind(str(error), error), module.Error,
            hide_parameters=True, connection_invalidated=driver.is_closed(), dialect=dialect,
        ) from error  # fmt: skip
