"""Queries on sessions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.kit.actor import Audience
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


def _session(row: sa.Row[*tuple[Any, ...]]) -> Session:
    return Session(
        row.id,
        row.account_id,
        Audience(row.audience),
        row.created_at,
        row.last_used_at,
        row.expires_at,
    )


def by_token(conn: sa.Connection, token_hash: str, audience: Audience) -> Session | None:
    """The session that is not ended, or None."""
    row = conn.execute(
        sa.select(*_COLUMNS).where(
            sessions.c.token_hash == token_hash,
            sessions.c.audience == audience,
            sessions.c.ended_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else _session(row)


def open_of(
    conn: sa.Connection,
    *,
    account_id: str | None = None,
    session_id: str | None = None,
    login_key: str | None = None,
) -> list[Session]:
    """Sessions that are not ended and match what is given."""
    query = sa.select(*_COLUMNS).where(sessions.c.ended_at.is_(None))
    if account_id is not None:
        query = query.where(sessions.c.account_id == account_id)
    if session_id is not None:
        query = query.where(sessions.c.id == session_id)
    if login_key is not None:
        query = query.where(sessions.c.login_key == login_key)
    return [_session(row) for row in conn.execute(query.order_by(sessions.c.id))]


def stale(
    conn: sa.Connection, audience: Audience, now: datetime, unused_since: datetime
) -> list[Session]:
    """Sessions that have outlived either of their limits."""
    rows = conn.execute(
        sa.select(*_COLUMNS)
        .where(
            sessions.c.ended_at.is_(None),
            sessions.c.audience == audience,
            sa.or_(sessions.c.expires_at <= now, sessions.c.last_used_at <= unused_since),
        )
        .order_by(sessions.c.id)
    )
    return [_session(row) for row in rows]


def add(conn: sa.Connection, session: Session, token_hash: str, login_key: str) -> None:
    """Insert the session."""
    conn.execute(
        sa.insert(sessions).values(
            id=session.id,
            token_hash=token_hash,
            login_key=login_key,
            account_id=session.account_id,
            audience=session.audience,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
        )
    )


def end(conn: sa.Connection, session_id: str, reason: str, at: datetime) -> bool:
    """End the session. False: it had ended already."""
    done = conn.execute(
        sa.update(sessions)
        .where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
    )
    return done.rowcount == 1


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


def forget_ended(conn: sa.Connection, before: datetime) -> int:
    """Delete sessions that ended before the instant. Returns how many."""
    return conn.execute(sa.delete(sessions).where(sessions.c.ended_at < before)).rowcount


def count_open(conn: sa.Connection) -> dict[str, int]:
    """Open sessions by audience."""
    rows = conn.execute(
        sa.select(sessions.c.audience, sa.func.count())
        .where(sessions.c.ended_at.is_(None))
        .group_by(sessions.c.audience)
    )
    return {row[0]: row[1] for row in rows}
