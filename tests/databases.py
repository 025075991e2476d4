"""The tests' databases in a PostgreSQL cluster: made from a migrated template, emptied, removed."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from urllib.parse import quote

import asyncpg

from server import migrations
from server.kit.database_url import DatabaseUrl, parse
from server.kit.schema import metadata

USER = "vardrum"
# Nobody checks it on the socket, whose folder is closed to others. With it the driver looks into
# no file of the person who runs the tests.
PASSWORD = "hemligt"
# A login of which the password is checked.
STRICT_USER = "noggrann"
TEMPLATE = "vardrum_template"


async def create(admin: DatabaseUrl, wanted: DatabaseUrl, *, migrated: bool = True) -> DatabaseUrl:
    """Make the database `wanted`, through the database `admin` of the same cluster."""
    conn = await asyncpg.connect(admin.dsn)
    try:
        if migrated:
            await _template(conn, admin)
        source = TEMPLATE if migrated else "template0"
        await conn.execute(f'CREATE DATABASE "{wanted.name}" TEMPLATE {source}')
    finally:
        await conn.close()
    return wanted


async def drop(admin: DatabaseUrl, name: str) -> None:
    """Remove a database, whoever is still in it."""
    conn = await asyncpg.connect(admin.dsn)
    try:
        await conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await conn.close()


async def reset(url: DatabaseUrl, revision: str) -> None:
    """Empty every table of a migrated database, at a twentieth of the cost of a fresh one.

    A table that no slice knows was made by a test, and goes.
    """
    conn = await asyncpg.connect(url.dsn)
    try:
        there = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {row["tablename"] for row in there} - {"alembic_version"}
        # Without foreign keys and triggers, among them the one that guards the access log.
        wanted = ["SET session_replication_role = replica"]
        wanted += [f'DELETE FROM "{name}"' for name in names & set(metadata.tables)]  # noqa: S608
        wanted += [f'DROP TABLE "{name}" CASCADE' for name in names - set(metadata.tables)]
        wanted += ["ALTER SEQUENCE outbox_id_seq RESTART"]
        wanted += [f"UPDATE alembic_version SET version_num = '{revision}'"]  # noqa: S608
        await conn.execute(";".join(wanted))
    finally:
        await conn.close()


async def _template(conn: Any, admin: DatabaseUrl) -> None:
    # Several may ask at once; the first makes it.
    await conn.execute("SELECT pg_advisory_lock(1)")
    try:
        if await conn.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
            return
        making = f"{TEMPLATE}_making"
        await conn.execute(f"CREATE DATABASE {making}")
        url = parse(admin.dsn.replace("/postgres?", f"/{making}?"))
        await asyncio.to_thread(migrations.upgrade_postgres, url)
        await conn.execute(f"ALTER DATABASE {making} RENAME TO {TEMPLATE}")
    finally:
        await conn.execute("SELECT pg_advisory_unlock(1)")


class Databases:
    """What a worker of the tests uses of the cluster. Call it outside of a running loop."""

    # Deleted rows stay in their files: after so many tests a fresh database is cheaper.
    FRESH = 40

    def __init__(self, admin: DatabaseUrl, worker: str) -> None:
        self.admin = admin
        self._worker = worker
        self._used = 0
        self._names = itertools.count(1)

    def url(self, name: str, user: str = USER, password: str = PASSWORD) -> DatabaseUrl:
        """The address of a database of the cluster."""
        login = f"{USER}:{PASSWORD}@/postgres"
        return parse(
            self.admin.dsn.replace(login, f"{quote(user)}:{quote(password)}@/{quote(name)}")
        )

    def empty(self) -> DatabaseUrl:
        """The worker's database, migrated and empty. The next call empties it again."""
        wanted = self.url(f"test_{self._worker}")
        if self._used % self.FRESH:
            migrations.load_tables()
            asyncio.run(reset(wanted, migrations.head()))
        else:
            asyncio.run(drop(self.admin, wanted.name))
            asyncio.run(create(self.admin, wanted))
        self._used += 1
        return wanted

    def another(self, *, migrated: bool = True) -> DatabaseUrl:
        """A database beside that one; the caller drops it."""
        name = f"other_{self._worker}_{next(self._names)}"
        return asyncio.run(create(self.admin, self.url(name), migrated=migrated))

    def drop(self, url: DatabaseUrl) -> None:
        """Remove a database."""
        asyncio.run(drop(self.admin, url.name))
