"""Queries on messages: sync functions on a connection, the same on both engines."""

from typing import Any

import sqlalchemy as sa

from server.messages.domain import Message, Sender
from server.messages.tables import messages

_m = messages.c


def _message(row: sa.Row[Any]) -> Message:
    return Message(
        visit_id=row.visit_id,
        seq=row.seq,
        client_id=row.client_id,
        sender=Sender(row.sender),
        sender_account=row.sender_account,
        sender_name=None,
        body=row.body,
        sent_at=row.sent_at,
    )


def insert(conn: sa.Connection, message: Message) -> None:
    """Add a line."""
    conn.execute(
        sa.insert(messages).values(
            visit_id=message.visit_id,
            seq=message.seq,
            sender_account=message.sender_account,
            client_id=message.client_id,
            sender=message.sender.value,
            body=message.body,
            sent_at=message.sent_at,
        )
    )


def find(conn: sa.Connection, visit_id: str, sender_account: str, client_id: str) -> Message | None:
    """The line that the sender wrote under this id."""
    row = conn.execute(
        sa.select(messages).where(
            _m.visit_id == visit_id,
            _m.sender_account == sender_account,
            _m.client_id == client_id,
        )
    ).one_or_none()
    return _message(row) if row else None


def since(conn: sa.Connection, visit_id: str, after: int, limit: int) -> list[Message]:
    """The lines after a number, in order."""
    rows = conn.execute(
        sa.select(messages)
        .where(_m.visit_id == visit_id, _m.seq > after)
        .order_by(_m.seq)
        .limit(limit)
    )
    return [_message(row) for row in rows]
