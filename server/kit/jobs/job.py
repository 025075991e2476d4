"""What a job is, and when it is tried again. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import ClassVar, TypeVar

from server.kit.errors import DomainError
from server.kit.events import Scalar, plain

# The first wait after a failure, and the longest, in seconds.
FIRST_WAIT = 2.0
LONGEST_WAIT = 3600.0


class Job:
    """The base of every job: a frozen dataclass of texts, numbers and booleans, by its ``kind``.

    It names what it is about by ids. What a person wrote has no place in it: dead letters are kept
    until somebody looks, and shown to whoever does.
    """

    __slots__ = ()
    kind: ClassVar[str]
    # How many seconds one run may take.
    limit: ClassVar[float] = 20.0
    # How often it is tried, for some hours in all with the waits between, before it is dead.
    attempts: ClassVar[int] = 14


J = TypeVar("J", bound=Job)


class Hopeless(Exception):
    """Trying again won't help. ``code``: why, as one word without anybody's data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def encode(job: Job) -> dict[str, Scalar]:
    """The job's fields as plain values."""
    return plain(job, job.kind)


def decode(job_type: type[J], values: Mapping[str, Scalar]) -> J:
    """The job again. Fields it no longer has are dropped; ``TypeError`` if one is missing."""
    if not is_dataclass(job_type):
        raise TypeError(f"{job_type.__name__} must be a dataclass")
    names = {field.name for field in fields(job_type)}
    return job_type(**{name: value for name, value in values.items() if name in names})


def why(error: BaseException) -> str:
    """An error as it may be stored: its code or its class, never its words."""
    if isinstance(error, DomainError | Hopeless):
        return error.code[:80]
    return type(error).__name__[:80]


def wait(attempt: int, drawn: float) -> float:
    """Seconds until the next try after that many, with ``drawn`` from 0 to 1.

    Twice as long each time; half of it is drawn, so that what failed together comes back apart.
    """
    # The exponent is bounded, for what is tried for ever.
    whole = min(FIRST_WAIT * 2.0 ** min(attempt - 1, 30), LONGEST_WAIT)
    return whole * (0.5 + 0.5 * drawn)
