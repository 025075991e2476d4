"""What higher slices give and take too of tickets, so it lies outside the private payloads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from server.kit.actor import Profession
from server.kit.fields import ClinicName, Id, MaybeId, NotYet, Reason, Version
from server.kit.http import In, Out
from server.queueing.domain import (
    Channel,
    Communication,
    Summary,
    Tested,
    TicketState,
    TicketView,
    Wait,
)
from server.queueing.equipment import Camera, Microphone, Network, Speaker, Transport, summary


class CommunicationIn(In):
    """Speech, sign language, or reading."""

    communication: Communication


class WaitUnknownOut(Out):
    """Nothing honest can be said ("okänd")."""

    kind: Literal["unknown"] = "unknown"


class WaitRangeOut(Out):
    """Between two bounds, in minutes."""

    kind: Literal["range"] = "range"
    low_minutes: Annotated[int, Field(ge=0, examples=[10])]
    high_minutes: Annotated[int, Field(ge=0, examples=[25])]


def wait_out(wait: Wait | None) -> WaitUnknownOut | WaitRangeOut:
    """The expected wait as it is told."""
    if wait is None:
        return WaitUnknownOut()
    return WaitRangeOut(low_minutes=wait.low_minutes, high_minutes=wait.high_minutes)


class TicketOut(Out):
    """A patient's place in a queue."""

    id: Id
    clinic_id: Id
    clinic_name: ClinicName
    profession: Profession
    reason: Reason
    """Why, in the patient's own words."""
    channel: Channel
    communication: Communication
    """How the patient takes part; to who signs or reads sound alone is never offered."""
    state: TicketState
    place: Annotated[int | None, Field(ge=1, examples=[2])]
    """The place in the queue, from 1; null once called."""
    waiting_total: Annotated[int | None, Field(ge=0, examples=[5])]
    """How many wait in the queue; null once called."""
    wait: WaitUnknownOut | WaitRangeOut = Field(discriminator="kind")
    arrived_at: datetime
    not_before: NotYet
    """Until when the patient rests after not answering; null otherwise."""
    requeued: bool
    """Whether the patient was put back once after not answering."""
    visit_id: MaybeId
    """The visit that the patient is called to; null while waiting."""
    version: Version
    """Rises with every change; hints carry it."""

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
            communication=ticket.communication,
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


class EquipmentOut(Out):
    """What the patient's newest test of the equipment came to."""

    summary: Summary
    """The whole in a word."""
    camera: Camera
    microphone: Microphone
    speaker: Speaker
    network: Network
    round_trip_ms: Annotated[int | None, Field(ge=0, examples=[34])]
    """To the media server and back, in milliseconds; null when not measured, as the following."""
    loss_percent: Annotated[float | None, Field(ge=0, le=100, examples=[0.4])]
    """Of the packets on both ways, before repair."""
    up_kbps: Annotated[int | None, Field(ge=0, examples=[1200])]
    """Sent, in kbit/s."""
    down_kbps: Annotated[int | None, Field(ge=0, examples=[1200])]
    """Received, in kbit/s."""
    transport: Annotated[Transport | None, Field(examples=["udp"])]
    tested_at: datetime

    @classmethod
    def of(cls, tested: Tested) -> "EquipmentOut":
        """The test as the clinician gets it."""
        found = tested.equipment
        return cls(
            summary=summary(found),
            camera=found.camera,
            microphone=found.microphone,
            speaker=found.speaker,
            network=found.network,
            round_trip_ms=found.round_trip_ms,
            loss_percent=found.loss_percent,
            up_kbps=found.up_kbps,
            down_kbps=found.down_kbps,
            transport=found.transport,
            tested_at=tested.at,
        )
