"""What the queue's routes take and give."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from server.kit.actor import Profession
from server.kit.fields import ClinicName, Count, Id, NotYet, Reason, SentId, Version
from server.kit.http import In, Out
from server.queueing.domain import (
    REASON_LENGTH,
    Board,
    BoardEntry,
    Channel,
    Communication,
    Equipment,
    Summary,
    TicketState,
)
from server.queueing.equipment import Camera, Microphone, Network, Speaker, Transport


class EquipmentIn(In):
    """What the test of camera, microphone, speaker and network came to."""

    camera: Camera
    microphone: Microphone
    speaker: Speaker
    """What the patient answered to whether anything was heard."""
    network: Network
    round_trip_ms: int | None = Field(default=None, ge=0, le=60_000)
    """To the media server and back, in milliseconds."""
    loss_percent: float | None = Field(default=None, ge=0, le=100)
    """Of the packets on both ways, before repair."""
    up_kbps: int | None = Field(default=None, ge=0, le=1_000_000)
    """Sent, in kbit/s."""
    down_kbps: int | None = Field(default=None, ge=0, le=1_000_000)
    """Received, in kbit/s."""
    transport: Transport | None = None
    """How media travelled; null when none did."""

    def domain(self) -> Equipment:
        """As the use cases take it."""
        return Equipment(
            camera=self.camera,
            microphone=self.microphone,
            speaker=self.speaker,
            network=self.network,
            round_trip_ms=self.round_trip_ms,
            loss_percent=self.loss_percent,
            up_kbps=self.up_kbps,
            down_kbps=self.down_kbps,
            transport=self.transport,
        )


class JoinIn(In):
    """Whom to meet, why, and how."""

    clinic_id: SentId
    profession: Profession
    reason: Reason = Field(min_length=1, max_length=REASON_LENGTH)
    """Why, in the patient's own words."""
    channel: Channel
    """How the patient wants to meet."""
    communication: Communication = Communication.SPEECH
    """Whether the patient speaks, signs, or reads because she does not hear."""
    equipment: EquipmentIn | None = None
    """What was tested before; null if nothing."""


class ChannelIn(In):
    """Video or chat."""

    channel: Channel


class BoardEntryOut(Out):
    """A line of the clinicians' table."""

    id: Id
    """The ticket."""
    reason: Reason
    age: Annotated[int, Field(ge=0, examples=[34])]
    """Of the patient, in years."""
    channel: Channel
    communication: Communication
    """How the patient takes part: an interpreter can be asked in before the patient is taken."""
    state: TicketState
    arrived_at: datetime
    not_before: NotYet
    """Until when the patient rests after not answering; null otherwise."""
    requeued: bool
    """Whether the patient was put back once after not answering."""
    taken_by: Annotated[str | None, Field(examples=[None])]
    """The name of whoever took the patient; null while waiting."""
    taken_by_me: bool
    """Whether it is one's own."""
    equipment: Annotated[Summary | None, Field(examples=["good"])]
    """What the patient's test of the equipment came to; null when there was none."""

    @classmethod
    def of(cls, entry: BoardEntry) -> "BoardEntryOut":
        """The line as clinicians get it."""
        return cls(
            id=entry.id,
            reason=entry.reason,
            age=entry.age,
            channel=entry.channel,
            communication=entry.communication,
            state=entry.state,
            arrived_at=entry.arrived_at,
            not_before=entry.not_before,
            requeued=entry.requeued,
            taken_by=entry.taken_by,
            taken_by_me=entry.taken_by_me,
            equipment=entry.equipment,
        )


class BoardOut(Out):
    """The queue of one's duty."""

    clinic_id: Id
    clinic_name: ClinicName
    profession: Profession
    version: Version
    """Rises with every change; hints carry it."""
    on_duty: Count
    """How many colleagues take patients from this queue, oneself among them."""
    paused: Annotated[int, Field(ge=0, examples=[0])]
    """How many are on pause."""
    open: bool
    """Whether patients may join now."""
    tickets: list[BoardEntryOut]
    """In the order of places: the first 200 who wait, and all who are taken."""
    waiting_total: Annotated[int, Field(ge=0, examples=[3])]
    """How many wait, with those beyond the first 200."""
    recent_median_minutes: Annotated[int | None, Field(examples=[12])]
    """How long a visit took lately; null while nothing honest can be said."""

    @classmethod
    def of(cls, board: Board) -> "BoardOut":
        """The board as clinicians get it."""
        return cls(
            clinic_id=board.clinic_id,
            clinic_name=board.clinic_name,
            profession=board.profession,
            version=board.version,
            on_duty=board.on_duty,
            paused=board.paused,
            open=board.open,
            tickets=[BoardEntryOut.of(entry) for entry in board.tickets],
            waiting_total=board.waiting_total,
            recent_median_minutes=board.recent_median_minutes,
        )
