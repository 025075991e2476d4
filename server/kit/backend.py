"""What ``Database`` asks of an engine, whichever it is."""

import random
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from server.kit.errors import Busy

T = TypeVar("T")
Told = Callable[[list[Any]], None]

# Whoever comes later had better ask again: about two seconds of writing on a slow disk.
LONGEST_LINE = 4000


# Seconds until whoever was refused asks again: drawn, so that not all come back at once.
_AGAIN_WITHIN = 4


def too_much(why: str) -> Busy:
    """503 for what was not even begun, with when and how to ask again."""
    seconds = random.randint(1, _AGAIN_WITHIN)  # noqa: S311
    return Busy(
        f"{why} Nothing of this was done. Ask again after {seconds} s; a change with the same"
        " Idempotency-Key.",
        retry_after=seconds,
    )


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

    async def check(self) -> list[str]:
        """Look whether the database is whole, beside all other work.

        What is wrong, a sentence for a person each; nothing when all is well.
        """
        ...
