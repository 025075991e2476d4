"""Queries on shifts: sync functions on a connection, for both engines."""

from typing import Any

import sqlalchemy as sa

from server.kit.actor import Profession
from server.kit.schema import values_of
from server.queueing.domain import Duty, DutyState
from server.queueing.tables import duties

_d = duties.c
_CURRENT = sa.select(_d.id, _d.account_id, _d.clinic_id, _d.profession, _d.state, _d.since).where(
    _d.account_id == sa.bindparam("account"), _d.ended_at.is_(None)
)
_HELD_CURRENT = _CURRENT.with_for_update(key_share=True)
_START = sa.insert(duties)
_MOVE = sa.update(duties).where(_d.id == sa.bindparam("shift"))
_STAFFING = (
    sa.select(_d.state, sa.func.count())
    .where(
        _d.clinic_id == sa.bindparam("clinic"),
        _d.profession == sa.bindparam("of_profession"),
        _d.ended_at.is_(None),
    )
    .group_by(_d.state)
)


def duty_of(conn: sa.Connection, account_id: str, *, lock: bool = False) -> Duty | None:
    """The account's current shift, locked against other units when ``lock``."""
    query, account = _HELD_CURRENT if lock else _CURRENT, {"account": account_id}
    row = conn.execute(query, account).one_or_none()
    if row is None and lock:
        # Waiting for the lock of a shift that then ends finds nothing, though the next one may have
        # begun with the same COMMIT: a second look sees it.
        row = conn.execute(query, account).one_or_none()
    return _duty(row) if row else None


def _duty(row: sa.Row[*tuple[Any, ...]]) -> Duty:
    values = dict(row._mapping)
    values["profession"] = Profession(values["profession"])
    values["state"] = DutyState(values["state"])
    return Duty(**values)


def start_duty(conn: sa.Connection, duty: Duty) -> None:
    """Begin a shift."""
    conn.execute(_START, {**values_of(duty), "started_at": duty.since})


def update_duty(conn: sa.Connection, duty: Duty) -> None:
    """Write the shift's state; going off ends it."""
    ended_at = duty.since if duty.state is DutyState.OFF else None
    conn.execute(
        _MOVE,
        {"shift": duty.id, "state": duty.state, "since": duty.since, "ended_at": ended_at},
    )


def staffing(conn: sa.Connection, clinic_id: str, profession: Profession) -> tuple[int, int]:
    """How many are on duty and on pause."""
    rows = conn.execute(_STAFFING, {"clinic": clinic_id, "of_profession": profession})
    counts: dict[str, int] = dict(rows.all())
    return counts.get(DutyState.ON, 0), counts.get(DutyState.PAUSED, 0)
