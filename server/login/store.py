"""Queries on sessions. Those of each request and each login are built once (ADR 16)."""

from collections.abc import Mapping
from datetime import datetime
from itertools import combinations

import sqlalchemy as sa

from server.kit.actor import Audience
from server.kit.statement import Row, Statement, values_of
from server.login.domain import Session
from server.login.tables import sessions

_COLUMNS = (
    sessions.c.id,
    sessions.c.account_id,
    sessions.c.audience,
    sessions.c.created_at,
    sessions.c.last_used_at,
    sessions.c.expires_at,
)


_OPEN = sessions.c.ended_at.is_(None)
_SELECT_OPEN = sa.select(*_COLUMNS).where(_OPEN)
_BY_TOKEN = Statement(
    _SELECT_OPEN.where(
        sessions.c.token_hash == sa.bindparam("token"),
        sessions.c.audience == sa.bindparam("of_audience"),
    )
)
# What may be asked of open sessions, with the column of each name.
_ASKED = {
    "account": sessions.c.account_id,
    "session": sessions.c.id,
    "key": sessions.c.login_key,
}
_OPEN_OF = {
    asked: Statement(
        _SELECT_OPEN.where(*(_ASKED[name] == sa.bindparam(name) for name in asked)).order_by(
            sessions.c.id
        )
    )
    for size in range(len(_ASKED) + 1)
    for asked in combinations(_ASKED, size)
}
_ADD = Statement(sa.insert(sessions))
_END = Statement(
    sa.update(sessions)
    .where(sessions.c.id == sa.bindparam("session"), _OPEN)
    .values(ended_at=sa.bindparam("at"), end_reason=sa.bindparam("reason"))
    .returning(sessions.c.id)
)


def _session(row: Row) -> Session:
    return Session(**{**row, "audience": Audience(row["audience"])})


def by_token(conn: sa.Connection, token_hash: str, audience: Audience) -> Session | None:
    """The session that is not ended, or None."""
    row = _BY_TOKEN.row(conn, token=token_hash, of_audience=audience)
    return None if row is None else _session(row)


def open_of(
    conn: sa.Connection,
    *,
    account_id: str | None = None,
    session_id: str | None = None,
    login_key: str | None = None,
) -> list[Session]:
    """Sessions that are not ended and match what is given."""
    given = {"account": account_id, "session": session_id, "key": login_key}
    asked = {name: value for name, value in given.items() if value is not None}
    return [_session(row) for row in _OPEN_OF[tuple(asked)].rows(conn, **asked)]


def stale(
    conn: sa.Connection, audience: Audience, now: datetime, unused_since: datetime
) -> list[Session]:
    """Sessions that have outlived either of their limits."""
    found = sa.or_(sessions.c.expires_at <= now, sessions.c.last_used_at <= unused_since)
    query = _SELECT_OPEN.where(sessions.c.audience == audience, found).order_by(sessions.c.id)
    return [_session(dict(row)) for row in conn.execute(query).mappings()]


def add(conn: sa.Connection, session: Session, token_hash: str, login_key: str) -> None:
    """Insert the session."""
    _ADD.run(conn, **values_of(session), token_hash=token_hash, login_key=login_key)


def end(conn: sa.Connection, session_id: str, reason: str, at: datetime) -> bool:
    """End the session. False: it had ended already."""
    return _END.row(conn, session=session_id, at=at, reason=reason) is not None


# Another process may have seen a later use.
_touch = (
    sa.update(sessions)
    .where(
        sessions.c.id == sa.bindparam("session_id"),
        sessions.c.last_used_at < sa.bindparam("used_at"),
    )
    .values(last_used_at=sa.bindparam("used_at"))
)


def touch(conn: sa.Connection, used: Mapping[str, datetime]) -> None:
    """Note when sessions were last used."""
    if used:
        # In one order, so that two processes can't wait for each other.
        rows = [{"session_id": key, "used_at": at} for key, at in sorted(used.items())]
        conn.execute(_touch, rows)


def forget_ended(conn: sa.Connection, before: datetime, most: int) -> int:
    """Delete up to ``most`` sessions that ended before the instant. Returns how many."""
    due = sa.select(sessions.c.id).where(sessions.c.ended_at < before)
    oldest = due.order_by(sessions.c.ended_at).limit(most)
    return conn.execute(sa.delete(sessions).where(sessions.c.id.in_(oldest))).rowcount


def count_open(conn: sa.Connection) -> dict[str, int]:
    """Open sessions by audience."""
    rows = conn.execute(
        sa.select(sessions.c.audience, sa.func.count())
        .where(sessions.c.ended_at.is_(None))
        .group_by(sessions.c.audience)
    )
    return {row[0]: row[1] for row in rows}
