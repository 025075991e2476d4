"""The database's schema, step by step (alembic). Each step works with the release before it."""

import functools
import importlib
import pkgutil
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import server
from server.kit.sqlite import engine


def load_tables() -> None:
    """Import every slice's tables, so that ``kit.db.metadata`` is complete."""
    for module in pkgutil.iter_modules(server.__path__):
        if module.ispkg and (Path(server.__path__[0]) / module.name / "tables.py").exists():
            importlib.import_module(f"server.{module.name}.tables")


def configuration(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


@functools.cache
def head() -> str:
    """The revision that this release wants."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    if revision is None:
        raise RuntimeError("there are no migrations")
    return revision


def current(connection: sa.Connection) -> str | None:
    """The revision that the database has."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(path: Path) -> None:
    """Bring the SQLite file at ``path`` to the head, and create it if need be. Blocks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = engine(path, write=True)
    try:
        # One transaction for all steps (SQLite can roll back DDL): all of them or none.
        with made.begin() as connection:
            command.upgrade(configuration(connection), "head")
    finally:
        made.dispose()
