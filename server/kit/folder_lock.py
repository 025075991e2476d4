"""One process owns a data folder: the database in it is embedded in that process."""

import fcntl
import os
from pathlib import Path
from typing import IO

from server.kit.backend import Unusable


class DataFolderLocked(Unusable):
    """Another process owns the data folder."""


class FolderLock:
    """Holds the data folder for this process (``flock``: it goes when the process goes)."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "vardrum.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or raise ``DataFolderLocked`` with a sentence for a person."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            file.close()
            raise DataFolderLocked(
                f"The data folder {self._path.parent} is in use by another vardrum (process "
                f"{owner}). Stop that one, or choose another folder with VARDRUM_DATA."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None
