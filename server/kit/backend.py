"""What ``Database`` asks of an engine, whichever it is."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
Told = Callable[[list[Any]], None]

# Whoever comes later had better ask again: about two seconds of writing on a slow disk.
LONGEST_LINE = 4000


class CommitFailed(Exception):
    """A COMMIT failed; nothing of what it held happened."""


class Unusable(Exception):
    """The database can't be opened. The message is a sentence for a person."""


class Backend(Protocol):
    """Runs jobs on connections, each in a transaction of its own or as if it were.

    The numbers are for metrics: units written, and COMMITs.
    """

    units: int
    groups: int

    @property
    def waiting(self) -> int:
        """Writes that wait or run."""
        ...

    async def start(self, committed: Told, doubted: Told) -> None:
        """Open the database, or raise ``Unusable``.

        ``committed`` is called on the loop with results of writes, before their callers go on, and
        in an order in which no result comes before one that it could have seen. ``doubted`` is
        called with those whose COMMIT was never answered.
        """
        ...

    async def stop(self) -> None:
        """Finish what waits, then close. Later jobs are refused."""
        ...

    async def read(self, job: Callable[[sa.Connection], T]) -> T:
        """Run the job on a snapshot. It can't write. ``Busy`` when too much waits."""
        ...

    async def write(self, job: Callable[[sa.Connection], T]) -> T:
        """Run the job in a transaction and return once it is committed.

        The job may run more than once; only the last run counts. ``Busy`` when it could not be
        done now, ``CommitFailed`` when its COMMIT failed.
        """
        ...
