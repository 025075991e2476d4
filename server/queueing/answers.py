"""Answers about tickets that higher slices give too, so they lie outside the private payloads."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from server.kit.actor import Profession
from server.kit.http import Out
from server.queueing.domain import Channel, TicketState, TicketView, Wait


class WaitUnknownOut(Out):
    """Nothing honest can be said ("okänd")."""

    kind: Literal["unknown"] = "unknown"


class WaitRangeOut(Out):
    """Between two bounds, in minutes."""

    kind: Literal["range"] = "range"
    low_minutes: int
    high_minutes: int


def wait_out(wait: Wait | None) -> WaitUnknownOut | WaitRangeOut:
    """The expected wait as it is told."""
    if wait is None:
        return WaitUnknownOut()
    return WaitRangeOut(low_minutes=wait.low_minutes, high_minutes=wait.high_minutes)


class TicketOut(Out):
    """A patient's place in a queue."""

    id: str
    clinic_id: str
    clinic_name: str
    profession: Profession
    reason: str
    channel: Channel
    state: TicketState
    place: int | None
    waiting_total: int | None
    wait: WaitUnknownOut | WaitRangeOut = Field(discriminator="kind")
    arrived_at: datetime
    not_before: datetime | None
    requeued: bool
    visit_id: str | None
    version: int

    @classmethod
    def of(cls, view: TicketView) -> "TicketOut":
        """The ticket as its patient gets it."""
        ticket = view.ticket
        return cls(
            id=ticket.id,
            clinic_id=ticket.clinic_id,
            clinic_name=view.clinic_name,
            profession=ticket.profession,
            reason=ticket.reason,
            channel=ticket.channel,
            state=ticket.state,
            place=view.place,
            waiting_total=view.waiting_total,
            wait=wait_out(view.wait),
            arrived_at=ticket.arrived_at,
            not_before=ticket.not_before,
            requeued=ticket.requeues > 0,
            visit_id=ticket.visit_id,
            version=view.version,
        )
