"""The database's schema, step by step (alembic). Each step works with the release before it.

Alembic is imported when there is a step to take: nearly always there is none, and a server would
hold its 10 MB for good.
"""

import asyncio
import functools
import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

import server
from server.kit.backend import Unusable
from server.kit.database_url import DatabaseUrl
from server.kit.sqlite_engine import engine

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent
# On PostgreSQL one process migrates at a time; the others wait so long and find it done.
_TURN = 0x7661726472756D  # "vardrum"
PATIENCE = "60s"
# A step that waits for a table's lock holds up everybody who comes after it: better to fail fast.
LOCK_TIMEOUT = "3s"


def load_tables() -> None:
    """Import every slice's tables, so that ``kit.db.metadata`` is complete."""
    for module in pkgutil.iter_modules(server.__path__):
        if module.ispkg and (Path(server.__path__[0]) / module.name / "tables.py").exists():
            importlib.import_module(f"server.{module.name}.tables")


def configuration(connection: sa.Connection | None = None) -> "Config":
    """Alembic's configuration; there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


@functools.cache
def _known() -> tuple[str, ...]:
    """The revisions, oldest first: the steps' files begin with them."""
    found = (_FOLDER / "versions").glob("[0-9]*.py")
    return tuple(sorted(each.name.partition("_")[0] for each in found))


def head() -> str:
    """The revision that this release wants."""
    return _known()[-1]


def current(connection: sa.Connection) -> str | None:
    """The revision that the database has."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def upgrade(path: Path) -> None:
    """Bring the SQLite file at ``path`` to the head, and create it if need be. Blocks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = engine(path, write=True)
    try:
        with made.connect() as connection:
            if current(connection) == head():
                return
        # One transaction for all steps (both engines can roll back DDL): all of them or none.
        with made.begin() as connection:
            _steps(connection, f"The database {path}")
    finally:
        made.dispose()


def upgrade_postgres(url: DatabaseUrl) -> None:
    """Bring the PostgreSQL database to the head. Blocks, and runs a loop of its own.

    Processes that start at once take turns. Fails with SQLSTATE 55P03 (lock not available) when
    somebody else holds a table for too long.
    """

    def steps(connection: sa.Connection) -> None:
        # Looked up without a lock first: nearly always there is nothing to do.
        if current(connection) == head():
            return
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_TURN})"))
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        _steps(connection, url.shown[0].upper() + url.shown[1:])

    from server.kit import postgres

    async def run() -> None:
        # No limit to a statement: an index may take its time.
        made = postgres.engine(url, limits={})
        try:
            async with made.begin() as connection:
                await connection.run_sync(steps)
        finally:
            await made.dispose()

    asyncio.run(run())


def refuse_newer(revision: str | None, shown: str) -> None:
    """``Unusable`` if the revision is none that this release knows; ``shown`` begins the words."""
    if revision is not None and revision not in _known():
        raise Unusable(
            f"{shown} was made by a newer vardrum (its schema is at {revision}; this one knows "
            f"up to {head()}). Start that one again, or restore a backup from before."
        )


def _steps(connection: sa.Connection, shown: str) -> None:
    from alembic import command

    refuse_newer(current(connection), shown)
    command.upgrade(configuration(connection), "head")
