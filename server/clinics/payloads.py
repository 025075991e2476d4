"""Clinics as they are shown to anybody."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from server.clinics.domain import Clinic, Load, Opening
from server.kit.actor import Profession
from server.kit.fields import ClinicName, Count, Id, NotYet
from server.kit.http import Out


class WaitUnknown(Out):
    """The wait is not known (okänd)."""

    kind: Literal["unknown"] = "unknown"


class WaitRange(Out):
    """The expected wait lies between two bounds."""

    kind: Literal["range"] = "range"
    low_minutes: Annotated[int, Field(ge=0, examples=[10])]
    high_minutes: Annotated[int, Field(ge=0, examples=[25])]


class ServiceOut(Out):
    """One profession at one clinic: is it open, and how long is the queue."""

    profession: Profession
    open: bool
    """Whether patients may join the queue now."""
    closes_at: datetime | None
    """When it closes; null when it never does, or is closed."""
    next_opening: NotYet
    """When it opens next; null when it is open, or never opens."""
    waiting: Count
    """How many wait in the queue."""
    wait: Annotated[WaitUnknown | WaitRange, Field(discriminator="kind")]

    @classmethod
    def of(cls, profession: Profession, opening: Opening, load: Load) -> "ServiceOut":
        """A closed service has no wait that one could know."""
        known = load.wait if opening.open else None
        return cls(
            profession=profession,
            open=opening.open,
            closes_at=opening.closes_at,
            next_opening=opening.next_opening,
            waiting=load.waiting,
            wait=WaitUnknown()
            if known is None
            else WaitRange(low_minutes=known[0], high_minutes=known[1]),
        )


class ClinicOut(Out):
    """A clinic with its services."""

    id: Id
    name: ClinicName
    area: Annotated[str, Field(examples=["Mälarö"])]
    """The part of the region it lies in."""
    services: list[ServiceOut]
    """One for each profession that the clinic offers."""

    @classmethod
    def of(cls, clinic: Clinic, services: list[ServiceOut]) -> "ClinicOut":
        """From the domain."""
        return cls(id=clinic.id, name=clinic.name, area=clinic.area, services=services)


class ClinicsOut(Out):
    """All clinics."""

    clinics: list[ClinicOut]
