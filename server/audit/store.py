"""Queries on the access log."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from server.audit.domain import START, AccessLine, Head
from server.audit.tables import access_heads, access_log, queue_views
from server.kit.schema import upsert


def head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain."""
    row = conn.execute(_head(patient_id)).one_or_none()
    return Head(row.seq, row.hash) if row is not None else Head(0, START)


def lock_head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain, held until the transaction ends.

    Whoever locks several does it in the order of the patients' ids.
    """
    locked = _head(patient_id).with_for_update(key_share=True)
    row = conn.execute(locked).one_or_none()
    if row is None:
        # The first line of all. Two may come at once: the row is made by one and locked by both.
        conn.execute(
            upsert(conn, access_heads)
            .values(patient_id=patient_id, seq=0, hash=START)
            .on_conflict_do_nothing()
        )
        row = conn.execute(locked).one()
    return Head(row.seq, row.hash)


def _head(patient_id: str) -> sa.Select[tuple[int, str]]:
    return sa.select(access_heads.c.seq, access_heads.c.hash).where(
        access_heads.c.patient_id == patient_id
    )


def append(conn: sa.Connection, line: AccessLine) -> None:
    """Add the line, and move the head, which is locked, to it."""
    conn.execute(sa.insert(access_log).values(asdict(line)))
    conn.execute(
        sa.update(access_heads)
        .where(access_heads.c.patient_id == line.patient_id)
        .values(seq=line.seq, hash=line.hash)
    )


def lines(conn: sa.Connection, patient_id: str) -> Iterator[AccessLine]:
    """The patient's chain from its start."""
    rows = conn.execute(
        sa.select(access_log)
        .where(access_log.c.patient_id == patient_id)
        .order_by(access_log.c.seq)
    )
    for row in rows:
        yield AccessLine(**row._mapping)


def saw_queue(
    conn: sa.Connection, actor_id: str, clinic_id: str, profession: str, shift_id: str
) -> bool:
    """Whether this shift's line exists."""
    return (
        conn.execute(
            sa.select(queue_views.c.at).where(
                queue_views.c.shift_id == shift_id,
                queue_views.c.actor_id == actor_id,
                queue_views.c.clinic_id == clinic_id,
                queue_views.c.profession == profession,
            )
        ).one_or_none()
        is not None
    )


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
        upsert(conn, queue_views)
        .values(
            shift_id=shift_id,
            actor_id=actor_id,
            clinic_id=clinic_id,
            profession=profession,
            at=at,
        )
        .on_conflict_do_nothing()
    )
