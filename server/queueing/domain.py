"""A ticket's life and a shift's, the errors that a person can meet, and the events. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from server.kit.actor import Profession
from server.queueing.equipment import Equipment, Summary, Tested
from server.queueing.errors import (
    AlreadyTaken,
    AlreadyWaiting,
    DutyOff,
    DutyPaused,
    IllegalMove,
    NoCommission,
    NoService,
    QueueClosed,
    QueueEmpty,
    RequeuedOnce,
    TicketGone,
)
from server.queueing.events import (
    DutyChanged,
    TicketAdmitted,
    TicketCalled,
    TicketChannelChanged,
    TicketClosed,
    TicketCommunicationChanged,
    TicketEvent,
    TicketJoined,
    TicketLeft,
    TicketRequeued,
    TicketTested,
)
from server.queueing.rules import CareRules

# Part of the domain, kept in files of their own.
__all__ = [
    "AlreadyTaken",
    "AlreadyWaiting",
    "DutyChanged",
    "DutyOff",
    "DutyPaused",
    "Equipment",
    "IllegalMove",
    "NoCommission",
    "NoService",
    "QueueClosed",
    "QueueEmpty",
    "RequeuedOnce",
    "Summary",
    "Tested",
    "TicketAdmitted",
    "TicketCalled",
    "TicketChannelChanged",
    "TicketClosed",
    "TicketCommunicationChanged",
    "TicketEvent",
    "TicketGone",
    "TicketJoined",
    "TicketLeft",
    "TicketRequeued",
    "TicketTested",
]

REASON_LENGTH = 2000


class Channel(StrEnum):
    """How the two meet."""

    VIDEO = "video"
    CHAT = "chat"


class Communication(StrEnum):
    """How somebody takes part: speaks, signs ("Jag tecknar"), or reads ("Jag hör inte")."""

    SPEECH = "speech"
    SIGNS = "signs"
    READS = "reads"


class TicketState(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    ADMITTED = "admitted"
    LEFT = "left"
    NO_SHOW = "no_show"
    DONE = "done"


_NEXT: dict[TicketState, frozenset[TicketState]] = {
    TicketState.WAITING: frozenset({TicketState.CALLED, TicketState.LEFT}),
    TicketState.CALLED: frozenset(
        {TicketState.ADMITTED, TicketState.WAITING, TicketState.LEFT, TicketState.NO_SHOW}
    ),
    TicketState.ADMITTED: frozenset({TicketState.DONE}),
    TicketState.LEFT: frozenset(),
    TicketState.NO_SHOW: frozenset(),
    TicketState.DONE: frozenset(),
}

OPEN = frozenset(state for state, following in _NEXT.items() if following)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One patient's place in the queue of one clinic and profession."""

    id: str
    patient_id: str
    clinic_id: str
    profession: Profession
    reason: str
    channel: Channel
    communication: Communication
    state: TicketState
    level: int
    arrived_at: datetime
    not_before: datetime | None
    requeues: int
    taken_by: str | None
    visit_id: str | None
    closed_at: datetime | None
    handling_seconds: int | None
    version: int

    @property
    def place_key(self) -> tuple[int, datetime, str]:
        """Sorts a queue: all levels are equal until there is triage, then arrival decides."""
        return self.level, self.arrived_at, self.id


def _to(ticket: Ticket, state: TicketState) -> Ticket:
    """The one door into each state."""
    if state not in _NEXT[ticket.state]:
        raise IllegalMove(
            f"A ticket that is {ticket.state} can't become {state}.", state=ticket.state.value
        )
    return replace(ticket, state=state)


def called(ticket: Ticket, by: str, visit_id: str) -> Ticket:
    """A clinician has taken the patient."""
    return replace(_to(ticket, TicketState.CALLED), taken_by=by, visit_id=visit_id)


def admitted(ticket: Ticket) -> Ticket:
    """The patient has answered the call."""
    return _to(ticket, TicketState.ADMITTED)


def left(ticket: Ticket, now: datetime) -> Ticket:
    """The patient gives up the place."""
    return replace(_to(ticket, TicketState.LEFT), closed_at=now)


def no_show(ticket: Ticket, now: datetime) -> Ticket:
    """The patient never came (uteblivet besök)."""
    return replace(_to(ticket, TicketState.NO_SHOW), closed_at=now)


