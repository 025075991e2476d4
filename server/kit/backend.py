"""What ``Database`` asks of an engine, whichever it is."""

import random
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from server.kit.errors import Busy, Later
from server.kit.log import get_logger

log = get_logger(__name__)
T = TypeVar("T")
Told = Callable[[list[Any]], None]

# Whoever comes later had better ask again: about two seconds of writing on a slow disk.
LONGEST_LINE = 4000

# Reads that are in haste at once; more of them stand in line with all others.
PROMPT = 8


# Seconds until whoever was refused asks again: drawn, so that not all come back at once.
_AGAIN_WITHIN = 4
# The same where nothing can be stored, which takes a person, or at least the database, to mend.
_STORED_AFTER = 5


def too_much(why: str) -> Busy:
    """503 for what was not even begun, with when and how to ask again."""
    seconds = random.randint(1, _AGAIN_WITHIN)  # noqa: S311
    return Busy(
        f"{why} Nothing of this was done. Ask again after {seconds} s; a change with the same"
        " Idempotency-Key.",
        retry_after=seconds,
    )


class CommitFailed(Later):
    """503: what was to be stored could not be; nothing of it happened.

    The disk is full, for instance. ``why`` names the fault for the log; callers are not told it.
    """

    code = "server.storage"
    status = 503
    title = "Nothing can be stored just now"

    def __init__(self, why: str) -> None:
        seconds = random.randint(_STORED_AFTER, 2 * _STORED_AFTER)  # noqa: S311
        super().__init__(
            f"It could not be stored. Nothing of this was done. Ask again after {seconds} s; a"
            " change with the same Idempotency-Key.",
            retry_after=seconds,
        )
        self.why = why

    @classmethod
    def by(cls, error: BaseException) -> "CommitFailed":
        """The one that this fault is the cause of."""
        failed = cls(type(error).__name__)
        failed.__cause__ = error
        return failed


class Failures:
    """How many writes could not be stored; an episode of it is logged once, and its end."""

    def __init__(self) -> None:
        self.count = 0
        self._before: int | None = None

    def note(self, outcomes: Iterable[BaseException | None]) -> None:
        """How the writes of a COMMIT ended, after each."""
        failed = [error for error in outcomes if isinstance(error, CommitFailed)]
        if failed and self._before is None:
            # Not for each of the thousands who ask again until there is room.
            self._before = self.count
            log.error("db.nothing_is_stored", why=failed[0].why, error=failed[0].__cause__)
        elif self._before is not None and not failed:
            log.warning("db.stored_again", failed=self.count - self._before)
            self._before = None
        self.count += len(failed)


class Unusable(Exception):
    """The database can't be opened. The message is a sentence for a person."""


class Backend(Protocol):
    """Runs jobs on connections, each in a transaction of its own or as if it were.

    The numbers are for metrics: units written, COMMITs, and what could not be stored.
    """

    units: int
    groups: int
    failures: Failures

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

    async def read(self, job: Callable[[sa.Connection], T], *, promptly: bool = False) -> T:
        """Run the job on a snapshot. It can't write. ``Busy`` when too much waits.

        ``promptly``: beside a line of others, by one reader who is kept for that. For what is
        small, and keeps a visit going.
        """
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
