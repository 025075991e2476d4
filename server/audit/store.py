"""Queries on the access log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.audit.domain import START, AccessLine, AdminAct, AdminLine, Head
from server.audit.tables import access_heads, access_log, admin_log, queue_views
from server.kit.statement import Statement, values_of

_OF_PATIENT = access_heads.c.patient_id == sa.bindparam("patient")
_SELECT_HEAD = sa.select(access_heads.c.seq, access_heads.c.hash).where(_OF_PATIENT)
_HEAD = Statement(_SELECT_HEAD)
_HELD_HEAD = Statement(_SELECT_HEAD.with_for_update(key_share=True))
_FIRST_HEAD = Statement(lambda insert: insert(access_heads).on_conflict_do_nothing())
_MOVE_HEAD = Statement(sa.update(access_heads).where(_OF_PATIENT))
_ADD_LINE = Statement(sa.insert(access_log))
_LINES = (
    sa.select(access_log)
    .where(access_log.c.patient_id == sa.bindparam("patient"))
    .order_by(access_log.c.seq)
)


def head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain."""
    row = _HEAD.row(conn, patient=patient_id)
    return Head(0, START) if row is None else Head(**row)


def lock_head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain, held until the transaction ends.

    Whoever locks several does it in the order of the patients' ids.
    """
    row = _HELD_HEAD.row(conn, patient=patient_id)
    if row is None:
        # The first line of all. Two may come at once: the row is made by one and locked by both.
        _FIRST_HEAD.run(conn, patient_id=patient_id, seq=0, hash=START)
        row = _HELD_HEAD.row(conn, patient=patient_id)
    if row is None:
        raise AssertionError("a head is never deleted")
    return Head(**row)


def append(conn: sa.Connection, line: AccessLine) -> None:
    """Add the line, and move the head, which is locked, to it."""
    _ADD_LINE.run(conn, **values_of(line))
    _MOVE_HEAD.run(conn, patient=line.patient_id, seq=line.seq, hash=line.hash)


def lines(conn: sa.Connection, patient_id: str) -> Iterator[AccessLine]:
    """The patient's chain from its start. Not all in memory: it may be years long."""
    for row in conn.execute(_LINES, {"patient": patient_id}):
        yield AccessLine(**row._mapping)


# Rows are fetched by so many: the log of a region fits in no memory.
_AT_ONCE = 1000


def all_lines(conn: sa.Connection) -> Iterator[AccessLine]:
    """Every chain from its start, one after the other."""
    every = sa.select(access_log).order_by(access_log.c.patient_id, access_log.c.seq)
    for row in conn.execute(every, execution_options={"yield_per": _AT_ONCE}):
        yield AccessLine(**row._mapping)


def heads(conn: sa.Connection) -> dict[str, Head]:
    """The ends of all chains, by patient."""
    every = sa.select(access_heads.c.patient_id, access_heads.c.seq, access_heads.c.hash)
    return {row.patient_id: Head(row.seq, row.hash) for row in conn.execute(every)}


_VIEW = Statement(
    sa.select(queue_views.c.at).where(
        queue_views.c.shift_id == sa.bindparam("shift"),
        queue_views.c.actor_id == sa.bindparam("actor"),
        queue_views.c.clinic_id == sa.bindparam("clinic"),
        queue_views.c.profession == sa.bindparam("of_profession"),
    )
)
_ADD_VIEW = Statement(lambda insert: insert(queue_views).on_conflict_do_nothing())


def saw_queue(
    conn: sa.Connection, actor_id: str, clinic_id: str, profession: str, shift_id: str
) -> bool:
    """Whether this shift's line exists."""
    seen = _VIEW.row(
        conn, shift=shift_id, actor=actor_id, clinic=clinic_id, of_profession=profession
    )
    return seen is not None


def add_queue_view(
    conn: sa.Connection,
    actor_id: str,
    clinic_id: str,
    profession: str,
    shift_id: str,
    at: datetime,
) -> None:
    """Add the shift's line. Adding it twice changes nothing."""
    _ADD_VIEW.run(
        conn,
        shift_id=shift_id,
        actor_id=actor_id,
        clinic_id=clinic_id,
        profession=profession,
        at=at,
    )


_ADD_ADMIN_LINE = Statement(sa.insert(admin_log))


def add_admin_line(conn: sa.Connection, **values: Any) -> None:
    """Add a line of what an administrator did."""
    _ADD_ADMIN_LINE.run(conn, **values)


def admin_lines(conn: sa.Connection, before: int | None, limit: int) -> list[AdminLine]:
    """The newest lines, or those older than ``before``."""
    wanted = sa.select(admin_log).order_by(admin_log.c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(admin_log.c.id < before)
    return [
        AdminLine(**{**row, "action": AdminAct(row["action"])})
        for row in conn.execute(wanted).mappings()
    ]
