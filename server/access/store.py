"""Queries on care relations."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from server.access.tables import care_relations as relations
from server.kit.ids import new_id
from server.kit.statement import Statement

_r = relations.c
_IS_OPEN = _r.closed_at.is_(None)
_WITH = sa.select(_r.patient_id).where(_r.clinician_id == sa.bindparam("clinician"), _IS_OPEN)
_WITH_ONE = Statement(_WITH.where(_r.patient_id == sa.bindparam("patient")).distinct())
_WITH_MANY = Statement(
    _WITH.where(_r.patient_id.in_(sa.bindparam("patients", expanding=True))).distinct()
)
# The pair has one open relation at the most for one reason.
_OPEN = Statement(lambda insert: insert(relations).on_conflict_do_nothing())
_CLOSE = Statement(
    sa.update(relations).where(
        _r.patient_id == sa.bindparam("patient"),
        _r.clinician_id == sa.bindparam("clinician"),
        _r.reason_kind == sa.bindparam("kind"),
        _r.reason_id == sa.bindparam("reason"),
        _IS_OPEN,
    )
)


def open_among(conn: sa.Connection, clinician_id: str, patient_ids: Collection[str]) -> set[str]:
    """Those of the patients with whom the clinician has any open relation."""
    patients = list(patient_ids)
    if len(patients) == 1:
        rows = _WITH_ONE.rows(conn, clinician=clinician_id, patient=patients[0])
    else:
        rows = _WITH_MANY.rows(conn, clinician=clinician_id, patients=patients)
    return {row["patient_id"] for row in rows}


def open_for(
    conn: sa.Connection,
    patient_id: str,
    clinician_id: str,
    kind: str,
    reason_id: str,
    at: datetime,
) -> None:
    """Open the relation for the reason, if it is not open."""
    _OPEN.run(
        conn,
        id=new_id(),
        patient_id=patient_id,
        clinician_id=clinician_id,
        reason_kind=kind,
        reason_id=reason_id,
        opened_at=at,
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
    _CLOSE.run(
        conn,
        patient=patient_id,
        clinician=clinician_id,
        kind=kind,
        reason=reason_id,
        closed_at=at,
    )


def close_opened_before(conn: sa.Connection, before: datetime, at: datetime) -> int:
    """Close what has been open for too long. Returns how many."""
    return conn.execute(
        sa.update(relations).where(_IS_OPEN, _r.opened_at < before).values(closed_at=at)
    ).rowcount
