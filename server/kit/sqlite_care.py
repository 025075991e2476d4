"""Looking after an SQLite file while it is in use: whether it is whole, and a copy of one moment.

Both only read, on a connection of their own, so they hold up neither the writer nor the readers,
and another process may do them beside the one that owns the folder. While they run the WAL grows,
because their snapshot must stay.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from server.kit.backend import Unusable

# Pages (4 KiB each) between which a copy lets go of what it holds in the process.
STEP = 4096
# Nobody reads more of what is wrong, and the first line says most.
MOST_FAULTS = 20
# Faults of what the file lies on, not of what was asked.
_OF_THE_DISK = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}


def cannot_store(error: BaseException) -> bool:
    """Whether the disk, or what stands for it, is the reason: it may work later."""
    found = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    code: int = getattr(found, "sqlite_errorcode", 0)
    # An extended code has the primary one in its last eight bits.
    return code & 0xFF in _OF_THE_DISK


def check(path: Path) -> list[str]:
    """What is wrong inside the file, a sentence each; nothing when it is whole. Blocks.

    Walks every page and index (``PRAGMA integrity_check``) and every reference, so it takes as long
    as reading the file. ``Unusable`` when it can't be opened at all.
    """
    with _reading(path) as conn:
        try:
            found = [str(row[0]) for row in conn.execute(f"PRAGMA integrity_check({MOST_FAULTS})")]
            lost = conn.execute("PRAGMA foreign_key_check").fetchmany(MOST_FAULTS)
        except sqlite3.DatabaseError as error:
            return [f"The file can't be read to its end ({error})."]
    faults = [] if found == ["ok"] else found
    return faults + [
        f"A row of {table} (rowid {rowid}) points at a row of {other} that does not exist."
        for table, rowid, other, _ in lost
    ]


def backup(path: Path, target: Path) -> None:
    """Copy the file as it is at this moment to ``target``, which must not exist. Blocks.

    Everything that was committed before is in it. The copy is one file, readable by its owner
    alone, checked and on disk before it gets its name: a copy that was cut short keeps the ending
    ``.part``. ``Unusable`` says why there is none.
    """
    if target.exists():
        raise Unusable(f"{target} exists already. Choose another name for the copy.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(path, part)
        if faults := check(part):
            raise Unusable(f"The copy of {path} is not whole: {faults[0]}")
        _to_disk(part)
        part.rename(target)
        _to_disk(target.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unusable(f"The copy {target} can't be written ({error.strerror}).") from None
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise Unusable(f"The copy {target} can't be made ({error}).") from None


def _copy(path: Path, part: Path) -> None:
    with _reading(path) as source, contextlib.closing(sqlite3.connect(part)) as copy:
        # One snapshot for all steps. Without it every write meanwhile would begin the copy anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=STEP)
        source.execute("ROLLBACK")
        # The copied header says WAL; a copy is to be one file.
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        conn = sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw", uri=True, timeout=10, isolation_level=None
        )
    except sqlite3.Error as error:
        raise Unusable(f"The database {path} can't be opened ({error}).") from None
    with contextlib.closing(conn):
        conn.execute("PRAGMA query_only=ON")
        yield conn


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
