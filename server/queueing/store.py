"""Queries on tickets and heads: sync functions on a connection, for both engines.

Every statement is built once, with the module; a function only names its values (ADR 16).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from server.kit.actor import Profession
from server.kit.statement import Row, Statement, values_of
from server.queueing.domain import Channel, Communication, Ticket, TicketState
from server.queueing.tables import queue_heads, queue_tickets

_t, _h = queue_tickets.c, queue_heads.c
# Written out, not bound: with a parameter neither engine can use the partial indexes.
_WAITING = _t.state == sa.literal_column("'waiting'")
_CALLED = _t.state.in_([sa.literal_column("'called'"), sa.literal_column("'admitted'")])
_OPEN = _t.state.in_(sa.literal_column(f"'{state}'") for state in ("waiting", "called", "admitted"))
# The order of the queue (docs/rules.md). All levels are equal until there is triage.
_ORDER = (_t.level, _t.arrived_at, _t.id)
_IN_QUEUE = sa.and_(
    _t.clinic_id == sa.bindparam("clinic"), _t.profession == sa.bindparam("of_profession")
)


def _queue(clinic_id: str, profession: Profession) -> dict[str, Any]:
    """The values that say which queue is meant."""
    return {"clinic": clinic_id, "of_profession": profession}


def _ticket(row: Row) -> Ticket:
    row["profession"] = Profession(row["profession"])
    row["channel"] = Channel(row["channel"])
    row["communication"] = Communication(row["communication"])
    row["state"] = TicketState(row["state"])
    return Ticket(**row)


# Heads: the version of a queue, and its lock.

_SELECT_HEAD = sa.select(_h.version).where(
    _h.clinic_id == sa.bindparam("clinic"), _h.profession == sa.bindparam("of_profession")
)
_HEAD = Statement(_SELECT_HEAD)
_HELD_HEAD = Statement(_SELECT_HEAD.with_for_update(key_share=True))
_BUMP = Statement(
    lambda insert: (
        insert(queue_heads)
        .on_conflict_do_update(
            index_elements=["clinic_id", "profession"], set_={"version": _h.version + 1}
        )
        .returning(_h.version)
    )
)


def bump_head(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """Raise the queue's version by one and return it. Holds the queue until the unit ends.

    Every change takes this lock before any ticket's, so two units can't wait for each other.
    """
    version: int = _BUMP.value(conn, clinic_id=clinic_id, profession=profession, version=1)
    return version


def hold_head(conn: sa.Connection, clinic_id: str, profession: Profession) -> None:
    """Lock the queue without changing it."""
    _HELD_HEAD.row(conn, **_queue(clinic_id, profession))


def head_version(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """The queue's version; 0 before anything happened in it."""
    version: int | None = _HEAD.value(conn, **_queue(clinic_id, profession))
    return version or 0


# One ticket.

# What ever changes of a ticket: whose it is, in which queue and where in its order never does.
_CHANGING = (
    "channel",
    "communication",
    "state",
    "not_before",
    "requeues",
    "taken_by",
    "visit_id",
    "closed_at",
    "handling_seconds",
    "version",
)
# Whoever has an open ticket in the queue already gets no second one.
_INSERT = Statement(lambda insert: insert(queue_tickets).on_conflict_do_nothing().returning(_t.id))
_UPDATE = Statement(sa.update(queue_tickets).where(_t.id == sa.bindparam("ticket")))
_GET = Statement(sa.select(queue_tickets).where(_t.id == sa.bindparam("ticket")))


def insert(conn: sa.Connection, ticket: Ticket) -> bool:
    """Add a ticket. False: the patient has an open one in this queue."""
    return _INSERT.row(conn, **values_of(ticket)) is not None


def update(conn: sa.Connection, ticket: Ticket) -> None:
    """Write a ticket that was decided on under the queue's lock."""
    changed = {name: getattr(ticket, name) for name in _CHANGING}
    _UPDATE.run(conn, ticket=ticket.id, **changed)


def get(conn: sa.Connection, ticket_id: str) -> Ticket | None:
    """A ticket."""
    row = _GET.row(conn, ticket=ticket_id)
    return _ticket(row) if row else None


# Claims. SKIP LOCKED lets PostgreSQL pass over a row that somebody else is taking; SQLAlchemy
# leaves the clause out on SQLite, where the writer is alone.


def _claim(which: sa.ColumnElement[bool]) -> ReturningUpdate[Any]:
    return (
        sa.update(queue_tickets)
        .where(which, _WAITING)
        .values(
            state=TicketState.CALLED.value,
            taken_by=sa.bindparam("by"),
            visit_id=sa.bindparam("visit"),
            version=sa.bindparam("new_version"),
        )
        .returning(*_t)
    )


# One statement finds the first who may be called and takes them.
CLAIM_NEXT = _claim(
    _t.id
    == sa.select(_t.id)
    .where(
        _IN_QUEUE, _WAITING, sa.or_(_t.not_before.is_(None), _t.not_before <= sa.bindparam("now"))
    )
    .order_by(*_ORDER)
    .limit(sa.literal_column("1"))
    .with_for_update(skip_locked=True, key_share=True)
    .scalar_subquery()
)
CLAIM = _claim(_t.id == sa.bindparam("ticket"))


_CLAIM_NEXT, _CLAIM = Statement(CLAIM_NEXT), Statement(CLAIM)


def claim_next(
    conn: sa.Connection,
    clinic_id: str,
    profession: Profession,
    *,
    by: str,
    visit_id: str,
    version: int,
    now: datetime,
) -> Ticket | None:
    """Take the first who may be called, in one statement; None if there is nobody."""
    taking = {"by": by, "visit": visit_id, "new_version": version, "now": now}
    row = _CLAIM_NEXT.row(conn, **_queue(clinic_id, profession), **taking)
    return _ticket(row) if row else None


