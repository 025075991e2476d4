"""The database that the settings choose, opened and migrated, or a refusal that says why not."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import sqlalchemy as sa

from server import demo, migrations
from server.accounts.domain import UsernameTaken
from server.kit import sqlite_engine
from server.kit.backend import Backend, Unusable
from server.kit.clock import utc_now
from server.kit.db import Database, UnitOfWork
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.login.passwords import hash_password
from server.main.refusal import RefusalError

T = TypeVar("T")


def backend(settings: Settings) -> Backend:
    """The engine that the settings choose. It migrates when it starts."""
    if settings.postgres is not None:
        # The embedded database needs neither its driver nor SQLAlchemy's way of speaking to it.
        from server.kit.postgres import PostgresBackend

        return PostgresBackend(settings.postgres, prepare=migrations.upgrade_postgres)
    return SqliteBackend(settings.database_file, prepare=migrations.upgrade)


def shown(settings: Settings) -> str:
    """The database, to begin a sentence with."""
    words = settings.database_shown
    return words[0].upper() + words[1:]


@asynccontextmanager
async def opened(settings: Settings, on: Backend | None = None) -> AsyncIterator[Database]:
    """The database, or the one that is named: taken or reached, migrated, started; then closed."""
    database = Database(on or backend(settings))
    try:
        await database.start()
    except Unusable as error:
        raise RefusalError(str(error)) from None
    except OSError as error:
        raise RefusalError(
            f"The data folder {settings.data} can't be used ({error.strerror}). Choose another "
            "with VARDRUM_DATA."
        ) from None
    try:
        yield database
    finally:
        await database.stop()


async def read_beside(settings: Settings, fn: Callable[[UnitOfWork], T]) -> T:
    """Read from the database as it is, beside a server that may run on it: nothing is migrated."""

    def job(conn: sa.Connection) -> T:
        return fn(UnitOfWork(conn, utc_now(), writes=False))

    if settings.postgres is not None:
        from server.kit import postgres
        from server.kit.postgres_faults import unusable

        reached = postgres.engine(settings.postgres)
        try:
            async with reached.connect() as conn:
                snapshot = await conn.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return await snapshot.run_sync(job)
        except Exception as error:
            if (known := unusable(error, settings.postgres)) is not None:
                raise RefusalError(str(known)) from None
            raise
        finally:
            await reached.dispose()

    def read() -> T:
        if not settings.database_file.is_file():
            raise RefusalError(f"There is no database at {settings.database_file} yet.")
        engine = sqlite_engine.engine(settings.database_file, write=False)
        try:
            with engine.connect() as conn, conn.begin():
                return job(conn)
        except sa.exc.DatabaseError as error:
            if not isinstance(error.orig, sqlite3.Error):
                raise
            raise RefusalError(f"{settings.database_file} can't be read ({error.orig}).") from None
        finally:
            engine.dispose()

    return await asyncio.to_thread(read)


async def seed_demo(database: Database) -> bool:
    """Fill an empty database with the demo region. False: it was not empty."""
    password_hash = await asyncio.to_thread(hash_password, demo.PASSWORD)
    try:
        return await database.write(demo.seed, password_hash)
    except UsernameTaken:
        # Another process filled it in the same moment; nothing of ours was kept.
        return False
