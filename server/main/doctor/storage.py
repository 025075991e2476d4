"""The database: whether it can be opened, is sound, and is this release's."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server import migrations
from server.audit import service as audit
from server.kit import sqlite_care
from server.kit.backend import Unusable
from server.kit.clock import utc_now
from server.kit.db import UnitOfWork
from server.kit.settings import Settings
from server.main.backup import libpq
from server.main.database import read_beside
from server.main.doctor.finding import Finding, fail, ok, warn
from server.main.refusal import RefusalError
from server.nodes import service as nodes

CHECK = "database"
# File systems on which SQLite's shared memory and locks don't hold (sqlite.org/wal.html).
_REMOTE = re.compile(r"nfs|cifs|smb|9p|fuse\.sshfs|ceph|gluster|lustre|afs", re.IGNORECASE)
_OLDEST_POSTGRES = 13
# Seconds. Media nodes take each other for dead at five.
_CLOCKS_APART = 2.0
_LONG_LOG = 1 << 30

_STATE = sa.text(
    "SELECT current_setting('server_version_num')::int AS version,"
    " current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,"
    " current_setting('full_page_writes') AS pages,"
    " current_setting('synchronous_commit') AS synchronous,"
    " current_setting('max_connections')::int AS connections,"
    " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS taken,"
    " clock_timestamp() AS at"
)


def examine(settings: Settings, *, quick: bool) -> Iterator[Finding]:
    """Look at the database as it is; nothing is migrated. ``quick``: without reading all of it."""
    if settings.postgres is None:
        if not settings.database_file.exists():
            yield warn(
                CHECK,
                f"There is no database at {settings.database_file} yet.",
                "`vardrum serve` makes it; if there was one, VARDRUM_DATA is wrong.",
            )
            return
        yield from _embedded(settings, quick=quick)
    try:
        yield judge_revision(asyncio.run(read_beside(settings, _revision)))
        if settings.postgres is not None:
            yield from _postgres(settings)
        if not quick:
            yield _log(asyncio.run(read_beside(settings, audit.verify_all)).broken)
    except RefusalError as refusal:
        yield fail(CHECK, str(refusal), "Nothing works before that does.")


def _revision(uow: UnitOfWork) -> str | None:
    return migrations.current(uow.conn)


def judge_revision(revision: str | None) -> Finding:
    """The schema beside the one that this release wants."""
    wanted = migrations.head()
    if revision == wanted:
        return ok(CHECK, f"Its schema is this release's ({wanted}).")
    try:
        migrations.refuse_newer(revision, "The database")
    except Unusable as error:
        return fail(CHECK, str(error), "`vardrum restore` brings a backup into an empty place.")
    return warn(
        CHECK,
        f"Its schema is {revision or 'not made'}, and this release's is {wanted}.",
        "`vardrum backup`, then `vardrum migrate`; or start the server, which migrates.",
    )


def _embedded(settings: Settings, *, quick: bool) -> Iterator[Finding]:
    file = settings.database_file
    mode = settings.data.stat().st_mode
    if mode & 0o077:
        yield warn(
            CHECK,
            f"Others on this machine may look into {settings.data} (mode {mode & 0o777:o}).",
            f"chmod 700 {settings.data}",
        )
    kind = file_system(settings.data.resolve(), Path("/proc/mounts").read_text(encoding="utf-8"))
    if _REMOTE.search(kind):
        yield fail(
            CHECK,
            f"{settings.data} is on a network file system ({kind}), where SQLite loses data.",
            "Move it to a disk of this machine, or use PostgreSQL (VARDRUM_DATABASE_URL).",
        )
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size > _LONG_LOG:
        yield warn(
            CHECK,
            f"The write-ahead log {log} has grown to {log.stat().st_size >> 20} MB.",
            "Something has been reading for long: a backup that hangs, a shell in `sqlite3`?",
        )
    if quick:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
            conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return
    if faults := sqlite_care.check(file):
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        yield fail(
            CHECK,
            f"{file} is damaged: {faults[0]}{more}",
            "Stop the server, keep this file, restore the last good backup into another folder "
            "(`vardrum restore`), and look after the disk.",
        )
    else:
        yield ok(CHECK, f"{file} is sound.")


def file_system(folder: Path, mounts: str) -> str:
    """The kind of file system that the folder is on, from `/proc/mounts`."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, point, found = line.split()[:3]
        # Spaces and the like are written in octal (proc(5)).
        at = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), point))
        # Of several at one place the last one counts.
        if (folder == at or at in folder.parents) and len(at.parts) >= best:
            best, kind = len(at.parts), found
    return kind


