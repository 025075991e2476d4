"""PostgreSQL as the database at scale: one transaction for each unit, many of them at once.

Writes run READ COMMITTED: each statement sees what is committed by then, and a use case that reads
before it writes holds the row that it decides on. Reads run on one snapshot and can't write.

Two lines of workers stand before the server, so that writes that wait for each other's locks keep
nobody from reading. A unit that loses against another is run again, which it must not notice: it
sees nothing but its transaction.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.kit.backend import (
    LONGEST_LINE,
    PROMPT,
    CommitFailed,
    Failures,
    Told,
    Unusable,
    too_much,
)
from server.kit.database_url import DatabaseUrl
from server.kit.errors import Busy
from server.kit.line import LONGEST_WAIT, Line, Unit
from server.kit.log import get_logger
from server.kit.postgres_faults import Fault, fault, unusable
from server.kit.postgres_session import READ, WRITE, Session, open_session

T = TypeVar("T")
log = get_logger(__name__)

# Connections of one process, and one for what may not wait. A server allows 100 unless told
# otherwise, of which it keeps a few for itself: four processes fit.
WRITERS = 12
READERS = 8
CONNECTIONS = WRITERS + READERS + 1
# A unit is run at most so often. Deadlocks and lost races are rare; losing often is overload.
ATTEMPTS = 5
CONNECT_SECONDS = 5.0
# Above every limit that the server keeps itself: it only helps where the network swallows answers.
ANSWER_SECONDS = 30.0
# Prepared ones that a connection keeps: more than the stores have.
STATEMENTS = 1000
LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
}


def engine(url: DatabaseUrl, *, size: int = 1, limits: dict[str, str] | None = None) -> AsyncEngine:
    """A SQLAlchemy engine that opens up to ``size`` connections, with our limits of time."""
    chosen = LIMITS if limits is None else limits

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        # The driver reads the address itself, as libpq does: sslmode, several hosts, a socket.
        return await asyncpg.connect(
            url.dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=ANSWER_SECONDS if chosen else None,
            statement_cache_size=STATEMENTS,
            max_cached_statement_lifetime=0,
            # Compiling a plan to machine code costs more than any statement of ours.
            server_settings={
                "application_name": "vardrum", "timezone": "UTC", "jit": "off", **chosen
            },
        )  # fmt: skip

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=size,
        max_overflow=0,
        pool_timeout=LONGEST_WAIT,
        hide_parameters=True,
    )


class PostgresBackend:
    """Runs jobs on pooled connections. See ``kit.backend.Backend``."""

    def __init__(
        self,
        url: DatabaseUrl,
        *,
        prepare: Callable[[DatabaseUrl], None] | None = None,
        longest_line: int = LONGEST_LINE,
    ) -> None:
        """``prepare`` (migrations) runs in a thread before anything else is opened."""
        self.url = url
        self.units = 0
        self.failures = Failures()
        self.groups = 0
        self._prepare = prepare
        self._engine = engine(url, size=CONNECTIONS)
        # Those that nobody uses. The one that was used last is taken first: what it asked is
        # prepared there, and the server has at hand what it knows.
        self._idle: list[Session] = []
        self._writes = Line("db.write", WRITERS, longest_line, self._write)
        self._reads = Line("db.read", READERS, longest_line, self._read)
        self._prompt = Line("db.read_promptly", 1, longest_line, self._read)
        # Units whose COMMIT was sent, in that order.
        self._committing: deque[Unit] = deque()

    @property
    def waiting(self) -> int:
        """Writes that wait or run."""
        return self._writes.waiting

    async def start(self, committed: Told, doubted: Told) -> None:
        """Migrate, connect once, and begin to work. Raises ``Unusable``."""
        self._committed = committed
        self._doubted = doubted
        try:
            if self._prepare is not None:
                await asyncio.to_thread(self._prepare, self.url)
            async with self._engine.connect() as conn:
                encoding = await conn.scalar(sa.text("SHOW server_encoding"))
            if encoding != "UTF8":
                # Names of people would be refused one by one, when it is too late.
                raise Unusable(
                    f"{self.url.shown[0].upper()}{self.url.shown[1:]} keeps its texts in "
                    f"{encoding}. Create it anew with the encoding UTF8."
                )
        except Exception as error:
            await self._engine.dispose()
            if (known := unusable(error, self.url)) is not None:
                raise known from None
            raise
        self._writes.start()
        self._reads.start()
        self._prompt.start()

    async def stop(self) -> None:
        """Finish what waits, then close. Later jobs are refused."""
        await asyncio.gather(self._writes.stop(), self._reads.stop(), self._prompt.stop())
        while self._idle:
            await self._idle.pop().part()
        await self._engine.dispose()

    async def read(self, job: Callable[[sa.Connection], T], *, promptly: bool = False) -> T:
        """Run the job on a snapshot."""
        line = self._prompt if promptly and self._prompt.waiting < PROMPT else self._reads
        return await line.do(job)

    async def write(self, job: Callable[[sa.Connection], T]) -> T:
        """Run the job in a transaction and return when it is committed."""
        return await self._writes.do(job)

    async def check(self) -> list[str]:
        """What the server itself knows to be wrong. See ``kit.backend.Backend``.

        It does not read every page; ``pg_amcheck`` does, and needs an extension.
        """
        return await self.read(_faults)

    async def _read(self, unit: Unit) -> None:
        if unit.future.cancelled():
            return

        async def once(session: Session) -> None:
            unit.result = await session.run(unit.job)
            await session.leave()

        await self._attempts(READ, once)
        unit.tell()

    async def _write(self, unit: Unit) -> None:
        async def once(session: Session) -> None:
            unit.result = await session.run(unit.job)
            await self._commit(session, unit)

        # Also for a caller who went away: it may have been heard elsewhere that this will happen.
        await self._attempts(WRITE, once)

    async def _attempts(self, how: str, once: Callable[[Session], Awaitable[None]]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._transaction(how, once)
            except Exception as error:
                kind = fault(error)
                if kind is Fault.OTHER:
                    raise
                if kind is Fault.STORAGE:
                    failed = CommitFailed.by(error)
                    self.failures.note([failed])
                    raise failed from error
                # A connection that died is found out by using it: once is enough, for then the
                # others that nobody uses are thrown away too.
                again = kind is Fault.AGAIN or (kind is Fault.LOST and attempt == 1)
                if attempt == ATTEMPTS or not again:
                    log.warning("db.gave_up", fault=kind.value, attempts=attempt, error=error)
                    raise too_much("The database can't take this just now.") from error
            await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311
        raise AssertionError("the last attempt returns or raises")

    async def _transaction(self, how: str, once: Callable[[Session], Awaitable[None]]) -> None:
        """Run it in a transaction, which it ends itself when all goes well."""
        session = await self._session()
        try:
            await session.begin(how)
            await once(session)
        except Exception as error:
            if fault(error) is Fault.LOST:
                await session.close()
                while self._idle:
                    await self._idle.pop().close()
            else:
                await session.rollback()
            raise
        except BaseException:
            # Nobody waited for the answer to what was asked last.
            await session.close()
            raise
        finally:
            if session.is_free:
                self._idle.append(session)
            else:
                await session.close()

    async def _session(self) -> Session:
        while self._idle:
            if (session := self._idle.pop()).is_free:
                return session
            await session.close()
        return await open_session(self._engine)

    async def _commit(self, session: Session, unit: Unit) -> None:
        """COMMIT, and tell of it once every COMMIT that was sent before is answered.

        A unit that could see what another wrote sent its own COMMIT after the other's was done, so
        telling in the order of sending never tells an effect before its cause. The answers alone
        may come in any order.
        """
        unit.settled = False
        self._committing.append(unit)
        doubt = False
        try:
            await session.commit()
            self.units += 1
            self.groups += 1
            self.failures.note([])
        except asyncio.CancelledError as error:
            unit.error = error
            raise
        except Exception as error:
            kind = fault(error)
            if kind is Fault.AGAIN:
                # The server said that nothing of it happened, so the unit may run once more.
                self._committing.remove(unit)
                self._release()
                raise
            doubt = kind not in (Fault.OTHER, Fault.STORAGE)
            if doubt:
                await session.close()
                unit.error = Busy("It is not known whether this was written. Ask again.")
            else:
                unit.error = CommitFailed(type(error).__name__)
                self.failures.note([unit.error])
            unit.error.__cause__ = error
            log.warning("db.commit_failed", error=error, known=not doubt)
        finally:
            unit.settled = True
            self._release()
        if doubt:
            self._doubted([unit.result])

    def _release(self) -> None:
        ready: list[Unit] = []
        while self._committing and self._committing[0].settled:
            ready.append(self._committing.popleft())
        try:
            if done := [unit.result for unit in ready if unit.error is None]:
                self._committed(done)
        finally:
            # Whatever becomes of the news: nobody may wait for ever.
            for unit in ready:
                unit.tell()


def _faults(conn: sa.Connection) -> list[str]:
    indexes = conn.scalars(
        sa.text("SELECT CAST(indexrelid::regclass AS text) FROM pg_index WHERE NOT indisvalid")
    ).all()
    constraints = conn.execute(
        sa.text(
            "SELECT conname, CAST(conrelid::regclass AS text) AS owner FROM pg_constraint"
            " WHERE NOT convalidated"
        )
    ).all()
    pages = conn.scalar(
        sa.text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
    )
    return [
        *(f"The index {name} is not valid. Make it anew with REINDEX." for name in indexes),
        *(f"The constraint {each.conname} of {each.owner} is not valid." for each in constraints),
        *([f"{pages} pages failed their checksum. Look at the disk; restore."] if pages else []),
    ]
