"""Opening hours: weekly rules, exceptions and "dygnet runt", in Swedish time.

Rules are minutes of the local day; instants are UTC. On the two days a year when the clock changes,
an hour that happens twice is open both times, and one that does not happen is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.kit.actor import Profession
from server.kit.errors import Invalid, members

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = 24 * 60
# Nobody is told of an opening further away than this (days).
HORIZON = 400
# Nor of a closing further away than this: every day walked while open costs two conversions of
# local time, and the writer thread waits for them.
SIGHT = 14


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``opens`` to ``closes`` in minutes after local midnight. Beyond 1440 is the next day."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < DAY or not self.opens < self.closes <= self.opens + DAY:
            raise ValueError(f"no span of a day: {self.opens}-{self.closes}")


WHOLE_DAY = Span(0, DAY)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a service is open. An exception replaces everything that its day would have."""

    weekly: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    always: bool = False

    def spans(self, day: date) -> tuple[Span, ...]:
        """What begins on the local day (weekdays count from Monday = 0)."""
        if day in self.exceptions:
            return self.exceptions[day]
        return (WHOLE_DAY,) if self.always else self.weekly.get(day.weekday(), ())


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day with hours of its own (avvikande öppettider), or without any: closed.

    Of one service, which outranks the whole clinic's; without a profession of the clinic.
    """

    day: date
    profession: Profession | None
    spans: tuple[Span, ...]


class DayPassed(Invalid):
    """422: what has been can't be opened or closed any more."""

    code = "clinic.day_passed"
    title = "That day has passed"


class DayTooFar(Invalid):
    """422: nobody is told of an opening that far away."""

    code = "clinic.day_too_far"
    title = "That day is too far away"
    carries = members(last_day=(str, "2027-04-06"))


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a service is open; until when (None: no end in sight), or when it opens next."""

    open: bool
    closes_at: datetime | None = None
    next_opening: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic and whom one can meet there."""

    id: str
    name: str
    area: str
    services: tuple[Profession, ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """How many wait for a service, and the expected wait in minutes if it is known."""

    waiting: int = 0
    wait: tuple[int, int] | None = None


def _instant(day: date, minutes: int, *, last: bool) -> datetime:
    """The instant of a local time. ``last``: of an hour that happens twice, the second."""
    midnight = datetime.combine(day + timedelta(days=minutes // DAY), time(), STOCKHOLM)
    wall = midnight.replace(hour=minutes % DAY // 60, minute=minutes % 60)
    instant = wall.astimezone(UTC)
    if instant.astimezone(STOCKHOLM).replace(tzinfo=None) != wall.replace(tzinfo=None):
        # In the gap of spring, 02:00 to 03:00, which is the one instant 01:00 UTC.
        return instant.replace(minute=0)
    return wall.replace(fold=1).astimezone(UTC) if last else instant


def opening(schedule: Schedule, now: datetime) -> Opening:
    """Whether the service is open at the instant, and the next change.

    ``closes_at`` is None when the service stays open for longer than ``SIGHT``.
    """
    today = now.astimezone(STOCKHOLM).date()
    if schedule.always and not any(
        -2 <= (day - today).days <= SIGHT for day in schedule.exceptions
    ):
        return Opening(open=True)
    closes: datetime | None = None
    # A span of two days ago may reach into today.
    for offset in range(-2, HORIZON):
        if closes is not None and offset > SIGHT:
            break
        day = today + timedelta(days=offset)
        for span in sorted(schedule.spans(day)):
            begin = _instant(day, span.opens, last=False)
            end = _instant(day, span.closes, last=True)
            if end <= now or begin >= end:
                continue
            if closes is None and begin > now:
                return Opening(open=False, next_opening=begin)
            if closes is not None and begin > closes:
                return Opening(open=True, closes_at=closes)
            closes = end if closes is None else max(closes, end)
    if closes is None:
        return Opening(open=False)
    endless = closes >= _instant(today + timedelta(days=SIGHT), 0, last=False)
    return Opening(open=True, closes_at=None if endless else closes)
