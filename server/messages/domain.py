"""A line of a conversation, what it may hold, its errors and its event. Pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from server.kit.errors import Invalid
from server.kit.events import Event, register_event
from server.kit.text import clean_text

BODY_LENGTH = 4000


class Sender(StrEnum):
    """Who wrote a line; the system's lines are codes that clients word."""

    PATIENT = "patient"
    CLINICIAN = "clinician"
    SYSTEM = "system"


class IdReuse(Invalid):
    """The same ``client_id`` came before with another body."""

    code = "message.id_reuse"


@dataclass(frozen=True, slots=True)
class Message:
    """A line of a visit's conversation. Lines of the system have neither account nor client id."""

    visit_id: str
    seq: int
    client_id: str | None
    sender: Sender
    sender_account: str | None
    sender_name: str | None
    body: str
    sent_at: datetime


def clean_body(text: str) -> str:
    """The text as it is stored; ``Invalid`` unless 1 to 4000 characters are left of it."""
    body = clean_text(text)
    if not 1 <= len(body) <= BODY_LENGTH:
        raise Invalid(f"A message has 1 to {BODY_LENGTH} characters.", field="body")
    return body


def clean_client_id(text: str) -> str:
    """The client's id in its canonical form, so that its spelling can't double a message."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Invalid("client_id must be a UUID.", field="client_id") from None


@register_event
@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """A new line, with the accounts of both parties. ``sent_at`` is ISO 8601."""

    kind: ClassVar[str] = "message.posted"
    personal: ClassVar[bool] = True
    visit_id: str
    patient_id: str
    clinician_id: str
    seq: int
    client_id: str | None
    sender: str
    sender_name: str | None
    body: str
    sent_at: str
