"""A database that can't store anything more, until there is room again."""

from __future__ import annotations

import sqlalchemy as sa

from server.kit.db import UnitOfWork

_GROWING = ("idempotency", "messages")
_FUNCTION = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$
"""


def fill(uow: UnitOfWork) -> None:
    """SQLite's file may not grow from now on; PostgreSQL says that it can't store what is new.

    What SQLite has free inside the file it still uses: the first to be refused comes a little
    later.
    """
    if uow.conn.dialect.name == "sqlite":
        uow.conn.exec_driver_sql("PRAGMA max_page_count = 1")
        return
    uow.conn.execute(sa.text(_FUNCTION))
    for table in _GROWING:
        trigger = f"CREATE TRIGGER full_disk BEFORE INSERT ON {table}"
        uow.conn.execute(sa.text(f"{trigger} EXECUTE FUNCTION full_disk()"))


def make_room(uow: UnitOfWork) -> None:
    """All is well again."""
    if uow.conn.dialect.name == "sqlite":
        uow.conn.exec_driver_sql(f"PRAGMA max_page_count = {2**30}")
        return
    uow.conn.execute(sa.text("DROP FUNCTION full_disk CASCADE"))
