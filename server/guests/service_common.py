"""What the guests' use cases share: finding a guest, writing a move, the line in the log."""

from dataclasses import replace

from server.audit import service as audit
from server.guests import store
from server.guests.domain import Guest, GuestEvent, GuestMoved
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.login.domain import EndReason, SessionEnded
from server.visits import service as visits
from server.visits.domain import Visit


def hold(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str) -> tuple[Visit, Guest]:
    """The actor's visit, locked, and a guest of it. Whoever moves a guest holds the visit."""
    visit = visits.open_to_write(uow, actor, visit_id)
    guest = store.get(uow.conn, guest_id)
    if guest is None or guest.visit_id != visit.id:
        raise NotFound("There is no such guest.")
    return visit, guest


def apply(
    uow: UnitOfWork, visit: Visit, before: Guest, after: Guest, reason: EndReason = "revoked"
) -> Guest:
    """Write the move and tell it. Nothing changed: nothing told. The visit must be held.

    A session that the guest no longer has is over at once, with the sockets that stand on it.
    """
    if after == before:
        return before
    after = replace(after, version=store.version(uow.conn, visit.id) + 1)
    store.update(uow.conn, after)
    tell(uow, GuestMoved, visit, after)
    if before.session_id is not None and (
        not after.is_live or after.session_id != before.session_id
    ):
        uow.emit(SessionEnded(before.id, before.session_id, reason))
    return after


def tell(uow: UnitOfWork, event: type[GuestEvent], visit: Visit, guest: Guest) -> None:
    """Emit where the guest stands."""
    uow.emit(
        event(
            guest_id=guest.id,
            visit_id=visit.id,
            patient_id=visit.patient_id,
            clinician_id=visit.clinician_id,
            role=guest.role.value,
            state=guest.state.value,
            mode=visit.mode.value,
            version=guest.version,
            own_version=own_version(visit, guest),
            communication=guest.communication.value,
        )
    )


def own_version(visit: Visit, guest: Guest) -> int:
    """The version of what the guest sees, which is of both: it rises when either does."""
    return visit.version + guest.version


def log(uow: UnitOfWork, actor: Actor, action: str, visit: Visit, resource_id: str) -> None:
    """A line in the patient's access log, by a party of the visit."""
    audit.record(
        uow, actor, visit.patient_id, action, "guest", resource_id, clinic_id=visit.clinic_id
    )


def log_guest(uow: UnitOfWork, guest: Guest, action: str, visit: Visit) -> None:
    """A line by a guest; the guest is what it names.

    Under the account of a colleague. Who has none is there on the word of who let them in, or,
    before that, of who invited them.
    """
    answers = guest.account_id or guest.admitted_by or guest.invited_by
    actor = Actor(answers, Audience.GUEST, guest.session_id or "", guest.name)
    log(uow, actor, action, visit, guest.id)
