"""What the clinician does with guests, and what both parties of the visit see of them."""

from dataclasses import replace

from server.guests import domain, store
from server.guests.domain import Guest, GuestList, GuestMoved, GuestRole, GuestState
from server.guests.service_common import apply, hold, log, tell
from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import Invalid
from server.kit.ids import new_id
from server.kit.text import clean_text
from server.queueing.domain import Communication
from server.visits import service as visits
from server.visits.domain import Visit


def invite(
    uow: UnitOfWork,
    actor: Actor,
    visit_id: str,
    name: str,
    role: GuestRole,
    communication: Communication = Communication.SPEECH,
) -> Guest:
    """Ask somebody into the visit. Their token is made apart: see ``issue``.

    ``VisitClosed`` when the visit is over, ``GuestsFull`` when every place is taken.
    """
    visit = visits.open_to_write(uow, actor, visit_id)
    visits.require_open(visit)
    name = clean_text(name)
    if not name:
        raise Invalid("A guest has a name.", field="name")
    domain.require_place(len(store.live_of(uow.conn, visit.id)))
    guest = Guest(
        id=new_id(),
        visit_id=visit.id,
        role=role,
        name=name,
        title=None,
        communication=communication,
        account_id=None,
        state=GuestState.INVITED,
        token_hash=None,
        redeem_key=None,
        session_id=None,
        session_hash=None,
        invited_by=actor.account_id,
        invited_at=uow.now,
        ends_at=uow.now + domain.INVITATION_FOR,
        redeemed_at=None,
        admitted_by=None,
        admitted_at=None,
        over_at=None,
        consent_at=None,
        gone_at=None,
        version=store.version(uow.conn, visit.id) + 1,
    )
    store.insert(uow.conn, guest)
    tell(uow, GuestMoved, visit, guest)
    log(uow, actor, "invite", visit, guest.id)
    return guest


def issue(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str, token_hash: str) -> bool:
    """Let this token be the invitation's, instead of any before; False once it was used."""
    _, guest = hold(uow, actor, visit_id, guest_id)
    if guest.state is not GuestState.INVITED:
        return False
    store.update(uow.conn, replace(guest, token_hash=token_hash))
    return True


def admit(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str, consent: bool) -> GuestList:
    """Let in who waits; it is noted who did, and when.

    ``consent``: the patient has said yes to the guest, which is noted too, in a line of its own.
    ``ConsentMissing`` without it, but for a member of the staff.
    """
    visit, before = hold(uow, actor, visit_id, guest_id)
    visits.require_open(visit)
    after = domain.admitted(before, actor.account_id, uow.now, consent=consent)
    guest = apply(uow, visit, before, after)
    if guest.consent_at is not None and before.consent_at is None:
        log(uow, actor, "consent", visit, guest.id)
    log(uow, actor, "admit", visit, guest.id)
    return _list(uow, visit)


def refuse(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str) -> GuestList:
    """Do not let in who waits."""
    visit, before = hold(uow, actor, visit_id, guest_id)
    guest = apply(uow, visit, before, domain.refused(before, uow.now))
    log(uow, actor, "refuse", visit, guest.id)
    return _list(uow, visit)


def remove(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str) -> GuestList:
    """Show somebody out: the call, the session and the way back end at once."""
    visit, before = hold(uow, actor, visit_id, guest_id)
    guest = apply(uow, visit, before, domain.removed(before, uow.now))
    log(uow, actor, "remove", visit, guest.id)
    return _list(uow, visit)


def withdraw(uow: UnitOfWork, actor: Actor, visit_id: str, guest_id: str) -> GuestList:
    """Take an invitation back that nobody used."""
    visit, before = hold(uow, actor, visit_id, guest_id)
    guest = apply(uow, visit, before, domain.withdrawn(before, uow.now))
    log(uow, actor, "withdraw", visit, guest.id)
    return _list(uow, visit)


def guests_of(uow: UnitOfWork, actor: Actor, visit_id: str) -> GuestList:
    """Everybody who was invited to one's own visit, and where they are."""
    visit = visits.find(uow, actor, visit_id)
    visits.require_relation(uow, actor, visit)
    log(uow, actor, "list", visit, visit.id)
    return _list(uow, visit)


def _list(uow: UnitOfWork, visit: Visit) -> GuestList:
    found = store.of_visit(uow.conn, visit.id)
    return GuestList(
        visit_id=visit.id,
        version=max((guest.version for guest in found), default=0),
        guests=found,
    )