def done(ticket: Ticket, now: datetime, handling: timedelta) -> Ticket:
    """The visit is over; how long it took is a sample for the estimates."""
    seconds = max(0, round(handling.total_seconds()))
    return replace(_to(ticket, TicketState.DONE), closed_at=now, handling_seconds=seconds)


def returned(ticket: Ticket) -> Ticket:
    """The clinician puts the patient back; the arrival, and so the place, is kept."""
    return replace(_to(ticket, TicketState.WAITING), taken_by=None, visit_id=None)


def unanswered(ticket: Ticket, now: datetime, rules: CareRules) -> Ticket:
    """No answer: back to the same place, but `next` passes over it for a while. Only once."""
    waiting = returned(ticket)
    if ticket.requeues >= rules.requeues:
        raise RequeuedOnce("The patient has not answered once before.")
    return replace(waiting, requeues=ticket.requeues + 1, not_before=now + rules.rest)


@dataclass(frozen=True, slots=True)
class Wait:
    """The expected wait, between two bounds in whole minutes."""

    low_minutes: int
    high_minutes: int


def typical_minutes(samples: Sequence[int], rules: CareRules) -> float | None:
    """The rolling median of the handling time; None while there are too few samples (seconds)."""
    newest = samples[: rules.sample_window]
    return median(newest) / 60 if len(newest) >= rules.least_samples else None


def estimate(
    ahead: int, samples: Sequence[int], staff: int, is_open: bool, rules: CareRules
) -> Wait | None:
    """People ahead × median handling time ÷ active staff, as a range; None is "not known" (okänd).

    ``samples`` are seconds, newest first.
    """
    typical = typical_minutes(samples, rules)
    if typical is None or staff < 1 or not is_open:
        return None
    minutes, step = ahead * typical / staff, rules.range_step
    low = math.floor(minutes * rules.range_low / step) * step
    high = math.ceil(minutes * rules.range_high / step) * step
    # Also the first in line waits until somebody is free, so the range is never empty.
    return Wait(low, max(high, low + step))


class DutyState(StrEnum):
    """Where a member of the staff stands: on duty, on pause, off."""

    ON = "on"
    PAUSED = "paused"
    OFF = "off"


_NEXT_DUTY: dict[DutyState, frozenset[DutyState]] = {
    DutyState.OFF: frozenset({DutyState.ON}),
    DutyState.ON: frozenset({DutyState.PAUSED, DutyState.OFF}),
    DutyState.PAUSED: frozenset({DutyState.ON, DutyState.OFF}),
}


def duty_to(now: DutyState, then: DutyState) -> DutyState:
    """The one door between duty states; one can't pause what has not begun."""
    if then not in _NEXT_DUTY[now]:
        raise DutyOff(f"Duty that is {now} can't become {then}.")
    return then


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift at one queue (arbetspass). ``id`` names the shift, ``since`` when its state began."""

    id: str
    account_id: str
    clinic_id: str
    profession: Profession
    state: DutyState
    since: datetime


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as its patient sees it. Place, total and wait only while waiting."""

    ticket: Ticket
    clinic_name: str
    version: int
    place: int | None
    waiting_total: int | None
    wait: Wait | None


@dataclass(frozen=True, slots=True)
class TicketPlace:
    """Where one waiting patient stands: all of a ticket that ever changes, to make a hint of."""

    ticket_id: str
    patient_id: str
    version: int
    state: TicketState
    place: int | None
    waiting_total: int | None
    wait: Wait | None
    visit_id: str | None
    channel: Channel
    communication: Communication
    not_before: datetime | None
    requeued: bool


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """A line of the clinicians' table: nobody is named who waits."""

    id: str
    reason: str
    age: int
    channel: Channel
    communication: Communication
    state: TicketState
    arrived_at: datetime
    not_before: datetime | None
    requeued: bool
    taken_by: str | None
    taken_by_me: bool
    equipment: Summary | None


@dataclass(frozen=True, slots=True)
class Board:
    """The queue as its clinicians see it, in the order of places: the first who wait, all taken."""

    clinic_id: str
    clinic_name: str
    profession: Profession
    version: int
    on_duty: int
    paused: int
    open: bool
    tickets: tuple[BoardEntry, ...]
    waiting_total: int
    recent_median_minutes: int | None
