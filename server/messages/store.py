"""Queries on messages: sync functions on a connection, the same on both engines."""

import sqlalchemy as sa

from server.kit.statement import Row, Statement, values_of
from server.messages.domain import Message, Sender
from server.messages.tables import messages

_m = messages.c
_INSERT = Statement(sa.insert(messages))
_FIND = Statement(
    sa.select(messages).where(
        _m.visit_id == sa.bindparam("visit"),
        _m.sender_account == sa.bindparam("account"),
        _m.client_id == sa.bindparam("client"),
    )
)
_SINCE = Statement(
    sa.select(messages)
    .where(_m.visit_id == sa.bindparam("visit"), _m.seq > sa.bindparam("after"))
    .order_by(_m.seq)
    .limit(sa.bindparam("most", type_=sa.Integer))
)


def _message(row: Row) -> Message:
    # The sender's name is the account's, and so as it is now; it is no part of the line.
    return Message(**{**row, "sender": Sender(row["sender"]), "sender_name": None})


def insert(conn: sa.Connection, message: Message) -> None:
    """Add a line."""
    values = values_of(message)
    del values["sender_name"]
    _INSERT.run(conn, **values)


def find(conn: sa.Connection, visit_id: str, sender_account: str, client_id: str) -> Message | None:
    """The line that the sender wrote under this id."""
    row = _FIND.row(conn, visit=visit_id, account=sender_account, client=client_id)
    return _message(row) if row else None


def since(conn: sa.Connection, visit_id: str, after: int, limit: int) -> list[Message]:
    """The lines after a number, in order."""
    rows = _SINCE.rows(conn, visit=visit_id, after=after, most=limit)
    return [_message(row) for row in rows]
