"""Care relations: a clinician sees a patient's data while she takes part in her care.

Patientdatalagen 4:1: only who takes part in the care, or needs it for her work in it.
"""

from collections.abc import Collection
from datetime import timedelta

from server.access import store
from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound

VISIT = "visit"


def open_relation(uow: UnitOfWork, patient_id: str, clinician_id: str, visit_id: str) -> None:
    """Open the relation that a visit gives. Opening it twice changes nothing."""
    store.open_for(uow.conn, patient_id, clinician_id, VISIT, visit_id, uow.now)


def close_relation(uow: UnitOfWork, patient_id: str, clinician_id: str, visit_id: str) -> None:
    """Close it, when the two did not meet after all. Closing it twice changes nothing."""
    store.close(uow.conn, patient_id, clinician_id, VISIT, visit_id, uow.now)


def has_relation(uow: UnitOfWork, actor: Actor, patient_id: str) -> bool:
    """Whether the actor takes part in the patient's care. Everybody does in her own."""
    return patient_id in related(uow, actor, [patient_id])


def related(uow: UnitOfWork, actor: Actor, patient_ids: Collection[str]) -> set[str]:
    """Those of the patients in whose care the actor takes part."""
    return store.open_among(uow.conn, actor.account_id, patient_ids) | (
        {actor.account_id} & set(patient_ids)
    )


def require_relation(uow: UnitOfWork, actor: Actor, patient_id: str) -> None:
    """Pass, or ``NotFound``: to an outsider it is as if nothing existed."""
    if not has_relation(uow, actor, patient_id):
        raise NotFound()


def close_expired(uow: UnitOfWork, days: int) -> int:
    """Close relations that have been open for more than so many days. Returns how many."""
    return store.close_opened_before(uow.conn, uow.now - timedelta(days=days), uow.now)
