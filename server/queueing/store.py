"""Queries on tickets and heads: sync functions on a connection, for both engines.

Every statement is built once, with the module; a function only names its values (ADR 16).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from server.kit.actor import Profession
from server.kit.schema import on_each_engine, values_of
from server.queueing.domain import Channel, Ticket, TicketState
from server.queueing.tables import queue_heads, queue_tickets

_t, _h = queue_tickets.c, queue_heads.c
# Written out, not bound: with a parameter neither engine can use the partial indexes.
_WAITING = _t.state == sa.literal_column("'waiting'")
_OPEN = _t.state.in_(
    [sa.literal_column(f"'{state}'") for state in ("waiting", "called", "admitted")]
)
# The order of the queue (docs/rules.md). All levels are equal until there is triage.
_ORDER = (_t.level, _t.arrived_at, _t.id)
_IN_QUEUE = sa.and_(
    _t.clinic_id == sa.bindparam("clinic"), _t.profession == sa.bindparam("of_profession")
)


def _queue(clinic_id: str, profession: Profession) -> dict[str, Any]:
    """The values of ``_IN_QUEUE`` and ``_OF_QUEUE``."""
    return {"clinic": clinic_id, "of_profession": profession}


def _ticket(row: sa.Row[*tuple[Any, ...]]) -> Ticket:
    values = dict(row._mapping)
    values["profession"] = Profession(values["profession"])
    values["channel"] = Channel(values["channel"])
    values["state"] = TicketState(values["state"])
    return Ticket(**values)


# Heads: the version of a queue, and its lock.

_OF_QUEUE = sa.and_(
    _h.clinic_id == sa.bindparam("clinic"), _h.profession == sa.bindparam("of_profession")
)
_HEAD = sa.select(_h.version).where(_OF_QUEUE)
_HELD_HEAD = _HEAD.with_for_update(key_share=True)
_BUMP = on_each_engine(
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
    first = {"clinic_id": clinic_id, "profession": profession, "version": 1}
    version: int = conn.execute(_BUMP[conn.dialect.name], first).scalar_one()
    return version


def hold_head(conn: sa.Connection, clinic_id: str, profession: Profession) -> None:
    """Lock the queue without changing it."""
    conn.execute(_HELD_HEAD, _queue(clinic_id, profession))


def head_version(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """The queue's version; 0 before anything happened in it."""
    return conn.scalar(_HEAD, _queue(clinic_id, profession)) or 0


# One ticket.

# What ever changes of a ticket: whose it is, in which queue and where in its order never does.
_CHANGING = frozenset(
    {
        "channel",
        "state",
        "not_before",
        "requeues",
        "taken_by",
        "visit_id",
        "closed_at",
        "handling_seconds",
        "version",
    }
)
# Whoever has an open ticket in the queue already gets no second one.
_INSERT = on_each_engine(
    lambda insert: insert(queue_tickets).on_conflict_do_nothing().returning(_t.id)
)
_UPDATE = sa.update(queue_tickets).where(_t.id == sa.bindparam("ticket"))
_GET = sa.select(queue_tickets).where(_t.id == sa.bindparam("ticket"))


def insert(conn: sa.Connection, ticket: Ticket) -> bool:
    """Add a ticket. False: the patient has an open one in this queue."""
    added = conn.execute(_INSERT[conn.dialect.name], values_of(ticket)).one_or_none()
    return added is not None


def update(conn: sa.Connection, ticket: Ticket) -> None:
    """Write a ticket that was decided on under the queue's lock."""
    values = {name: getattr(ticket, name) for name in _CHANGING}
    conn.execute(_UPDATE, {**values, "ticket": ticket.id})


def get(conn: sa.Connection, ticket_id: str) -> Ticket | None:
    """A ticket."""
    row = conn.execute(_GET, {"ticket": ticket_id}).one_or_none()
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
    row = conn.execute(CLAIM_NEXT, {**_queue(clinic_id, profession), **taking}).one_or_none()
    return _ticket(row) if row else None


def claim(
    conn: sa.Connection, ticket_id: str, *, by: str, visit_id: str, version: int
) -> Ticket | None:
    """Take this one, resting or not; None if it no longer waits."""
    row = conn.execute(
        CLAIM, {"ticket": ticket_id, "by": by, "visit": visit_id, "new_version": version}
    ).one_or_none()
    return _ticket(row) if row else None


# Many tickets, and what a queue comes to.

