"""The database that the settings choose, opened and migrated, or a refusal that says why not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server import demo, migrations
from server.accounts.domain import UsernameTaken
from server.kit.backend import Backend, Unusable
from server.kit.db import Database
from server.kit.postgres import PostgresBackend
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.login.passwords import hash_password
from server.main.refusal import RefusalError


def backend(settings: Settings) -> Backend:
    """The engine that the settings choose. It migrates when it starts."""
    if settings.postgres is not None:
        return PostgresBackend(settings.postgres, prepare=migrations.upgrade_postgres)
    return SqliteBackend(settings.database_file, prepare=migrations.upgrade)


def shown(settings: Settings) -> str:
    """The database, to begin a sentence with."""
    words = settings.database_shown
    return words[0].upper() + words[1:]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database: taken or reached, migrated, started; and closed in the end."""
    database = Database(backend(settings))
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


async def seed_demo(database: Database) -> bool:
    """Fill an empty database with the demo region. False: it was not empty."""
    password_hash = await asyncio.to_thread(hash_password, demo.PASSWORD)
    try:
        return await database.write(demo.seed, password_hash)
    except UsernameTaken:
        # Another process filled it in the same moment; nothing of ours was kept.
        return False
