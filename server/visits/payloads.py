"""What the visits' routes take and give."""

from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import ConfigDict, Field

from server.kit.actor import Profession
from server.kit.http import In, Out
from server.queueing.answers import TicketOut
from server.queueing.domain import Channel, DutyState, TicketView
from server.visits.domain import (
    NOTE_LENGTH,
    Clinician,
    DutyView,
    ModeReason,
    Note,
    Patient,
    Role,
    VisitState,
    VisitView,
)

S = TypeVar("S", bound="VisitSummaryOut")


class ModeIn(In):
    """Video or chat, and why."""

    mode: Channel
    reason: ModeReason


class NoteIn(In):
    """A draft on top of a version (0: none before). Its white space is the author's."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: str = Field(max_length=NOTE_LENGTH)
    version: int = Field(ge=0)


class SignIn(In):
    """The version that was read and is signed."""

    version: int = Field(ge=0)


class DutyIn(In):
    """Going on takes both clinic and profession."""

    state: DutyState
    clinic_id: str | None = Field(None, max_length=36)
    profession: Profession | None = None


class VisitsQuery(In):
    """Which page of the visits."""

    before: str | None = Field(None, max_length=36)


class ClinicianOut(Out):
    """Who receives."""

    name: str
    title: str

    @classmethod
    def of(cls, clinician: Clinician) -> "ClinicianOut":
        """The clinician as the patient sees them."""
        return cls(name=clinician.name, title=clinician.title)


class PatientOut(Out):
    """Who comes; for a clinician with a care relation."""

    name: str
    birth_date: date
    age: int

    @classmethod
    def of(cls, patient: Patient) -> "PatientOut":
        """The patient as the clinician sees them."""
        return cls(name=patient.name, birth_date=patient.birth_date, age=patient.age)


class NoteOut(Out):
    """The note; patients get it once it is signed."""

    text: str
    version: int
    signed_at: datetime | None
    signed_by: str | None
    updated_at: datetime

    @classmethod
    def of(cls, note: Note) -> "NoteOut":
        """The newest version."""
        return cls(
            text=note.text,
            version=note.version,
            signed_at=note.signed_at,
            signed_by=note.signed_by,
            updated_at=note.updated_at,
        )


class VisitSummaryOut(Out):
    """A visit in a list."""

    id: str
    ticket_id: str
    clinic_id: str
    clinic_name: str
    profession: Profession
    reason: str
    state: VisitState
    mode: Channel
    started_as: Channel
    called_at: datetime
    joined_at: datetime | None
    ended_at: datetime | None
    patient_left_at: datetime | None
    clinician: ClinicianOut
    patient: PatientOut | None
    version: int
    last_seq: int

    @classmethod
    def of(cls: type[S], view: VisitView) -> S:
        """The visit as its party gets it."""
        return cls(**_fields(view, cls))


class VisitOut(VisitSummaryOut):
    """A visit with everything that its party may know."""

    mode_reason: ModeReason | None
    mode_by: Role | None
    identity_confirmed_at: datetime | None
    answer_by: datetime
    requeue_possible: bool
    note: NoteOut | None


def _fields(view: VisitView, shape: type[Out]) -> dict[str, Any]:
    """What the shape asks for: from the view where it differs, else from the visit itself."""
    shown = {
        "clinic_name": view.clinic_name,
        "clinician": ClinicianOut.of(view.clinician),
        "patient": PatientOut.of(view.patient) if view.patient else None,
        "answer_by": view.answer_by,
        "requeue_possible": view.requeue_possible,
        "note": NoteOut.of(view.note) if view.note else None,
    }
    return {
        name: shown[name] if name in shown else getattr(view.visit, name)
        for name in shape.model_fields
    }


class VisitListOut(Out):
    """Visits, the newest first."""

    visits: list[VisitSummaryOut]

    @classmethod
    def of(cls, views: list[VisitView]) -> "VisitListOut":
        """The list as its party gets it."""
        return cls(visits=[VisitSummaryOut.of(view) for view in views])


class OverviewOut(Out):
    """Where was I? Open tickets and open visits."""

    tickets: list[TicketOut]
    visits: list[VisitSummaryOut]

    @classmethod
    def of(cls, found: tuple[list[TicketView], list[VisitView]]) -> "OverviewOut":
        """The overview as the patient gets it."""
        tickets, visits = found
        return cls(
            tickets=[TicketOut.of(ticket) for ticket in tickets],
            visits=[VisitSummaryOut.of(visit) for visit in visits],
        )


class DutyOut(Out):
    """Whether and where one is on duty, and which visits are open."""

    state: DutyState
    clinic_id: str | None
    clinic_name: str | None
    profession: Profession | None
    since: datetime | None
    open_visits: list[VisitSummaryOut]

    @classmethod
    def of(cls, view: DutyView) -> "DutyOut":
        """The duty as its owner gets it."""
        duty = view.duty
        return cls(
            state=duty.state if duty else DutyState.OFF,
            clinic_id=duty.clinic_id if duty else None,
            clinic_name=view.clinic_name,
            profession=duty.profession if duty else None,
            since=duty.since if duty else None,
            open_visits=[VisitSummaryOut.of(visit) for visit in view.open_visits],
        )
