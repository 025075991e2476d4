"""Queries on care relations."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from server.access.tables import care_relations as relations
from server.kit.ids import new_id


def open_among(conn: sa.Connection, clinician_id: str, patient_ids: Collection[str]) -> set[str]:
    """Those of the patients with whom the clinician has any open relation."""
    return set(
        conn.scalars(
            sa.select(relations.c.patient_id).where(
                relations.c.clinician_id == clinician_id,
                relations.c.patient_id.in_(list(patient_ids)),
                relations.c.closed_at.is_(None),
            )
        )
    )


def _open_for(
    patient_id: str, clinician_id: str, kind: str, reason_id: str
) -> sa.ColumnElement[bool]:
    """The pair's open relation for this very reason; there is one at the most."""
    return sa.and_(
        relations.c.patient_id == patient_id,
        relations.c.clinician_id == clinician_id,
        relations.c.reason_kind == kind,
        relations.c.reason_id == reason_id,
        relations.c.closed_at.is_(None),
    )


def is_open(
    conn: sa.Connection, patient_id: str, clinician_id: str, kind: str, reason_id: str
) -> bool:
    """Whether the relation for this very reason is open."""
    found = conn.execute(
        sa.select(relations.c.id).where(_open_for(patient_id, clinician_id, kind, reason_id))
    ).first()
    return found is not None


def add(
    conn: sa.Connection,
    patient_id: str,
    clinician_id: str,
    kind: str,
    reason_id: str,
    at: datetime,
) -> None:
    """Insert an open relation."""
    conn.execute(
        sa.insert(relations).values(
            id=new_id(),
            patient_id=patient_id,
            clinician_id=clinician_id,
            reason_kind=kind,
            reason_id=reason_id,
            opened_at=at,
        )
    )


def close(
    conn: sa.Connection,
    patient_id: str,
    clinician_id: str,
    kind: str,
    reason_id: str,
    at: datetime,
) -> None:
    """Close the relation for the reason, if it is open."""
    conn.execute(
        sa.update(relations)
        .where(_open_for(patient_id, clinician_id, kind, reason_id))
        .values(closed_at=at)
    )


def close_opened_before(conn: sa.Connection, before: datetime, at: datetime) -> int:
    """Close what has been open for too long. Returns how many."""
    return conn.execute(
        sa.update(relations)
        .where(relations.c.closed_at.is_(None), relations.c.opened_at < before)
        .values(closed_at=at)
    ).rowcount
