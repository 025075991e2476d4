"""Queries on the access log."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from server.audit.domain import START, AccessLine, Head
from server.audit.tables import access_heads, access_log, queue_views
from server.kit.schema import on_each_engine, values_of

_OF_PATIENT = access_heads.c.patient_id == sa.bindparam("patient")
_HEAD = sa.select(access_heads.c.seq, access_heads.c.hash).where(_OF_PATIENT)
_HELD_HEAD = _HEAD.with_for_update(key_share=True)
_FIRST_HEAD = on_each_engine(lambda insert: insert(access_heads).on_conflict_do_nothing())
_MOVE_HEAD = sa.update(access_heads).where(_OF_PATIENT)
_ADD_LINE = sa.insert(access_log)
_LINES = (
    sa.select(access_log)
    .where(access_log.c.patient_id == sa.bindparam("patient"))
    .order_by(access_log.c.seq)
)


def head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain."""
    row = conn.execute(_HEAD, {"patient": patient_id}).one_or_none()
    return Head(row.seq, row.hash) if row is not None else Head(0, START)


def lock_head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain, held until the transaction ends.

    Whoever locks several does it in the order of the patients' ids.
    """
    row = conn.execute(_HELD_HEAD, {"patient": patient_id}).one_or_none()
    if row is None:
        # The first line of all. Two may come at once: the row is made by one and locked by both.
        first = {"patient_id": patient_id, "seq": 0, "hash": START}
        conn.execute(_FIRST_HEAD[conn.dialect.name], first)
        row = conn.execute(_HELD_HEAD, {"patient": patient_id}).one()
    return Head(row.seq, row.hash)


def append(conn: sa.Connection, line: AccessLine) -> None:
    """Add the line, and move the head, which is locked, to it."""
    conn.execute(_ADD_LINE, values_of(line))
    conn.execute(_MOVE_HEAD, {"patient": line.patient_id, "seq": line.seq, "hash": line.hash})


def lines(conn: sa.Connection, patient_id: str) -> Iterator[AccessLine]:
    """The patient's chain from its start."""
    for row in conn.execute(_LINES, {"patient": patient_id}):
        yield AccessLine(**row._mapping)


_VIEW = sa.select(queue_views.c.at).where(
    queue_views.c.shift_id == sa.bindparam("shift"),
    queue_views.c.actor_id == sa.bindparam("actor"),
    queue_views.c.clinic_id == sa.bindparam("clinic"),
    queue_views.c.profession == sa.bindparam("of_profession"),
)
_ADD_VIEW = on_each_engine(lambda insert: insert(queue_views).on_conflict_do_nothing())


def saw_queue(
    conn: sa.Connection, actor_id: str, clinic_id: str, profession: str, shift_id: str
) -> bool:
    """Whether this shift's line exists."""
    asked = {
        "shift": shift_id,
        "actor": actor_id,
        "clinic": clinic_id,
        "of_profession": profession,
    }
    return conn.execute(_VIEW, asked).one_or_none() is not None


def add_queue_view(
    conn: sa.Connection,
    actor_id: str,
    clinic_id: str,
    profession: str,
    shift_id: str,
    at: datetime,
) -> None:
    """Add the shift's line. Adding it twice changes nothing."""
    conn.execute(
        _ADD_VIEW[conn.dialect.name],
        {
            "shift_id": shift_id,
            "actor_id": actor_id,
            "clinic_id": clinic_id,
            "profession": profession,
            "at": at,
        },
    )
