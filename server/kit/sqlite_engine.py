"""How the embedded database's file is opened."""

from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import PoolProxiedConnection
from typing_extensions import override


class _Dialect(SQLiteDialect_pysqlite):
    """SQLite, with transactions that begin as they are told to.

    The driver's own way is off, because it commits behind one's back. Beginning by an event of the
    engine would do as well, but an engine with any event looks for more at every statement.
    """

    supports_statement_cache = True

    def __init__(self, begin: str = "BEGIN", **options: Any) -> None:
        super().__init__(**options)
        self._begin = begin

    @override
    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(self._begin)


registry.register("sqlite.vardrum", __name__, _Dialect.__name__)


def engine(path: Path, *, write: bool, size: int = 1) -> sa.Engine:
    """A SQLAlchemy engine on the file, with the settings that durability and WAL need.

    ``size``: connections, at most.
    """
    made = sa.create_engine(
        f"sqlite+vardrum:///{path}",
        begin="BEGIN IMMEDIATE" if write else "BEGIN",
        pool_size=size,
        max_overflow=0,
        # All of our statements stay prepared: they are some hundred and fifty.
        connect_args={"timeout": 10, "isolation_level": None, "cached_statements": 500},
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
    )

    @sa.event.listens_for(made, "connect")
    def connect(dbapi: DBAPIConnection, _record: object) -> None:
        cursor = dbapi.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "wal_autocheckpoint=4000",
            "cache_size=-32768",
            "temp_store=MEMORY",
            *(() if write else ("query_only=ON",)),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return made
