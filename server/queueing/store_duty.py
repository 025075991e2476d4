"""Queries on shifts: sync functions on a connection, for both engines."""

import sqlalchemy as sa

from server.kit.actor import Profession
from server.kit.statement import Row, Statement, values_of
from server.queueing.domain import Duty, DutyState
from server.queueing.tables import duties

_d = duties.c
_SELECT_CURRENT = sa.select(
    _d.id, _d.account_id, _d.clinic_id, _d.profession, _d.state, _d.since
).where(_d.account_id == sa.bindparam("account"), _d.ended_at.is_(None))
_CURRENT = Statement(_SELECT_CURRENT)
_HELD_CURRENT = Statement(_SELECT_CURRENT.with_for_update(key_share=True))
_START = Statement(sa.insert(duties))
_MOVE = Statement(sa.update(duties).where(_d.id == sa.bindparam("shift")))
_STAFFING = Statement(
    sa.select(_d.state, sa.func.count().label("number"))
    .where(
        _d.clinic_id == sa.bindparam("clinic"),
        _d.profession == sa.bindparam("of_profession"),
        _d.ended_at.is_(None),
    )
    .group_by(_d.state)
)


def duty_of(conn: sa.Connection, account_id: str, *, lock: bool = False) -> Duty | None:
    """The account's current shift, locked against other units when ``lock``."""
    if lock:
        # Waiting for the lock of a shift that then ends finds nothing, though the next one may have
        # begun with the same COMMIT: a second look sees it.
        row = _HELD_CURRENT.row(conn, account=account_id) or _HELD_CURRENT.row(
            conn, account=account_id
        )
    else:
        row = _CURRENT.row(conn, account=account_id)
    return _duty(row) if row else None


def _duty(row: Row) -> Duty:
    state, profession = DutyState(row["state"]), Profession(row["profession"])
    return Duty(**{**row, "state": state, "profession": profession})


def start_duty(conn: sa.Connection, duty: Duty) -> None:
    """Begin a shift."""
    _START.run(conn, **values_of(duty), started_at=duty.since)


def update_duty(conn: sa.Connection, duty: Duty) -> None:
    """Write the shift's state; going off ends it."""
    ended_at = duty.since if duty.state is DutyState.OFF else None
    _MOVE.run(conn, shift=duty.id, state=duty.state, since=duty.since, ended_at=ended_at)


def staffing(conn: sa.Connection, clinic_id: str, profession: Profession) -> tuple[int, int]:
    """How many are on duty and on pause."""
    rows = _STAFFING.rows(conn, clinic=clinic_id, of_profession=profession)
    counts: dict[str, int] = {row["state"]: row["number"] for row in rows}
    return counts.get(DutyState.ON, 0), counts.get(DutyState.PAUSED, 0)
