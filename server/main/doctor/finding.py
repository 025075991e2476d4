"""What an examination finds."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, and will not for long, or not for everybody."""
    FAIL = "fail"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what is so, and unless it is well, what to do about it."""

    check: str
    state: State
    said: str
    do: str = ""

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {name: str(value) for name, value in asdict(self).items()}


def ok(check: str, said: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, said)


def warn(check: str, said: str, do: str) -> Finding:
    """It works for now, or in part."""
    return Finding(check, State.WARN, said, do)


def fail(check: str, said: str, do: str) -> Finding:
    """It does not work."""
    return Finding(check, State.FAIL, said, do)
