"""What every wire type stands on, and the words that they share."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints


def _with_z(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]
"""A UUID in its canonical lower-case text."""

Moment = Annotated[AwareDatetime, PlainSerializer(_with_z, return_type=str, when_used="json")]
"""A point in time, written in UTC as ISO 8601 with `Z`."""

Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A version, a sequence number or an amount: JavaScript reads it without loss."""

Profession = Literal["doctor", "psychologist", "district_nurse"]
Mode = Literal["video", "chat"]
Role = Literal["patient", "clinician"]
ModeReason = Literal["chosen", "permission_denied", "no_device", "media_blocked", "connection_lost"]
TicketState = Literal["waiting", "called", "admitted", "left", "no_show", "done"]
VisitState = Literal[
    "called", "in_progress", "ended", "documented", "no_response", "no_show", "returned"
]


class Wire(BaseModel):
    """A closed type: no field may be missing, added or of a kindred type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WaitUnknown(Wire):
    """Too few visits to say anything honest about the wait ("okänd")."""

    kind: Literal["unknown"] = "unknown"


class WaitRange(Wire):
    """The expected wait between two bounds, in minutes."""

    kind: Literal["range"] = "range"
    low_minutes: Count
    high_minutes: Count


Wait = Annotated[WaitUnknown | WaitRange, Field(discriminator="kind")]
