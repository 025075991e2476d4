"""Queries on tickets, heads and shifts: sync functions on a connection, for both engines."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningUpdate

from server.kit.actor import Profession
from server.kit.schema import upsert
from server.queueing.domain import Channel, Duty, DutyState, Ticket, TicketState
from server.queueing.tables import duties, queue_heads, queue_tickets

_t = queue_tickets.c
# Written out, not bound: with a parameter neither engine can use the partial indexes.
_WAITING = _t.state == sa.literal_column("'waiting'")
_OPEN = _t.state.in_(
    [sa.literal_column(f"'{state}'") for state in ("waiting", "called", "admitted")]
)
# The order of the queue (docs/rules.md). All levels are equal until there is triage.
_ORDER = (_t.level, _t.arrived_at, _t.id)


def _ticket(row: sa.Row[Any]) -> Ticket:
    values = dict(row._mapping)
    values["profession"] = Profession(values["profession"])
    values["channel"] = Channel(values["channel"])
    values["state"] = TicketState(values["state"])
    return Ticket(**values)


def _in_queue(clinic_id: str, profession: Profession) -> sa.ColumnElement[bool]:
    return sa.and_(_t.clinic_id == clinic_id, _t.profession == profession.value)


def bump_head(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """Raise the queue's version by one and return it. Holds the queue until the unit ends.

    Every change takes this lock before any ticket's, so two units can't wait for each other.
    """
    version: int = conn.execute(
        upsert(conn, queue_heads)
        .values(clinic_id=clinic_id, profession=profession.value, version=1)
        .on_conflict_do_update(
            index_elements=["clinic_id", "profession"],
            set_={"version": queue_heads.c.version + 1},
        )
        .returning(queue_heads.c.version)
    ).scalar_one()
    return version


def hold_head(conn: sa.Connection, clinic_id: str, profession: Profession) -> None:
    """Lock the queue without changing it."""
    conn.execute(_head(clinic_id, profession).with_for_update(key_share=True))


def head_version(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """The queue's version; 0 before anything happened in it."""
    return conn.scalar(_head(clinic_id, profession)) or 0


def _head(clinic_id: str, profession: Profession) -> sa.Select[tuple[int]]:
    return sa.select(queue_heads.c.version).where(
        queue_heads.c.clinic_id == clinic_id, queue_heads.c.profession == profession.value
    )


def insert(conn: sa.Connection, ticket: Ticket) -> None:
    """Add a ticket."""
    conn.execute(sa.insert(queue_tickets).values(**_values(ticket)))


def update(conn: sa.Connection, ticket: Ticket) -> None:
    """Write a ticket that was decided on under the queue's lock."""
    conn.execute(sa.update(queue_tickets).where(_t.id == ticket.id).values(**_values(ticket)))


def _values(ticket: Ticket) -> dict[str, Any]:
    return asdict(ticket)


def get(conn: sa.Connection, ticket_id: str) -> Ticket | None:
    """A ticket."""
    row = conn.execute(sa.select(queue_tickets).where(_t.id == ticket_id)).one_or_none()
    return _ticket(row) if row else None


def open_for(
    conn: sa.Connection, patient_id: str, clinic_id: str, profession: Profession
) -> Ticket | None:
    """The patient's open ticket in a queue; there is at most one."""
    row = conn.execute(
        sa.select(queue_tickets).where(
            _t.patient_id == patient_id, _in_queue(clinic_id, profession), _OPEN
        )
    ).one_or_none()
    return _ticket(row) if row else None


def open_of(conn: sa.Connection, patient_id: str) -> list[Ticket]:
    """The patient's open tickets, the newest last."""
    rows = conn.execute(
        sa.select(queue_tickets)
        .where(_t.patient_id == patient_id, _OPEN)
        .order_by(_t.arrived_at, _t.id)
    )
    return [_ticket(row) for row in rows]


def own(conn: sa.Connection, patient_id: str, ticket_ids: Sequence[str]) -> list[Ticket]:
    """Those of the tickets that are the patient's."""
    rows = conn.execute(
        sa.select(queue_tickets).where(_t.id.in_(ticket_ids), _t.patient_id == patient_id)
    )
    return [_ticket(row) for row in rows]


