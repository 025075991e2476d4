"""Backing up a PostgreSQL database with its own programs, and bringing it back."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from server import migrations
from server.kit import postgres
from server.kit.backend import Backend
from server.kit.database_url import DatabaseUrl
from server.kit.postgres import PostgresBackend
from server.kit.postgres_faults import unusable
from server.main.backup import libpq
from server.main.backup.sqlite import refuse_newer
from server.main.refusal import RefusalError

SUFFIX = ".pgdump"
MAGIC = b"PGDMP"
# Names of owners and rights are the old server's: the new one has its own.
_PLAIN = ("--no-owner", "--no-privileges")
# A migration that runs just now: better told than waited for.
_LOCK_WAIT = "--lock-wait-timeout=10s"
# Tables, sequences and views outside of what every database has.
_OURS = sa.text(
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
    " AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
)


def dump(url: DatabaseUrl, part: Path) -> str | None:
    """Write ``pg_dump``'s archive into ``part``, also while servers run; its revision."""
    libpq.run(
        "pg_dump", "--format=custom", *_PLAIN, _LOCK_WAIT, f"--file={part}",
        libpq.BY_ENVIRONMENT, url=url,
    )  # fmt: skip
    revision = _revision(part)
    if revision is None:
        raise RefusalError(
            f"{url.shown[0].upper()}{url.shown[1:]} holds no vardrum. Is VARDRUM_DATABASE_URL "
            "right?"
        )
    return revision


@contextmanager
def restored(url: DatabaseUrl, file: Path) -> Iterator[Backend]:
    """A backend on the database, which was empty and now holds what the file does."""
    refuse_newer(_revision(file), file)
    if asyncio.run(_objects(url)):
        raise RefusalError(
            f"{url.shown[0].upper()}{url.shown[1:]} is not empty, and nothing is overwritten. "
            "Create an empty one (`createdb --encoding=UTF8 --template=template0`) and name it in "
            "VARDRUM_DATABASE_URL."
        )
    # In one transaction: all of it, or the database stays empty.
    libpq.run(
        "pg_restore", *_PLAIN, "--exit-on-error", "--single-transaction",
        libpq.BY_ENVIRONMENT, str(file.absolute()), url=url,
    )  # fmt: skip
    try:
        yield PostgresBackend(url, prepare=migrations.upgrade_postgres)
    except Exception as error:
        # Nobody may start a server on it: everybody who was logged in then still would be.
        said = str(error) if isinstance(error, RefusalError) else type(error).__name__
        raise RefusalError(
            f"The backup was read into {url.shown}, and not made ready after that ({said}). Drop "
            "that database, create it empty, and restore again."
        ) from error


async def _objects(url: DatabaseUrl) -> int:
    engine = postgres.engine(url)
    try:
        async with engine.connect() as conn:
            return await conn.scalar(_OURS) or 0
    except Exception as error:
        if (known := unusable(error, url)) is not None:
            raise RefusalError(str(known)) from None
        raise
    finally:
        await engine.dispose()


def _revision(archive: Path) -> str | None:
    """The revision that an archive is at, without a server. Refuses what can't be read."""
    said = libpq.run(
        "pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(archive.absolute())
    )
    found = re.search(rb"^COPY \S*alembic_version .*\n([^\n\\]+)\n", said, re.MULTILINE)
    return None if found is None else found[1].decode()
