"""Time, in one place: the only module that may ask the machine what the time is."""

from datetime import UTC, datetime, timedelta

from typing_extensions import override


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (this is the place)


class Clock:
    """What the rest of the program asks for the time, so that a test can hold it still."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return utc_now()


class FrozenClock(Clock):
    """A clock that moves only when told to."""

    def __init__(self, now: datetime) -> None:
        """Stand still at ``now``, which must be aware."""
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._now = now.astimezone(UTC)

    @override
    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward (or back, with a negative ``by``)."""
        self._now += by
