"""Queries on the access log."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from server.audit.domain import START, AccessLine, Head
from server.audit.tables import access_heads, access_log, queue_views


def lock_head(conn: sa.Connection, patient_id: str) -> Head:
    """The end of the patient's chain, held until the transaction ends."""
    row = conn.execute(
        sa.select(access_heads.c.seq, access_heads.c.hash)
        .where(access_heads.c.patient_id == patient_id)
        .with_for_update()
    ).one_or_none()
    return Head(row.seq, row.hash) if row is not None else Head(0, START)


def append(conn: sa.Connection, line: AccessLine) -> None:
    """Add the line and move the head to it."""
    conn.execute(sa.insert(access_log).values(asdict(line)))
    if line.seq == 1:
        conn.execute(
            sa.insert(access_heads).values(patient_id=line.patient_id, seq=1, hash=line.hash)
        )
    else:
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
    """Add the shift's line."""
    conn.execute(
        sa.insert(queue_views).values(
            shift_id=shift_id,
            actor_id=actor_id,
            clinic_id=clinic_id,
            profession=profession,
            at=at,
        )
    )
