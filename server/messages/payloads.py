"""What the messages' routes take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.kit.fields import Id, Text
from server.kit.http import In, Out
from server.messages.domain import BODY_LENGTH, Message, Sender


class MessageIn(In):
    """A line to send; ``client_id`` makes a repeat harmless."""

    client_id: UUID
    """Made by the client for each line, and kept when it is sent again."""
    body: Text = Field(min_length=1, max_length=BODY_LENGTH)
    """What is said."""


class SinceQuery(In):
    """From where on, and how many at most."""

    after: int = Field(0, ge=0, le=2**31 - 1)
    """The number of the last line that is known already."""
    limit: int = Field(200, ge=1, le=200)
    """How many lines at most."""


class MessageOut(Out):
    """A line of the conversation; of the system, ``body`` is a code."""

    visit_id: Id
    seq: Annotated[int, Field(ge=1, examples=[1])]
    """Rises by one from line to line of the visit."""
    client_id: Id | None
    """The sender's own; null for a line of the system."""
    sender: Sender
    sender_name: Annotated[str | None, Field(examples=["Pia Patient"])]
    """Null for a line of the system."""
    body: Text
    """What was said; of the system, a code such as `mode.chat.no_device.patient`."""
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
    last_seq: Annotated[int, Field(ge=0, examples=[1])]
    """The number of the last line there is; 0 before the first."""

    @classmethod
    def of(cls, found: tuple[list[Message], int]) -> "MessagesOut":
        """The lines as both parties get them."""
        messages, last_seq = found
        return cls(messages=[MessageOut.of(each) for each in messages], last_seq=last_seq)