def claim(
    conn: sa.Connection, ticket_id: str, *, by: str, visit_id: str, version: int
) -> Ticket | None:
    """Take this one, resting or not; None if it no longer waits."""
    row = _CLAIM.row(conn, ticket=ticket_id, by=by, visit=visit_id, new_version=version)
    return _ticket(row) if row else None


# Many tickets, and what a queue comes to.

_TICKETS = sa.select(queue_tickets)
_OF_PATIENT = _t.patient_id == sa.bindparam("patient")
_SAME_LEVEL = _t.level == sa.bindparam("of_level")
_OPEN_FOR = Statement(_TICKETS.where(_OF_PATIENT, _IN_QUEUE, _OPEN))
_OPEN_OF = Statement(_TICKETS.where(_OF_PATIENT, _OPEN).order_by(_t.arrived_at, _t.id))
_OWN = Statement(_TICKETS.where(_t.id.in_(sa.bindparam("tickets", expanding=True)), _OF_PATIENT))
_LINE = Statement(sa.select(_t.id, _t.patient_id).where(_IN_QUEUE, _WAITING).order_by(*_ORDER))
_AMONG = Statement(_TICKETS.where(_t.id.in_(sa.bindparam("tickets", expanding=True)), _WAITING))
_WAITING_OF = Statement(
    _TICKETS.where(
        _t.patient_id.in_(sa.bindparam("patients", expanding=True)), _IN_QUEUE, _OPEN, _WAITING
    )
)
_AT_MOST = sa.bindparam("at_most", type_=sa.Integer)
_FIRST = Statement(_TICKETS.where(_IN_QUEUE, _WAITING).order_by(*_ORDER).limit(_AT_MOST))
_TAKEN = Statement(_TICKETS.where(_IN_QUEUE, _CALLED).order_by(*_ORDER))
_LATEST = Statement(
    sa.select(_t.arrived_at)
    .where(_IN_QUEUE, _SAME_LEVEL, _WAITING)
    .order_by(_t.arrived_at.desc())
    .limit(sa.literal_column("1"))
)
_SAMPLES = Statement(
    sa.select(_t.handling_seconds)
    .where(_IN_QUEUE, _t.handling_seconds.is_not(None))
    .order_by(_t.closed_at.desc(), _t.id.desc())
    .limit(sa.bindparam("newest", type_=sa.Integer))
)


def open_for(
    conn: sa.Connection, patient_id: str, clinic_id: str, profession: Profession
) -> Ticket | None:
    """The patient's open ticket in a queue; there is at most one."""
    row = _OPEN_FOR.row(conn, patient=patient_id, **_queue(clinic_id, profession))
    return _ticket(row) if row else None


def open_of(conn: sa.Connection, patient_id: str) -> list[Ticket]:
    """The patient's open tickets, the newest last."""
    return [_ticket(row) for row in _OPEN_OF.rows(conn, patient=patient_id)]


def own(conn: sa.Connection, patient_id: str, ticket_ids: Sequence[str]) -> list[Ticket]:
    """Those of the tickets that are the patient's."""
    rows = _OWN.rows(conn, patient=patient_id, tickets=list(ticket_ids))
    return [_ticket(row) for row in rows]


# SQLite before 3.32 takes 999 parameters to a statement.
_AT_ONCE = 500


def line(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[tuple[str, str]]:
    """Everybody who waits, as ticket and patient, in the order of places."""
    rows = _LINE.rows(conn, **_queue(clinic_id, profession))
    return [(row["id"], row["patient_id"]) for row in rows]


def waiting_among(conn: sa.Connection, ticket_ids: Sequence[str]) -> list[Ticket]:
    """Those of the tickets that wait, in no order."""
    found: list[Ticket] = []
    for start in range(0, len(ticket_ids), _AT_ONCE):
        some = list(ticket_ids[start : start + _AT_ONCE])
        found += [_ticket(row) for row in _AMONG.rows(conn, tickets=some)]
    return found


def waiting_of(
    conn: sa.Connection, clinic_id: str, profession: Profession, patient_ids: Sequence[str]
) -> list[Ticket]:
    """The tickets of those of the patients who wait in the queue, in no order."""
    queue = _queue(clinic_id, profession)
    found: list[Ticket] = []
    for start in range(0, len(patient_ids), _AT_ONCE):
        some = list(patient_ids[start : start + _AT_ONCE])
        found += [_ticket(row) for row in _WAITING_OF.rows(conn, **queue, patients=some)]
    return found


def first_waiting(
    conn: sa.Connection, clinic_id: str, profession: Profession, limit: int
) -> list[Ticket]:
    """The first of those who wait, in the order of places."""
    queue = _queue(clinic_id, profession)
    return [_ticket(row) for row in _FIRST.rows(conn, **queue, at_most=limit)]


def taken_in(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[Ticket]:
    """Those of a queue who are called or admitted."""
    return [_ticket(row) for row in _TAKEN.rows(conn, **_queue(clinic_id, profession))]


def latest_arrival(
    conn: sa.Connection, clinic_id: str, profession: Profession, level: int
) -> datetime | None:
    """When the last of those who wait arrived."""
    latest: datetime | None = _LATEST.value(conn, **_queue(clinic_id, profession), of_level=level)
    return latest


def samples(conn: sa.Connection, clinic_id: str, profession: Profession, limit: int) -> list[int]:
    """Handling times of ended visits in seconds, the newest first."""
    rows = _SAMPLES.rows(conn, **_queue(clinic_id, profession), newest=limit)
    return [row["handling_seconds"] for row in rows]
