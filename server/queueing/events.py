"""What happens to the queue, for the outbox. The domain passes the events on."""

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event, register_event


@dataclass(frozen=True, slots=True)
class TicketEvent(Event):
    """What every change of a ticket tells. ``version`` is the queue's and the ticket's new one.

    ``not_before`` is an instant in ISO 8601, or None.
    """

    kind: ClassVar[str] = "ticket"
    ticket_id: str
    patient_id: str
    clinic_id: str
    profession: str
    state: str
    version: int
    visit_id: str | None
    channel: str
    not_before: str | None
    requeued: bool
    communication: str = "speech"


@register_event
@dataclass(frozen=True, slots=True)
class TicketJoined(TicketEvent):
    """A patient joined the queue."""

    kind: ClassVar[str] = "ticket.joined"


@register_event
@dataclass(frozen=True, slots=True)
class TicketLeft(TicketEvent):
    """A patient left; ``visit_id`` is set when they had been called."""

    kind: ClassVar[str] = "ticket.left"


@register_event
@dataclass(frozen=True, slots=True)
class TicketCalled(TicketEvent):
    """A clinician took the patient."""

    kind: ClassVar[str] = "ticket.called"


@register_event
@dataclass(frozen=True, slots=True)
class TicketAdmitted(TicketEvent):
    """The patient answered the call."""

    kind: ClassVar[str] = "ticket.admitted"


@register_event
@dataclass(frozen=True, slots=True)
class TicketRequeued(TicketEvent):
    """The patient is back at the old place."""

    kind: ClassVar[str] = "ticket.requeued"


@register_event
@dataclass(frozen=True, slots=True)
class TicketClosed(TicketEvent):
    """The case ended: done or no-show."""

    kind: ClassVar[str] = "ticket.closed"


@register_event
@dataclass(frozen=True, slots=True)
class TicketChannelChanged(TicketEvent):
    """The waiting patient chose video or chat anew."""

    kind: ClassVar[str] = "ticket.channel_changed"


@register_event
@dataclass(frozen=True, slots=True)
class TicketCommunicationChanged(TicketEvent):
    """The waiting patient chose anew to speak, to sign or to read."""

    kind: ClassVar[str] = "ticket.communication_changed"


@register_event
@dataclass(frozen=True, slots=True)
class TicketTested(TicketEvent):
    """The waiting patient tested the equipment; what it came to is not told here."""

    kind: ClassVar[str] = "ticket.tested"


@register_event
@dataclass(frozen=True, slots=True)
class DutyChanged(Event):
    """Somebody went on duty, paused or went off; ``version`` is the queue's."""

    kind: ClassVar[str] = "duty.changed"
    account_id: str
    clinic_id: str
    profession: str
    state: str
    version: int