_OF_PATIENT = _t.patient_id == sa.bindparam("patient")
_OPEN_FOR = sa.select(queue_tickets).where(_OF_PATIENT, _IN_QUEUE, _OPEN)
_OPEN_OF = sa.select(queue_tickets).where(_OF_PATIENT, _OPEN).order_by(_t.arrived_at, _t.id)
_OWN = sa.select(queue_tickets).where(
    _t.id.in_(sa.bindparam("tickets", expanding=True)), _OF_PATIENT
)
_ALL_WAITING = sa.select(queue_tickets).where(_IN_QUEUE, _WAITING).order_by(*_ORDER)
_ALL_OPEN = sa.select(queue_tickets).where(_IN_QUEUE, _OPEN).order_by(*_ORDER)
_LATEST = (
    sa.select(_t.arrived_at)
    .where(_IN_QUEUE, _t.level == sa.bindparam("of_level"), _WAITING)
    .order_by(_t.arrived_at.desc())
    .limit(sa.literal_column("1"))
)
_TOTAL = sa.select(sa.func.count()).select_from(queue_tickets).where(_IN_QUEUE, _WAITING)
_SAMPLES = (
    sa.select(_t.handling_seconds)
    .where(_IN_QUEUE, _t.handling_seconds.is_not(None))
    .order_by(_t.closed_at.desc(), _t.id.desc())
    .limit(sa.bindparam("newest", type_=sa.Integer))
)
_SAME_LEVEL = _t.level == sa.bindparam("of_level")
_BEFORE = sa.or_(
    _t.level < sa.bindparam("of_level"),
    sa.and_(_SAME_LEVEL, _t.arrived_at < sa.bindparam("arrived")),
    sa.and_(_SAME_LEVEL, _t.arrived_at == sa.bindparam("arrived"), _t.id < sa.bindparam("ticket")),
)
_STANDING = (
    sa.select(
        _HEAD.scalar_subquery(),
        sa.func.count().filter(_BEFORE),
        sa.func.count(),
        sa.func.count().filter(_t.id == sa.bindparam("ticket")),
    )
    .select_from(queue_tickets)
    .where(_IN_QUEUE, _WAITING)
)


def open_for(
    conn: sa.Connection, patient_id: str, clinic_id: str, profession: Profession
) -> Ticket | None:
    """The patient's open ticket in a queue; there is at most one."""
    asked = {"patient": patient_id, **_queue(clinic_id, profession)}
    row = conn.execute(_OPEN_FOR, asked).one_or_none()
    return _ticket(row) if row else None


def open_of(conn: sa.Connection, patient_id: str) -> list[Ticket]:
    """The patient's open tickets, the newest last."""
    return [_ticket(row) for row in conn.execute(_OPEN_OF, {"patient": patient_id})]


def own(conn: sa.Connection, patient_id: str, ticket_ids: Sequence[str]) -> list[Ticket]:
    """Those of the tickets that are the patient's."""
    rows = conn.execute(_OWN, {"patient": patient_id, "tickets": list(ticket_ids)})
    return [_ticket(row) for row in rows]


def waiting(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[Ticket]:
    """Everybody who waits, in the order of places."""
    return [_ticket(row) for row in conn.execute(_ALL_WAITING, _queue(clinic_id, profession))]


def open_in(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[Ticket]:
    """Every open ticket of a queue: waiting, called, admitted."""
    return [_ticket(row) for row in conn.execute(_ALL_OPEN, _queue(clinic_id, profession))]


def latest_arrival(
    conn: sa.Connection, clinic_id: str, profession: Profession, level: int
) -> datetime | None:
    """When the last of those who wait arrived."""
    return conn.scalar(_LATEST, {**_queue(clinic_id, profession), "of_level": level})


def waiting_total(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """How many wait."""
    return conn.execute(_TOTAL, _queue(clinic_id, profession)).scalar_one()


def standing(conn: sa.Connection, ticket: Ticket) -> tuple[int, int, int, bool]:
    """The queue's version, how many wait before the ticket, how many in all, and does it wait.

    One statement, so that the four are of one moment; what a ticket is ordered by never changes.
    """
    level, arrived_at, ticket_id = ticket.place_key
    asked = {"of_level": level, "arrived": arrived_at, "ticket": ticket_id}
    row = conn.execute(_STANDING, {**_queue(ticket.clinic_id, ticket.profession), **asked}).one()
    return row[0] or 0, row[1], row[2], row[3] > 0


def samples(conn: sa.Connection, clinic_id: str, profession: Profession, limit: int) -> list[int]:
    """Handling times of ended visits in seconds, the newest first."""
    asked = {**_queue(clinic_id, profession), "newest": limit}
    return [seconds for (seconds,) in conn.execute(_SAMPLES, asked)]