@dataclass(frozen=True, slots=True)
class PostgresState:
    """What the server says of itself, and how far its clock is from ours, in seconds."""

    version: int
    encoding: str
    fsync: str
    pages: str
    synchronous: str
    connections: int
    taken: int
    apart: float


def _postgres(settings: Settings) -> Iterator[Finding]:
    def look(uow: UnitOfWork) -> PostgresState:
        before = utc_now()
        row: dict[str, Any] = dict(uow.conn.execute(_STATE).one()._mapping)
        at: datetime = row.pop("at")
        # The answer was given somewhere in between.
        early, late = (before - at).total_seconds(), (at - utc_now()).total_seconds()
        return PostgresState(**row, apart=max(early, late, 0.0))

    state = asyncio.run(read_beside(settings, look))
    yield from judge_postgres(state)
    yield judge_dump(state.version)
    if settings.media_nodes:
        yield judge_nodes(len(asyncio.run(read_beside(settings, nodes.alive))))


def judge_postgres(state: PostgresState) -> Iterator[Finding]:
    """Whether the server is one that keeps what it has acknowledged, and has room for us."""
    if state.version // 10000 < _OLDEST_POSTGRES:
        yield fail(
            CHECK,
            f"PostgreSQL is at version {state.version // 10000}.",
            f"Use {_OLDEST_POSTGRES} or newer.",
        )
    if state.encoding != "UTF8":
        yield fail(
            CHECK,
            f"The database keeps its texts in {state.encoding}.",
            "Create it anew with the encoding UTF8: names of people would be refused.",
        )
    unsafe = {"fsync": state.fsync, "full_page_writes": state.pages}
    unsafe["synchronous_commit"] = state.synchronous
    if off := [name for name, value in unsafe.items() if value == "off"]:
        yield fail(
            CHECK,
            f"PostgreSQL runs with {', '.join(off)} off: a crash loses what was acknowledged.",
            f"Set {', '.join(f'{name} = on' for name in off)} in postgresql.conf.",
        )
    from server.kit.postgres import CONNECTIONS

    free = state.connections - state.taken
    said = f"{state.taken} of {state.connections} connections are in use"
    if free < CONNECTIONS:
        yield warn(
            CHECK,
            f"{said}; a server process takes up to {CONNECTIONS}.",
            "Raise max_connections in postgresql.conf, or run fewer processes.",
        )
    else:
        yield ok(CHECK, f"PostgreSQL {state.version // 10000} answers; {said}.")
    if state.apart > _CLOCKS_APART:
        yield fail(
            "clock",
            f"This machine's clock and the database's are {state.apart:.0f} s apart.",
            "Keep both right by NTP: media nodes take each other for dead at five seconds.",
        )


def judge_dump(server: int) -> Finding:
    """Whether a backup can be made from here."""
    try:
        said = libpq.run("pg_dump", "--version").decode()
    except RefusalError as refusal:
        return warn("backup", str(refusal), "Until then `vardrum backup` works elsewhere only.")
    found = re.search(r"(\d+)(\.\d+)?", said)
    if found is not None and int(found[1]) < server // 10000:
        return warn(
            "backup",
            f"`pg_dump` is at version {found[1]}, and the server at {server // 10000}: it refuses "
            "what is newer than itself.",
            f"apt-get install postgresql-client-{server // 10000}",
        )
    return ok("backup", f"`pg_dump` {found[1] if found else ''} can back it up.")


def judge_nodes(alive: int) -> Finding:
    """Whether media nodes have told of themselves."""
    if alive == 0:
        return fail(
            "media",
            "VARDRUM_MEDIA_NODES is set, and no media node has said in the last seconds that it "
            "is there: there is no video, only chat.",
            "Start `vardrum media` on the media machines, with the same database; are their "
            "clocks right?",
        )
    return ok("media", f"{alive} media nodes are there.")


def _log(broken: tuple[object, ...]) -> Finding:
    if broken:
        return fail(
            "access log",
            f"The access log is broken in {len(broken)} chains.",
            "`vardrum verify-log` names them. Keep this database, and compare with backups.",
        )
    return ok("access log", "Every chain of the access log is whole.")
