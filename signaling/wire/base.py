"""What every wire type stands on, and the words that they share."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]
"""A UUID in its canonical lower-case text."""

Moment = AwareDatetime
"""A point in time, written in UTC as ISO 8601 with `Z`."""

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A version, a sequence number or an amount: JavaScript reads it without loss."""

PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{87}$")]
"""A point on P-256, uncompressed, in base64url: of a device, for one leg. Opaque to the server."""

Profession = Literal["doctor", "psychologist", "district_nurse"]
Mode = Literal["video", "chat"]
Role = Literal["patient", "clinician"]
"""The two parties of a visit."""
CallRole = Literal["patient", "clinician", "relative", "interpreter", "colleague"]
"""Everybody who may be in a visit's call: the two parties, and those whom the clinician admits."""
Communication = Literal["speech", "signs", "reads"]
"""How somebody takes part: speaks and hears, signs ("Jag tecknar"), or reads ("Jag hör inte")."""
SenderWord = Literal["patient", "clinician", "system"]
ModeReason = Literal["chosen", "permission_denied", "no_device", "media_blocked", "connection_lost"]
TicketState = Literal["waiting", "called", "admitted", "left", "no_show", "done"]
GuestRole = Literal["relative", "interpreter", "colleague"]
GuestState = Literal["invited", "waiting", "admitted", "left", "removed", "refused", "expired"]
VisitState = Literal[
    "called", "in_progress", "ended", "documented", "no_response", "no_show", "returned"
]


class Wire(BaseModel):
    """A closed type: no field may be missing, added or of a kindred type."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, json_schema_serialization_defaults_required=True
    )


class TicketWaitUnknown(Wire):
    """Too few visits to say anything honest about the wait ("okänd")."""

    kind: Literal["unknown"] = "unknown"


class TicketWaitRange(Wire):
    """The expected wait between two bounds, in minutes."""

    kind: Literal["range"] = "range"
    low_minutes: Count
    high_minutes: Count


Wait = Annotated[TicketWaitUnknown | TicketWaitRange, Field(discriminator="kind")]
