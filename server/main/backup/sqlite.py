"""Backing up the embedded database, and bringing it back."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from server import migrations
from server.kit import sqlite_care
from server.kit.backend import Backend, Unusable
from server.kit.folder_lock import FolderLock
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from server.main.backup import files
from server.main.refusal import RefusalError

SUFFIX = ".db"
MAGIC = b"SQLite format 3\0"


def dump(settings: Settings, part: Path) -> str | None:
    """Copy the database to ``part``, also while the server runs; the revision that it is at."""
    source = settings.database_file
    if not source.is_file():
        raise RefusalError(f"There is no database at {source}. Is VARDRUM_DATA right?")
    try:
        # On a snapshot: it waits for no writer, and no writer waits for it.
        sqlite_care.backup(source, part)
    except Unusable as error:
        raise RefusalError(f"{error} Keep the last good backup.") from None
    return _revision(part)


@contextmanager
def restored(settings: Settings, file: Path) -> Iterator[Backend]:
    """A backend on a copy of the file, which becomes the database when the block ends well."""
    target = settings.database_file
    # A log that somebody left would be played into the restored file.
    for taken in (target, Path(f"{target}-wal"), Path(f"{target}-journal")):
        if taken.exists():
            raise RefusalError(
                f"{taken} exists, and nothing is overwritten. Restore into another folder "
                "(VARDRUM_DATA), or move what is in this one away first."
            )
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FolderLock(settings.data)
    try:
        lock.take()
    except Unusable as error:
        raise RefusalError(str(error)) from None
    try:
        # In a folder of its own, so that a restore which is cut off leaves no database behind.
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=settings.data) as folder:
            copy = Path(folder) / target.name
            shutil.copyfile(file, copy)
            if faults := sqlite_care.check(copy):
                raise RefusalError(f"{file} is damaged ({faults[0]}). Take another backup.")
            refuse_newer(_revision(copy), file)
            yield SqliteBackend(copy, prepare=migrations.upgrade)
            with files.new_file(target) as part:
                shutil.copyfile(copy, part)
    finally:
        lock.release()


def refuse_newer(revision: str | None, file: Path) -> None:
    """Refuse what another program made, or a release of ours that is newer than this."""
    if revision is None:
        raise RefusalError(f"{file} is no backup of vardrum: it names no revision.")
    try:
        migrations.refuse_newer(revision, f"The backup {file}")
    except Unusable as error:
        raise RefusalError(str(error)) from None


def _revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path)) as conn:
        try:
            row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return None if row is None else str(row[0])
