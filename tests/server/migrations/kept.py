"""Rows of every table as a former revision stored them, kept as JSON beside this file.

Whoever makes a release keeps its rows, so that every later one is tested with them:

    python -m tests.server.migrations.kept 0010

That walks a case through today's code and keeps of every table the columns of that revision.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from server import migrations
from server.audit import service as audit
from server.audit.domain import AdminAct
from server.clinics import service as clinics
from server.clinics.domain import Span
from server.kit.actor import Audience, Profession
from server.kit.backend import Backend
from server.kit.clock import FrozenClock
from server.kit.database_url import DatabaseUrl
from server.kit.db import Database, UnitOfWork, UtcDateTime, metadata
from server.kit.permissions import Scope
from server.kit.postgres import engine as postgres_engine
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.kit.sqlite_engine import engine as sqlite_engine
from server.nodes import service as nodes
from server.nodes.domain import Node
from server.queueing import service as queueing
from server.queueing.domain import Channel
from server.queueing.equipment import Camera, Equipment, Microphone, Network, Speaker, Transport
from server.visits import service as visits
from server.visits.domain import CallQuality, ModeReason
from tests.permissions.arena import Arena, build
from tests.support import START, People

FOLDER = Path(__file__).parent
Kept = dict[str, list[dict[str, Any]]]


def revisions() -> list[str]:
    """The revisions that rows are kept of, oldest first."""
    return sorted(each.stem for each in FOLDER.glob("*.json"))


def rows_of(revision: str) -> Kept:
    """The rows as they were kept."""
    found: Kept = json.loads((FOLDER / f"{revision}.json").read_text())
    return found


def migrate_file(path: Path, revision: str) -> None:
    """Make an SQLite file of that revision. Blocks."""
    made = sqlite_engine(path, write=True)
    with made.begin() as conn:
        command.upgrade(migrations.configuration(conn), revision)
    made.dispose()


def migrate_postgres(url: DatabaseUrl, revision: str) -> None:
    """Bring an empty PostgreSQL database to that revision. Blocks."""
    _on_postgres(url, lambda conn: command.upgrade(migrations.configuration(conn), revision))


def insert_into_file(path: Path, kept: Kept) -> None:
    """Write the rows with the columns that they have, as the former release would. Blocks."""
    made = sqlite_engine(path, write=True)
    with made.begin() as conn:
        insert(conn, kept)
    made.dispose()


def insert_into_postgres(url: DatabaseUrl, kept: Kept) -> None:
    """The same on PostgreSQL. Blocks."""
    _on_postgres(url, lambda conn: insert(conn, kept))


def _on_postgres(url: DatabaseUrl, work: Any) -> None:
    async def run() -> None:
        made = postgres_engine(url, limits={})
        async with made.begin() as conn:
            await conn.run_sync(work)
        await made.dispose()

    asyncio.run(run())


def insert(conn: sa.Connection, kept: Kept) -> None:
    """Write the rows, in an order that references allow."""
    migrations.load_tables()
    for table in metadata.sorted_tables:
        rows = kept.get(table.name, [])
        if rows:
            named = sa.table(table.name, *(sa.column(name, table.c[name].type) for name in rows[0]))
            conn.execute(sa.insert(named), [_values(table, row) for row in rows])
    if conn.dialect.name == "postgresql":
        # As a dump does: the next id is behind those that are there.
        for name in {"outbox", "jobs"} & kept.keys():
            conn.execute(sa.text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))  # noqa: S608


def read(conn: sa.Connection, like: Kept) -> Kept:
    """The rows that are stored now, with the tables and columns of ``like``."""
    migrations.load_tables()
    found: Kept = {}
    for name, rows in like.items():
        table = metadata.tables[name]
        columns = [table.c[column] for column in rows[0]]
        stored = [
            {column: _plain(value) for column, value in row.items()}
            for row in conn.execute(sa.select(*columns)).mappings()
        ]
        found[name] = ordered(stored)
    return found


def ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """In one order, whoever stored them."""
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _values(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, sa.LargeBinary) else value


def _columns(revision: str) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vardrum.db"
        migrate_file(path, revision)
        made = sqlite_engine(path, write=False)
        with made.connect() as conn:
            looked = sa.inspect(conn)
            # The counts of those who wait are made by triggers, of the rows that are kept.
            left_out = {"alembic_version", "queue_blocks"}
            names = [name for name in looked.get_table_names() if name not in left_out]
            found = {name: [each["name"] for each in looked.get_columns(name)] for name in names}
        made.dispose()
    return found


async def _walk(columns: dict[str, list[str]], path: Path) -> Kept:
    backend: Backend = SqliteBackend(path)
    database = Database(backend, FrozenClock(START))
    await database.start()
    arena = await build(database, Settings(data=path.parent))
    await _more(arena)
    kept = await database.read(lambda uow: _rows(uow, columns))
    await arena.close()
    await arena.server.close()
    await database.stop()
    return kept


async def _more(arena: Arena) -> None:
    """What the case leaves out: hours, a look at the queue, chat and back, a node, a call."""
    write, karin = arena.database.write, arena.sessions["the clinician"]
    clinic, visit = (
        arena.ids[Audience.STAFF, Scope.DUTY, "clinic_id"],
        arena.ids[Audience.STAFF, Scope.PARTY, "visit_id"],
    )
    await write(clinics.set_hours, clinic, Profession.DISTRICT_NURSE, [(0, Span(480, 1020))])
    await write(clinics.add_exception, clinic, date(2026, 12, 24))
    assert karin.account is not None
    actor = await People(arena.database).actor(karin.account)
    await write(queueing.board, actor)
    await write(visits.set_mode, actor, visit, Channel.CHAT, ModeReason.CHOSEN)
    await write(visits.set_mode, actor, visit, Channel.VIDEO, ModeReason.CHOSEN)
    await write(nodes.beat, Node("n1", "198.51.100.7:8443", 100, 2, False, START))
    await write(nodes.place, visit, ["n1"])
    await write(visits.record_call, CallQuality(visit, "patient", START, START, "closed"))
    anna = arena.sessions["the patient"].account
    assert anna is not None
    ticket = arena.ids[Audience.PATIENT, Scope.OWNER, "ticket_id"]
    tested = Equipment(
        Camera.OK, Microphone.HEARD, Speaker.HEARD, Network.GOOD, 40, 0.5, 900, 1200, Transport.UDP
    )
    await write(queueing.set_equipment, await People(arena.database).actor(anna), ticket, tested)
    await write(audit.record_admin, None, AdminAct.HOURS_CHANGED, clinic_id=clinic)


def _rows(uow: UnitOfWork, columns: dict[str, list[str]]) -> Kept:
    return {
        name: [
            {column: _plain(row[column]) for column in columns[name]}
            for row in uow.conn.execute(sa.select(metadata.tables[name])).mappings()
        ]
        for name in columns
    }


def keep(revision: str) -> Kept:
    """Walk the case and return the rows, those that the walk does not make among them."""
    columns = _columns(revision)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vardrum.db"
        migrations.upgrade(path)
        kept = asyncio.run(_walk(columns, path))
    if empty := sorted(name for name, rows in kept.items() if not rows):
        raise SystemExit(f"Nothing stands in {', '.join(empty)}: let `_more` put something there.")
    return kept


if __name__ == "__main__":
    wanted = sys.argv[1]
    text = json.dumps(keep(wanted), indent=1, sort_keys=True, ensure_ascii=False)
    (FOLDER / f"{wanted}.json").write_text(text + "\n")
