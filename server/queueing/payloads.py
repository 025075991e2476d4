"""What the queue's routes take and give."""

from datetime import datetime

from pydantic import Field

from server.kit.actor import Profession
from server.kit.http import In, Out
from server.queueing.domain import (
    REASON_LENGTH,
    Board,
    BoardEntry,
    Channel,
    TicketState,
)


class JoinIn(In):
    """Whom to meet, why, and how."""

    clinic_id: str = Field(max_length=36)
    profession: Profession
    reason: str = Field(min_length=1, max_length=REASON_LENGTH)
    channel: Channel


class ChannelIn(In):
    """Video or chat."""

    channel: Channel


class BoardEntryOut(Out):
    """A line of the clinicians' table."""

    id: str
    reason: str
    age: int
    channel: Channel
    state: TicketState
    arrived_at: datetime
    not_before: datetime | None
    requeued: bool
    taken_by: str | None
    taken_by_me: bool

    @classmethod
    def of(cls, entry: BoardEntry) -> "BoardEntryOut":
        """The line as clinicians get it."""
        return cls(
            id=entry.id,
            reason=entry.reason,
            age=entry.age,
            channel=entry.channel,
            state=entry.state,
            arrived_at=entry.arrived_at,
            not_before=entry.not_before,
            requeued=entry.requeued,
            taken_by=entry.taken_by,
            taken_by_me=entry.taken_by_me,
        )


class BoardOut(Out):
    """The queue of one's duty."""

    clinic_id: str
    clinic_name: str
    profession: Profession
    version: int
    on_duty: int
    paused: int
    open: bool
    tickets: list[BoardEntryOut]
    recent_median_minutes: int | None

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
            recent_median_minutes=board.recent_median_minutes,
        )