def waiting(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[Ticket]:
    """Everybody who waits, in the order of places."""
    rows = conn.execute(
        sa.select(queue_tickets).where(_in_queue(clinic_id, profession), _WAITING).order_by(*_ORDER)
    )
    return [_ticket(row) for row in rows]


def open_in(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[Ticket]:
    """Every open ticket of a queue: waiting, called, admitted."""
    rows = conn.execute(
        sa.select(queue_tickets).where(_in_queue(clinic_id, profession), _OPEN).order_by(*_ORDER)
    )
    return [_ticket(row) for row in rows]


def latest_arrival(
    conn: sa.Connection, clinic_id: str, profession: Profession, level: int
) -> datetime | None:
    """When the last of those who wait arrived."""
    return conn.scalar(
        sa.select(_t.arrived_at)
        .where(_in_queue(clinic_id, profession), _t.level == level, _WAITING)
        .order_by(_t.arrived_at.desc())
        .limit(1)
    )


def waiting_total(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """How many wait."""
    return conn.execute(
        sa.select(sa.func.count())
        .select_from(queue_tickets)
        .where(_in_queue(clinic_id, profession), _WAITING)
    ).scalar_one()


def _before(ticket: Ticket) -> sa.ColumnElement[bool]:
    level, arrived_at, ticket_id = ticket.place_key
    return sa.or_(
        _t.level < level,
        sa.and_(_t.level == level, _t.arrived_at < arrived_at),
        sa.and_(_t.level == level, _t.arrived_at == arrived_at, _t.id < ticket_id),
    )


def standing(conn: sa.Connection, ticket: Ticket) -> tuple[int, int, int, bool]:
    """The queue's version, how many wait before the ticket, how many in all, and does it wait.

    One statement, so that the four are of one moment; what a ticket is ordered by never changes.
    """
    row = conn.execute(
        sa.select(
            _head(ticket.clinic_id, ticket.profession).scalar_subquery(),
            sa.func.count().filter(_before(ticket)),
            sa.func.count(),
            sa.func.count().filter(_t.id == ticket.id),
        )
        .select_from(queue_tickets)
        .where(_in_queue(ticket.clinic_id, ticket.profession), _WAITING)
    ).one()
    return row[0] or 0, row[1], row[2], row[3] > 0


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
        .returning(*queue_tickets.c)
    )


# One statement finds the first who may be called and takes them. SKIP LOCKED lets PostgreSQL pass
# over a row that somebody else is taking; SQLAlchemy leaves the clause out on SQLite, where the
# writer is alone. Built once: building costs more than running.
CLAIM_NEXT = _claim(
    _t.id
    == sa.select(_t.id)
    .where(
        _t.clinic_id == sa.bindparam("clinic"),
        _t.profession == sa.bindparam("of_profession"),
        _WAITING,
        sa.or_(_t.not_before.is_(None), _t.not_before <= sa.bindparam("now")),
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
    row = conn.execute(
        CLAIM_NEXT,
        {
            "clinic": clinic_id,
            "of_profession": profession.value,
            "now": now,
            "by": by,
            "visit": visit_id,
            "new_version": version,
        },
    ).one_or_none()
    return _ticket(row) if row else None


def claim(
    conn: sa.Connection, ticket_id: str, *, by: str, visit_id: str, version: int
) -> Ticket | None:
    """Take this one, resting or not; None if it no longer waits."""
    row = conn.execute(
        CLAIM, {"ticket": ticket_id, "by": by, "visit": visit_id, "new_version": version}
    ).one_or_none()
    return _ticket(row) if row else None


def samples(conn: sa.Connection, clinic_id: str, profession: Profession, limit: int) -> list[int]:
    """Handling times of ended visits in seconds, the newest first."""
    return list(
        conn.scalars(
            sa.select(_t.handling_seconds)
            .where(_in_queue(clinic_id, profession), _t.handling_seconds.is_not(None))
            .order_by(_t.closed_at.desc(), _t.id.desc())
            .limit(limit)
        )
    )


_d = duties.c


def _duty(row: sa.Row[Any]) -> Duty:
    return Duty(
        id=row.id,
        account_id=row.account_id,
        clinic_id=row.clinic_id,
        profession=Profession(row.profession),
        state=DutyState(row.state),
        since=row.since,
    )


def duty_of(conn: sa.Connection, account_id: str, *, lock: bool = False) -> Duty | None:
    """The account's current shift, locked against other units when ``lock``."""
    query = sa.select(duties).where(_d.account_id == account_id, _d.ended_at.is_(None))
    if lock:
        query = query.with_for_update(key_share=True)
    # Waiting for the lock of a shift that then ends finds nothing, though the next one may have
    # begun with the same COMMIT: a second look sees it.
    row = conn.execute(query).one_or_none() or (conn.execute(query).one_or_none() if lock else None)
    return _duty(row) if row else None


def start_duty(conn: sa.Connection, duty: Duty) -> None:
    """Begin a shift."""
    conn.execute(sa.insert(duties).values(**asdict(duty), started_at=duty.since))


def update_duty(conn: sa.Connection, duty: Duty) -> None:
    """Write the shift's state; going off ends it."""
    ended_at = duty.since if duty.state is DutyState.OFF else None
    conn.execute(
        sa.update(duties)
        .where(_d.id == duty.id)
        .values(state=duty.state.value, since=duty.since, ended_at=ended_at)
    )


def staffing(conn: sa.Connection, clinic_id: str, profession: Profession) -> tuple[int, int]:
    """How many are on duty and on pause."""
    rows = conn.execute(
        sa.select(_d.state, sa.func.count().label("number"))
        .where(_d.clinic_id == clinic_id, _d.profession == profession.value, _d.ended_at.is_(None))
        .group_by(_d.state)
    )
    counts: dict[str, int] = {row.state: row.number for row in rows}
    return counts.get(DutyState.ON.value, 0), counts.get(DutyState.PAUSED.value, 0)
