"""What a world stands on: a database of its own, in which units follow one another.

On PostgreSQL a world is one transaction, its units are savepoints of it, and closing the world
rolls it back: so many worlds cost little. Units at once are what `database` is for.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from server import migrations
from server.kit import postgres
from server.kit.database_url import DatabaseUrl
from server.kit.db import metadata

T = TypeVar("T")
Sent = tuple[str, Any]


class Ground(Protocol):
    """Runs units, and tells what they ask of the database."""

    def open(self) -> None:
        """Begin with empty tables."""

    def close(self) -> None:
        """Forget everything."""

    def run(self, job: Callable[[sa.Connection], T]) -> T:
        """One unit: all of it, or nothing."""

    @contextmanager
    def listening(self) -> Iterator[list[Sent]]:
        """Every statement that is sent meanwhile, with its values."""

    def plan(self, conn: sa.Connection, sent: Sent, *without: str) -> str:
        """How the statement is run on large tables that lack these other indexes."""


def _memory_engine() -> sa.Engine:
    """A database in memory, with the transactions of ``kit.sqlite``."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)

    @sa.event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        dbapi.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@cache
def _schema() -> bytes:
    """An empty database with every table, made once."""
    migrations.load_tables()
    engine = _memory_engine()
    metadata.create_all(engine)
    with engine.connect() as conn:
        image: bytes = conn.connection.driver_connection.serialize()  # type: ignore[union-attr]
    engine.dispose()
    return image


class Memory:
    """SQLite in memory, each time a new one."""

    def open(self) -> None:
        self._engine = _memory_engine()
        with self._engine.connect() as conn:
            driver = conn.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver
        self._driver.deserialize(_schema())

    def close(self) -> None:
        self._engine.dispose()

    def run(self, job: Callable[[sa.Connection], T]) -> T:
        with self._engine.begin() as conn:
            return job(conn)

    @contextmanager
    def listening(self) -> Iterator[list[Sent]]:
        # With the values written into the text. Most statements go past SQLAlchemy to the driver.
        sent: list[Sent] = []
        self._driver.set_trace_callback(lambda text: sent.append((text, ())))
        yield sent
        self._driver.set_trace_callback(None)

    def plan(self, conn: sa.Connection, sent: Sent, *_without: str) -> str:
        rows = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent[0]}")
        return " ".join(row[3] for row in rows)


class Postgres:
    """One connection to a database of its own, for one world after the other."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._runner = asyncio.Runner()
        self._engine = postgres.engine(url)
        self._conn = self._wait(self._engine.connect().start())

    def _wait(self, waited: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(waited)

    def end(self) -> None:
        """Close the connection."""
        self._wait(self._conn.close())
        self._wait(self._engine.dispose())
        self._runner.close()

    def open(self) -> None:
        self._world = self._conn.begin()
        _ = self._wait(self._world.start())

    def close(self) -> None:
        self._wait(self._world.rollback())

    def run(self, job: Callable[[sa.Connection], T]) -> T:
        async def unit() -> T:
            async with self._conn.begin_nested():
                return await self._conn.run_sync(job)

        return self._wait(unit())

    @contextmanager
    def listening(self) -> Iterator[list[Sent]]:
        sent: list[Sent] = []

        def note(_conn: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
            sent.append((text, values))

        sa.event.listen(self._engine.sync_engine, "before_cursor_execute", note)
        yield sent
        sa.event.remove(self._engine.sync_engine, "before_cursor_execute", note)

    def plan(self, conn: sa.Connection, sent: Sent, *without: str) -> str:
        tried = conn.begin_nested()
        # Of a few rows it would simply read all.
        for kind in ("seqscan", "bitmapscan"):
            conn.exec_driver_sql(f"SET LOCAL enable_{kind} = off")
        for index in without:
            conn.exec_driver_sql(f"DROP INDEX {index}")
        text, values = sent
        plan = " ".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {text}", values))
        # The indexes are there again.
        tried.rollback()
        return plan
