"""What the visits' routes take and give."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field

from server.kit.actor import Profession
from server.kit.fields import (
    ClinicName,
    Id,
    NotYet,
    PatientName,
    Reason,
    SentId,
    StaffName,
    Title,
    Version,
)
from server.kit.fields import Note as NoteText
from server.kit.http import In, Out
from server.queueing.answers import EquipmentOut, TicketOut
from server.queueing.domain import Channel, Communication, DutyState, TicketView
from server.visits.domain import (
    NOTE_LENGTH,
    CallWord,
    Clinician,
    DutyView,
    ModeReason,
    Note,
    Patient,
    PersonCall,
    Role,
    VisitState,
    VisitView,
)

S = TypeVar("S", bound="VisitSummaryOut")


class ModeIn(In):
    """Video or chat, and why."""

    mode: Channel
    reason: ModeReason
    """Chosen by a person, or what the client met."""


class NoteIn(In):
    """A draft on top of a version (0: none before). Its white space is the author's."""

    model_config = ConfigDict(str_strip_whitespace=False)

    text: NoteText = Field(max_length=NOTE_LENGTH)
    """The whole note."""
    version: int = Field(ge=0)
    """The version that it is written on top of; 0 when there is none."""


class SignIn(In):
    """The version that was read and is signed."""

    version: int = Field(ge=0)
    """The version that was read and is signed."""


class DutyIn(In):
    """Going on takes both clinic and profession."""

    state: DutyState
    clinic_id: SentId | None = None
    """Where; needed to go on."""
    profession: Profession | None = None
    """As what; needed to go on."""


class VisitsQuery(In):
    """Which page of the visits."""

    before: SentId | None = None
    """The id of the last visit of the page before."""


class ClinicianOut(Out):
    """Who receives."""

    name: StaffName
    title: Title

    @classmethod
    def of(cls, clinician: Clinician) -> "ClinicianOut":
        """The clinician as the patient sees them."""
        return cls(name=clinician.name, title=clinician.title)


class PatientOut(Out):
    """Who comes; for a clinician with a care relation."""

    name: PatientName
    birth_date: date
    age: Annotated[int, Field(ge=0, examples=[34])]
    """In years."""

    @classmethod
    def of(cls, patient: Patient) -> "PatientOut":
        """The patient as the clinician sees them."""
        return cls(name=patient.name, birth_date=patient.birth_date, age=patient.age)


class NoteOut(Out):
    """The note; patients get it once it is signed."""

    text: NoteText
    version: Version
    """Counts the saves, from 1."""
    signed_at: NotYet
    """Null for a draft."""
    signed_by: Annotated[str | None, Field(examples=[None])]
    """The name of whoever signed; null for a draft."""
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

    id: Id
    ticket_id: Id
    """The ticket that the patient waited with."""
    clinic_id: Id
    clinic_name: ClinicName
    profession: Profession
    reason: Reason
    """Why, in the patient's own words."""
    state: VisitState
    mode: Channel
    """How the two meet now."""
    started_as: Channel
    """What the patient chose at first."""
    called_at: datetime
    joined_at: NotYet
    """When the patient answered."""
    ended_at: NotYet
    patient_left_at: NotYet
    """When the patient went away, while the visit goes on."""
    clinician: ClinicianOut
    patient: PatientOut | None
    """Who comes; null in the patient's own view."""
    version: Version
    """Rises with every change; hints carry it."""
    last_seq: Annotated[int, Field(ge=0, examples=[0])]
    """The number of the last line of the conversation; 0 before the first."""

    @classmethod
    def of(cls: type[S], view: VisitView) -> S:
        """The visit as its party gets it."""
        return cls(**_fields(view, cls))


class VisitOut(VisitSummaryOut):
    """A visit with everything that its party may know."""

    communication: Communication
    """How the patient takes part; to who signs or reads sound alone is never offered."""
    mode_reason: Annotated[ModeReason | None, Field(examples=[None])]
    """Why the mode was changed last; null if it never was."""
    mode_by: Annotated[Role | None, Field(examples=[None])]
    """Who changed it."""
    identity_confirmed_at: NotYet
    """When the clinician noted that it is the right patient."""
    answer_by: datetime
    """Until when a called patient should answer."""
    requeue_possible: bool
    """Whether no answer leads back to the queue; otherwise it is a no-show."""
    note: Annotated[NoteOut | None, Field(examples=[None])]
    """Null while there is none; for the patient, until it is signed."""
    equipment: Annotated[EquipmentOut | None, Field(examples=[None])]
    """What the patient tested while waiting; null when nothing, and in the patient's own view."""


_Part = Annotated[float | None, Field(ge=0, le=1, examples=[0.012])]
_Milliseconds = Annotated[float | None, Field(ge=0, examples=[38.5])]
_Bitrate = Annotated[int | None, Field(ge=0, examples=[1_250_000])]
_Count = Annotated[int, Field(ge=0, examples=[0])]


class PersonCallOut(Out):
    """What the call was like for one person; what was not measured is null."""

    role: Literal["patient", "clinician", "relative", "interpreter", "colleague"]
    number: Annotated[int | None, Field(ge=1, examples=[None])]
    """Tells people of one role apart, in the order in which they came; null for one alone."""
    word: CallWord
    transports: list[Literal["udp", "tcp"]]
    """How sound and picture reached the server. What a TURN server passed on came as UDP."""
    seconds: Annotated[int, Field(ge=0, examples=[840])]
    """The time with a connection."""
    connections: Annotated[int, Field(ge=1, examples=[1])]
    unmeasured: _Count
    """The connections whose figures were lost with the process that held them."""
    interruptions: _Count
    restarts: _Count
    """How often the path was found anew, on another network for instance."""
    loss_up: _Part
    """Of the packets that the person sent, before repair."""
    loss_down: _Part
    jitter_up_ms: _Milliseconds
    jitter_down_ms: _Milliseconds
    round_trip_p50_ms: _Milliseconds
    round_trip_p95_ms: _Milliseconds
    bitrate_up: _Bitrate
    """Bits a second."""
    bitrate_down: _Bitrate


class CallQualityOut(Out):
    """What the visit's call was like, for each who was in it. Empty when there was none."""

    people: list[PersonCallOut]

    @classmethod
    def of(cls, people: list[PersonCall]) -> "CallQualityOut":
        """In the order in which they came."""
        return cls(people=[PersonCallOut(**asdict(each)) for each in people])


def _fields(view: VisitView, shape: type[Out]) -> dict[str, Any]:
    """What the shape asks for: from the view where it differs, else from the visit itself."""
    shown = {
        "clinic_name": view.clinic_name,
        "clinician": ClinicianOut.of(view.clinician),
        "patient": PatientOut.of(view.patient) if view.patient else None,
        "answer_by": view.answer_by,
        "requeue_possible": view.requeue_possible,
        "note": NoteOut.of(view.note) if view.note else None,
        "equipment": EquipmentOut.of(view.equipment) if view.equipment else None,
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
    clinic_id: Id | None
    clinic_name: Annotated[str | None, Field(examples=["Storgatans vårdcentral"])]
    profession: Profession | None
    since: datetime | None
    """Since when the state is what it is; null before the first time."""
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
