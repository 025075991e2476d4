"""What happens to guests, for the outbox. No names. The domain passes the events on."""

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event, register_event


@dataclass(frozen=True, slots=True)
class GuestEvent(Event):
    """Where a guest stands.

    ``version`` is that of the visit's list of guests; ``own_version`` that of what the guest sees.
    """

    kind: ClassVar[str] = "guest"
    guest_id: str
    visit_id: str
    patient_id: str
    clinician_id: str
    role: str
    state: str
    mode: str
    version: int
    own_version: int
    communication: str = "speech"


@register_event
@dataclass(frozen=True, slots=True)
class GuestMoved(GuestEvent):
    """A guest was invited, or moved."""

    kind: ClassVar[str] = "guest.moved"


@register_event
@dataclass(frozen=True, slots=True)
class GuestVisitMoved(GuestEvent):
    """The guest's visit moved, to chat for instance; the guest is where it was."""

    kind: ClassVar[str] = "guest.visit_moved"
