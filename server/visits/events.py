"""What happens to visits, for the outbox. The domain passes the events on."""

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event, register_event


@dataclass(frozen=True, slots=True)
class VisitEvent(Event):
    """What every change of a visit tells."""

    kind: ClassVar[str] = "visit"
    visit_id: str
    patient_id: str
    clinician_id: str
    version: int
    state: str
    mode: str
    mode_reason: str | None
    mode_by: str | None
    last_seq: int
    patient_left: bool
    communication: str = "speech"


@register_event
@dataclass(frozen=True, slots=True)
class VisitCalled(VisitEvent):
    """A clinician took a patient: the visit exists."""

    kind: ClassVar[str] = "visit.called"


@register_event
@dataclass(frozen=True, slots=True)
class VisitChanged(VisitEvent):
    """The visit moved."""

    kind: ClassVar[str] = "visit.changed"


@register_event
@dataclass(frozen=True, slots=True)
class VisitLine(Event):
    """Something happened that belongs into the conversation; ``code`` is worded by the client."""

    kind: ClassVar[str] = "visit.line"
    visit_id: str
    patient_id: str
    clinician_id: str
    code: str
