"""What the messages' routes take and give."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from server.kit.http import In, Out
from server.messages.domain import BODY_LENGTH, Message, Sender


class MessageIn(In):
    """A line to send; ``client_id`` makes a repeat harmless."""

    client_id: UUID
    body: str = Field(min_length=1, max_length=BODY_LENGTH)


class SinceQuery(In):
    """From where on, and how many at most."""

    after: int = Field(0, ge=0, le=2**31 - 1)
    limit: int = Field(200, ge=1, le=200)


class MessageOut(Out):
    """A line of the conversation; of the system, ``body`` is a code."""

    visit_id: str
    seq: int
    client_id: str | None
    sender: Sender
    sender_name: str | None
    body: str
    sent_at: datetime

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        """The line as both parties get it."""
        return cls(
            visit_id=message.visit_id,
            seq=message.seq,
            client_id=message.client_id,
            sender=message.sender,
            sender_name=message.sender_name,
            body=message.body,
            sent_at=message.sent_at,
        )


class MessagesOut(Out):
    """Lines in order, and the number of the last one there is."""

    messages: list[MessageOut]
    last_seq: int

    @classmethod
    def of(cls, found: tuple[list[Message], int]) -> "MessagesOut":
        """The lines as both parties get them."""
        messages, last_seq = found
        return cls(messages=[MessageOut.of(each) for each in messages], last_seq=last_seq)
