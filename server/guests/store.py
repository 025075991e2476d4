"""Queries on guests: sync functions on a connection, the same on both engines."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from server.guests.domain import Guest, GuestRole, GuestState
from server.guests.tables import guests
from server.kit.db import UtcDateTime
from server.kit.statement import Row, Statement, values_of
from server.queueing.domain import Communication

_g = guests.c
# Written out, not bound: else neither engine can use the partial index.
_LIVE = _g.state.in_(
    [sa.literal_column(f"'{state}'") for state in ("invited", "waiting", "admitted", "left")]
)
_GUESTS = sa.select(guests)
_OF_VISIT = _g.visit_id == sa.bindparam("visit")
# What an invitation fixes, and nothing changes afterwards.
_FIXED = ("id", "visit_id", "invited_by", "invited_at")

_INSERT = Statement(sa.insert(guests))
_UPDATE = Statement(sa.update(guests).where(_g.id == sa.bindparam("guest")))
_GET = Statement(_GUESTS.where(_g.id == sa.bindparam("guest")))
_BY_TOKEN = Statement(_GUESTS.where(_g.token_hash == sa.bindparam("hashed")))
_BY_SESSION = Statement(_GUESTS.where(_g.session_hash == sa.bindparam("hashed")))
_ALL = Statement(_GUESTS.where(_OF_VISIT).order_by(_g.id))
_LIVE_OF = Statement(_GUESTS.where(_OF_VISIT, _LIVE).order_by(_g.id))
_LIVE_OF_ACCOUNT = Statement(
    _GUESTS.where(_g.account_id == sa.bindparam("account"), _LIVE).order_by(_g.visit_id, _g.id)
)
_NEWEST = Statement(sa.select(sa.func.max(_g.version).label("version")).where(_OF_VISIT))
_NEWEST_OF = Statement(
    sa.select(_g.visit_id, sa.func.max(_g.version).label("version"))
    .where(_g.visit_id.in_(sa.bindparam("visits", expanding=True)))
    .group_by(_g.visit_id)
)
_WAITING = Statement(
    sa.select(_g.visit_id, _g.id)
    .where(
        _g.visit_id.in_(sa.bindparam("visits", expanding=True)),
        _g.state == sa.literal_column("'waiting'"),
        _g.redeemed_at < sa.bindparam("before", type_=UtcDateTime),
    )
    .order_by(_g.id)
)
_DUE = Statement(
    _GUESTS.where(_LIVE, _g.ends_at <= sa.bindparam("now", type_=UtcDateTime))
    # In one order, so that two processes can't wait for each other.
    .order_by(_g.visit_id, _g.id)
)


def _guest(row: Row) -> Guest:
    row["role"] = GuestRole(row["role"])
    row["communication"] = Communication(row["communication"])
    row["state"] = GuestState(row["state"])
    return Guest(**row)


def _one(row: Row | None) -> Guest | None:
    return _guest(row) if row else None


def insert(conn: sa.Connection, guest: Guest) -> None:
    """Add a guest."""
    _INSERT.run(conn, **values_of(guest))


def update(conn: sa.Connection, guest: Guest) -> None:
    """Write a guest that was read while the visit was held."""
    values = values_of(guest)
    changed = {name: value for name, value in values.items() if name not in _FIXED}
    _UPDATE.run(conn, guest=guest.id, **changed)


def get(conn: sa.Connection, guest_id: str) -> Guest | None:
    """A guest."""
    return _one(_GET.row(conn, guest=guest_id))


def by_token(conn: sa.Connection, token_hash: str) -> Guest | None:
    """Whose invitation it is."""
    return _one(_BY_TOKEN.row(conn, hashed=token_hash))


def by_session(conn: sa.Connection, session_hash: str) -> Guest | None:
    """Whose session it is, or was."""
    return _one(_BY_SESSION.row(conn, hashed=session_hash))


def of_visit(conn: sa.Connection, visit_id: str) -> list[Guest]:
    """Everybody who was ever invited, in that order (ids rise with time)."""
    return [_guest(row) for row in _ALL.rows(conn, visit=visit_id)]


def live_of(conn: sa.Connection, visit_id: str) -> list[Guest]:
    """Those who may be in the visit or come to it."""
    return [_guest(row) for row in _LIVE_OF.rows(conn, visit=visit_id)]


def live_of_account(conn: sa.Connection, account_id: str) -> list[Guest]:
    """The visits in which a member of the staff is a guest now."""
    return [_guest(row) for row in _LIVE_OF_ACCOUNT.rows(conn, account=account_id)]


def version(conn: sa.Connection, visit_id: str) -> int:
    """The version of the visit's list; 0 while nobody was invited."""
    newest: int | None = _NEWEST.value(conn, visit=visit_id)
    return newest or 0


def versions(conn: sa.Connection, visit_ids: Sequence[str]) -> dict[str, int]:
    """The versions of the lists of those visits to which anybody was invited."""
    if len(visit_ids) == 1:  # what a heartbeat asks for most
        (visit_id,) = visit_ids
        newest = version(conn, visit_id)
        return {visit_id: newest} if newest else {}
    rows = _NEWEST_OF.rows(conn, visits=list(visit_ids)) if visit_ids else []
    return {row["visit_id"]: row["version"] for row in rows}


def waiting_since(
    conn: sa.Connection, visit_ids: Sequence[str], before: datetime
) -> dict[str, list[str]]:
    """The ids of those in the lobby who came before the instant, by visit."""
    found: dict[str, list[str]] = {}
    for row in _WAITING.rows(conn, visits=list(visit_ids), before=before) if visit_ids else ():
        found.setdefault(row["visit_id"], []).append(row["id"])
    return found


def due(conn: sa.Connection, now: datetime) -> list[Guest]:
    """Those whose invitation or session is over, and who are not told so yet."""
    return [_guest(row) for row in _DUE.rows(conn, now=now)]
