"""A visit's life, its errors and its events. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from server.kit.actor import Profession
from server.queueing.domain import Channel, Communication, Duty, Tested
from server.visits.calls import CallQuality, CallWord, PersonCall, people_of
from server.visits.errors import IllegalMove, NoteEmpty, NoteSigned, NoteStale, VisitClosed
from server.visits.events import VisitCalled, VisitChanged, VisitEvent, VisitLine

# Part of the domain, kept in files of their own.
__all__ = [
    "CallQuality",
    "CallWord",
    "IllegalMove",
    "NoteEmpty",
    "NoteSigned",
    "NoteStale",
    "PersonCall",
    "VisitCalled",
    "VisitChanged",
    "VisitClosed",
    "VisitEvent",
    "VisitLine",
    "people_of",
]

NOTE_LENGTH = 20_000


class VisitState(StrEnum):
    """Where a visit stands (docs/rules.md)."""

    CALLED = "called"
    IN_PROGRESS = "in_progress"
    ENDED = "ended"
    DOCUMENTED = "documented"
    NO_RESPONSE = "no_response"
    NO_SHOW = "no_show"
    RETURNED = "returned"


_NEXT: Mapping[VisitState, frozenset[VisitState]] = {
    VisitState.CALLED: frozenset(
        {
            VisitState.IN_PROGRESS,
            VisitState.NO_RESPONSE,
            VisitState.NO_SHOW,
            VisitState.RETURNED,
            # The called patient left the queue instead of answering.
            VisitState.ENDED,
        }
    ),
    VisitState.IN_PROGRESS: frozenset({VisitState.ENDED}),
    VisitState.ENDED: frozenset({VisitState.DOCUMENTED}),
    VisitState.DOCUMENTED: frozenset(),
    VisitState.NO_RESPONSE: frozenset(),
    VisitState.NO_SHOW: frozenset(),
    VisitState.RETURNED: frozenset(),
}

OPEN = frozenset({VisitState.CALLED, VisitState.IN_PROGRESS})
_OVER = frozenset({VisitState.ENDED, VisitState.DOCUMENTED})
_NOTABLE = frozenset({VisitState.IN_PROGRESS, VisitState.ENDED})


class Role(StrEnum):
    """The two parties of a visit."""

    PATIENT = "patient"
    CLINICIAN = "clinician"


class ModeReason(StrEnum):
    """Why the visit went over to video or chat."""

    CHOSEN = "chosen"
    PERMISSION_DENIED = "permission_denied"
    NO_DEVICE = "no_device"
    MEDIA_BLOCKED = "media_blocked"
    CONNECTION_LOST = "connection_lost"


@dataclass(frozen=True, slots=True)
class Visit:
    """A meeting of one patient and one clinician, by video or chat."""

    id: str
    ticket_id: str
    patient_id: str
    clinician_id: str
    clinic_id: str
    profession: Profession
    reason: str
    communication: Communication
    state: VisitState
    mode: Channel
    started_as: Channel
    mode_reason: ModeReason | None
    mode_by: Role | None
    called_at: datetime
    joined_at: datetime | None
    ended_at: datetime | None
    patient_left_at: datetime | None
    identity_confirmed_at: datetime | None
    identity_confirmed_by: str | None
    note_version: int
    note_signed_at: datetime | None
    note_signed_by: str | None
    version: int
    last_seq: int


def _to(visit: Visit, state: VisitState) -> Visit:
    """The one door into each state."""
    if state not in _NEXT[visit.state]:
        raise IllegalMove(
            f"A visit that is {visit.state} can't become {state}.", state=visit.state.value
        )
    return replace(visit, state=state)


def require_open(visit: Visit) -> None:
    """Raise ``VisitClosed`` unless the two can still meet."""
    if visit.state not in OPEN:
        raise VisitClosed("The visit is over.", state=visit.state.value)


def joined(visit: Visit, now: datetime) -> Visit:
    """The patient comes, or comes back; unchanged if there already."""
    require_open(visit)
    if visit.state is VisitState.CALLED:
        visit = replace(_to(visit, VisitState.IN_PROGRESS), joined_at=now)
    return replace(visit, patient_left_at=None)


def patient_left(visit: Visit, now: datetime) -> Visit:
    """The patient goes away; the visit goes on until the clinician ends it.

    Leaving what is over changes nothing: the two may press at the same moment.
    """
    if visit.state in _OVER or visit.patient_left_at is not None:
        return visit
    if visit.state is not VisitState.IN_PROGRESS:
        raise IllegalMove("The visit has not begun.", state=visit.state.value)
    return replace(visit, patient_left_at=now)


def identity_confirmed(visit: Visit, by: str, now: datetime) -> Visit:
    """The clinician has heard name and birth date: it is the right patient."""
    if visit.identity_confirmed_at is not None:
        return visit
    if visit.state is not VisitState.IN_PROGRESS:
        raise IllegalMove("Nobody to confirm is there.", state=visit.state.value)
    return replace(visit, identity_confirmed_at=now, identity_confirmed_by=by)


def mode_set(visit: Visit, mode: Channel, reason: ModeReason, by: Role) -> Visit:
    """Go over to video or chat; unchanged if it is that already."""
    require_open(visit)
    if visit.mode is mode:
        return visit
    return replace(visit, mode=mode, mode_reason=reason, mode_by=by)


def communication_set(visit: Visit, communication: Communication) -> Visit:
    """The patient speaks, signs or reads from now on; until the two have met the ticket says it."""
    require_open(visit)
    if visit.state is not VisitState.IN_PROGRESS:
        raise IllegalMove("The visit has not begun.", state=visit.state.value)
    return replace(visit, communication=communication)


def unanswered(visit: Visit, now: datetime) -> Visit:
    """The called patient did not answer."""
    return replace(_to(visit, VisitState.NO_RESPONSE), ended_at=now)


def no_show(visit: Visit, now: datetime) -> Visit:
    """The patient never came (uteblivet besök)."""
    return replace(_to(visit, VisitState.NO_SHOW), ended_at=now)


def given_back(visit: Visit, now: datetime) -> Visit:
    """The clinician puts the called patient back in the queue."""
    return replace(_to(visit, VisitState.RETURNED), ended_at=now)


def ended(visit: Visit, now: datetime) -> Visit:
    """The clinician ends a visit that has begun."""
    if visit.state is VisitState.CALLED:
        raise IllegalMove("The visit has not begun.", state=visit.state.value)
    return replace(_to(visit, VisitState.ENDED), ended_at=now)


def declined(visit: Visit, now: datetime) -> Visit:
    """The called patient left the queue instead of coming."""
    return replace(_to(visit, VisitState.ENDED), ended_at=now, patient_left_at=now)


def require_notable(visit: Visit) -> None:
    """Raise unless the note may be written now."""
    if visit.note_signed_at is not None:
        raise NoteSigned("The note is signed.")
    if visit.state not in _NOTABLE:
        raise IllegalMove("There is nothing to note.", state=visit.state.value)


def signed(visit: Visit, by: str, now: datetime) -> Visit:
    """The note is signed and the visit documented (Patientdatalagen 3:10)."""
    documented = _to(visit, VisitState.DOCUMENTED)
    return replace(documented, note_signed_at=now, note_signed_by=by)


@dataclass(frozen=True, slots=True)
class Clinician:
    """Who receives, as the patient sees them."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Patient:
    """Who comes, as a clinician with a care relation sees them."""

    name: str
    birth_date: date
    age: int


@dataclass(frozen=True, slots=True)
class Note:
    """The visit's note, its newest version."""

    text: str
    version: int
    signed_at: datetime | None
    signed_by: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as one of its parties sees it."""

    visit: Visit
    clinic_name: str
    clinician: Clinician
    patient: Patient | None
    note: Note | None
    answer_by: datetime
    requeue_possible: bool
    equipment: Tested | None = None


@dataclass(frozen=True, slots=True)
class DutyView:
    """A member of the staff's duty (None: off) and the visits that are still open."""

    duty: Duty | None
    clinic_name: str | None
    open_visits: list[VisitView]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a visit stands, without anything that the parties said or wrote."""

    visit_id: str
    patient_id: str
    clinician_id: str
    role: Role
    state: VisitState
    mode: Channel
    version: int
    last_seq: int
    communication: Communication
