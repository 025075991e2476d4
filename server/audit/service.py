"""Writing the access log and that of administrators, and checking that nobody wrote over it."""

from dataclasses import replace

from server.audit import domain, store
from server.audit.domain import AccessLine, AdminAct, AdminLine, Report, Verdict, verify
from server.kit.actor import Actor
from server.kit.db import UnitOfWork


def record(
    uow: UnitOfWork,
    actor: Actor,
    patient_id: str,
    action: str,
    resource: str,
    resource_id: str,
    *,
    clinic_id: str | None = None,
) -> None:
    """Add a line to the patient's chain: who did what with which of her data.

    ``action`` is a verb (``read``, ``write``), ``resource`` a kind of thing (``visit``). It marks
    the unit of work as logged, which ``Database.read_logged`` demands.
    """
    head = store.lock_head(uow.conn, patient_id)
    line = AccessLine(
        patient_id=patient_id,
        seq=head.seq + 1,
        at=uow.now,
        actor_id=actor.account_id,
        audience=actor.audience,
        action=action,
        resource=resource,
        resource_id=resource_id,
        clinic_id=clinic_id,
        previous=head.hash,
    )
    store.append(uow.conn, replace(line, hash=line.seal()))
    uow.logged = True


def record_queue_view(
    uow: UnitOfWork, actor: Actor, clinic_id: str, profession: str, shift_id: str
) -> None:
    """Note that a clinician saw a queue, once for each shift."""
    if not store.saw_queue(uow.conn, actor.account_id, clinic_id, profession, shift_id):
        store.add_queue_view(uow.conn, actor.account_id, clinic_id, profession, shift_id, uow.now)
    uow.logged = True


def record_admin(
    uow: UnitOfWork,
    actor_id: str | None,
    action: AdminAct,
    *,
    account_id: str | None = None,
    clinic_id: str | None = None,
    profession: str | None = None,
) -> None:
    """Note what an administrator did to which account or clinic. No actor: a command did it."""
    store.add_admin_line(
        uow.conn,
        at=uow.now,
        actor_id=actor_id,
        action=action,
        account_id=account_id,
        clinic_id=clinic_id,
        profession=profession,
    )


def admin_lines(uow: UnitOfWork, before: int | None, limit: int) -> list[AdminLine]:
    """What administrators did, the newest first; older than the line ``before``."""
    return store.admin_lines(uow.conn, before, limit)


def lines_of(uow: UnitOfWork, patient_id: str) -> list[AccessLine]:
    """Everything that was done with a patient's data, oldest first."""
    return list(store.lines(uow.conn, patient_id))


def verify_chain(uow: UnitOfWork, patient_id: str) -> Verdict:
    """Whether the patient's chain is whole. For a read: its snapshot holds head and lines."""
    head = store.head(uow.conn, patient_id)
    return verify(store.lines(uow.conn, patient_id), head)


def verify_all(uow: UnitOfWork) -> Report:
    """Whether every patient's chain is whole. For a read: its snapshot holds heads and lines."""
    return domain.verify_all(store.all_lines(uow.conn), store.heads(uow.conn))
