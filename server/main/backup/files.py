"""Backup files: written whole or not at all, for their owner alone, beside their checksum."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from server.main.refusal import RefusalError

CHECKSUM = ".sha256"
PRIVATE = 0o600


def target_in(place: Path, suffix: str, now: datetime) -> Path:
    """The file to write: the place itself, or one named by the instant in it, if it is a folder."""
    if place.is_dir():
        return place / f"vardrum-{now:%Y%m%dT%H%M%SZ}{suffix}"
    return place


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A name for a file to make, which becomes ``target`` when the block ends well, or goes.

    On disk by then, readable for its owner alone; before, it lies in a folder that is closed to
    others. ``RefusalError`` if ``target`` exists: nothing is ever overwritten.
    """
    if target.exists():
        raise _exists(target)
    if not target.parent.is_dir():
        raise RefusalError(f"There is no folder {target.parent}. Make it, or name another.")
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        part = Path(folder) / target.name
        yield part
        part.chmod(PRIVATE)
        _sync(part)
        _publish(part, target)
        # Some shares can't sync a folder.
        with suppress(OSError):
            _sync(target.parent)


def write_checksum(file: Path, target: Path) -> str:
    """Write beside ``target`` what ``file`` hashes to, as ``sha256sum`` does; the hash in hex."""
    digest = sha256(file)
    beside = _beside(target)
    # One without its file was left by a backup that was cut off.
    beside.unlink(missing_ok=True)
    with new_file(beside) as part:
        part.write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    return digest


def refuse_damaged(file: Path) -> bool:
    """Whether there was a checksum to hold the file against. Raises ``RefusalError`` if it differs.

    A backup that was renamed keeps its checksum if that was renamed too.
    """
    beside = _beside(file)
    if not beside.is_file():
        return False
    written = beside.read_text(encoding="utf-8", errors="replace").split(maxsplit=1)
    if not written or written[0] != sha256(file):
        raise RefusalError(
            f"{file} is damaged: it is not what its checksum {beside.name} says. Take another "
            "backup, or another copy of this one."
        )
    return True


def sha256(file: Path) -> str:
    """The file's SHA-256 in hex. Blocks."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _beside(file: Path) -> Path:
    return file.with_name(file.name + CHECKSUM)


def _exists(target: Path) -> RefusalError:
    return RefusalError(f"{target} exists, and nothing is overwritten. Name another file.")


def _publish(part: Path, target: Path) -> None:
    try:
        # Unlike a rename it refuses what exists.
        os.link(part, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:
        # A file system without hard links, such as a share.
        if target.exists():
            raise _exists(target) from None
        part.rename(target)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
