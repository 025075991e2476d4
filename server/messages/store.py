"""Queries on messages: sync functions on a connection, the same on both engines."""

from typing import Any

import sqlalchemy as sa

from server.kit.schema import values_of
from server.messages.domain import Message, Sender
from server.messages.tables import messages

_m = messages.c
_INSERT = sa.insert(messages)
_FIND = sa.select(messages).where(
    _m.visit_id == sa.bindparam("visit"),
    _m.sender_account == sa.bindparam("account"),
    _m.client_id == sa.bindparam("client"),
)
_SINCE = (
    sa.select(messages)
    .where(_m.visit_id == sa.bindparam("visit"), _m.seq > sa.bindparam("after"))
    .order_by(_m.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


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
    values = values_of(message)
    del values["sender_name"]  # as it is now: the account's, never the line's
    conn.execute(_INSERT, values)


def find(conn: sa.Connection, visit_id: str, sender_account: str, client_id: str) -> Message | None:
    """The line that the sender wrote under this id."""
    asked = {"visit": visit_id, "account": sender_account, "client": client_id}
    row = conn.execute(_FIND, asked).one_or_none()
    return _message(row) if row else None


def since(conn: sa.Connection, visit_id: str, after: int, limit: int) -> list[Message]:
    """The lines after a number, in order."""
    rows = conn.execute(_SINCE, {"visit": visit_id, "after": after, "most": limit})
    return [_message(row) for row in rows]
