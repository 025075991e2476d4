"""What guests do: come with an invitation, look, leave, come back, go into the call."""

from dataclasses import replace

from server.accounts import service as accounts
from server.accounts.domain import given_name
from server.clinics import service as clinics
from server.guests import domain, store
from server.guests.domain import (
    Arrival,
    Guest,
    GuestStanding,
    GuestState,
    GuestView,
    InvitationOver,
    InvitationUnknown,
    NotAdmitted,
    OwnVisit,
)
from server.guests.service_common import apply, log_guest, own_version
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound, Unauthenticated
from server.queueing.domain import Communication
from server.visits import service as visits
from server.visits.domain import OPEN, Visit


def redeem(
    uow: UnitOfWork,
    token_hash: str,
    arrival: Arrival,
    *,
    staff_id: str | None = None,
    here: frozenset[str] = frozenset(),
) -> tuple[GuestView, bool]:
    """Use an invitation; the view, and whether the session of ``arrival`` is the guest's now.

    ``here``: who has a session in this browser (accounts, and a guest), ``staff_id`` of them the
    member of the staff, who comes as a colleague. The guest itself is let in again as it is;
    ``OwnVisit`` for the visit's own two. Two who come at once are told apart by the visit's lock:
    one of them finds the invitation used.
    """
    known = store.by_token(uow.conn, token_hash)
    if known is None:
        raise InvitationUnknown("There is no such invitation.")
    visit = visits.hold_for_system(uow, known.visit_id)
    before = store.get(uow.conn, known.id)
    if visit is None or before is None or before.token_hash != token_hash:
        # Another token took its place while we waited.
        raise InvitationUnknown("There is no such invitation.")
    if visit.state not in OPEN:
        raise InvitationOver("The visit is over.")
    if here & {visit.patient_id, visit.clinician_id}:
        raise OwnVisit("Somebody of this visit is logged in here.")
    if before.id in here and before.has_session(uow.now):
        return _shown(uow, visit, before), False
    if staff_id is not None:
        account = accounts.get(uow, staff_id)
        arrival = replace(arrival, account_id=staff_id, name=account.name, title=account.title)
    guest = apply(uow, visit, before, domain.arrived(before, arrival, uow.now))
    log_guest(uow, guest, "arrive", visit)
    return _view(uow, visit, guest), True


def actor_of(uow: UnitOfWork, session_hash: str) -> Actor | None:
    """Who has the session; None when it is over or never was."""
    guest = store.by_session(uow.conn, session_hash)
    if guest is None or guest.session_id is None or not guest.has_session(uow.now):
        return None
    return Actor(guest.id, Audience.GUEST, guest.session_id, guest.name)


def state_of(uow: UnitOfWork, session_hash: str) -> GuestState | None:
    """Where the guest of a session stands, also when it is over; None for no session at all."""
    guest = store.by_session(uow.conn, session_hash)
    if guest is None:
        return None
    late = guest.is_live and not guest.has_session(uow.now)
    return GuestState.EXPIRED if late else guest.state


def visit_for(uow: UnitOfWork, actor: Actor) -> GuestView:
    """The guest's own side of the visit; the patient's name, with its line, once admitted."""
    guest = _find(uow, actor)
    return _shown(uow, _visit(uow, guest), guest)


def leave(uow: UnitOfWork, actor: Actor) -> GuestView:
    """Go away; coming back needs no new admission."""
    visit, before = _hold(uow, actor)
    guest = apply(uow, visit, before, domain.left(before))
    log_guest(uow, guest, "leave", visit)
    return _view(uow, visit, guest)


def come_back(uow: UnitOfWork, actor: Actor) -> GuestView:
    """Back to the visit, or to the lobby, from where one left."""
    visit, before = _hold(uow, actor)
    guest = apply(uow, visit, before, domain.returned(before))
    log_guest(uow, guest, "return", visit)
    return _view(uow, visit, guest)


def set_communication(uow: UnitOfWork, actor: Actor, communication: Communication) -> GuestView:
    """Say that one speaks, signs or reads; everybody in the call is shown it."""
    visit, before = _hold(uow, actor)
    guest = apply(uow, visit, before, domain.communication_set(before, communication))
    log_guest(uow, guest, "communication", visit)
    return _view(uow, visit, guest)


def sign_out(uow: UnitOfWork, actor: Actor) -> None:
    """Go for good: the session ends with the invitation, and the visit's two see that it did."""
    visit, before = _hold(uow, actor)
    guest = apply(uow, visit, before, domain.gone(before, uow.now))
    log_guest(uow, guest, "leave", visit)


def standing(uow: UnitOfWork, actor: Actor) -> GuestStanding:
    """Where the guest and the visit stand. Carries nothing of the patient."""
    guest = _find(uow, actor)
    return _standing(_visit(uow, guest), guest)


def enter_call(uow: UnitOfWork, actor: Actor, visit_id: str) -> GuestStanding:
    """As ``standing``, of one who may be in the visit's call now; with a line, as others are seen.

    ``NotFound`` for any visit but the guest's own, ``NotAdmitted`` unless inside.
    """
    guest = _find(uow, actor)
    if guest.visit_id != visit_id:
        raise NotFound("There is no such visit.")
    if guest.state is not GuestState.ADMITTED:
        raise NotAdmitted("The clinician has not let you in.")
    visit = _visit(uow, guest)
    log_guest(uow, guest, "join", visit)
    return _standing(visit, guest)


def _find(uow: UnitOfWork, actor: Actor) -> Guest:
    guest = store.get(uow.conn, actor.account_id)
    if guest is None or guest.session_id != actor.session_id or not guest.has_session(uow.now):
        raise Unauthenticated("There is no session, or it has ended.")
    return guest


def _hold(uow: UnitOfWork, actor: Actor) -> tuple[Visit, Guest]:
    visit = visits.hold_for_system(uow, _find(uow, actor).visit_id)
    if visit is None:
        raise NotFound("There is no such visit.")
    return visit, _find(uow, actor)


def _visit(uow: UnitOfWork, guest: Guest) -> Visit:
    visit = visits.for_system(uow, guest.visit_id)
    if visit is None:
        raise NotFound("There is no such visit.")
    return visit


def _standing(visit: Visit, guest: Guest) -> GuestStanding:
    return GuestStanding(
        guest_id=guest.id,
        visit_id=visit.id,
        name=guest.name,
        role=guest.role,
        state=guest.state,
        visit_state=visit.state,
        mode=visit.mode,
        communication=guest.communication,
        version=own_version(visit, guest),
    )


def _shown(uow: UnitOfWork, visit: Visit, guest: Guest) -> GuestView:
    """A look that changes nothing."""
    if guest.state is GuestState.ADMITTED:
        log_guest(uow, guest, "read", visit)
    else:
        uow.logged = True  # nothing of the patient is told
    return _view(uow, visit, guest)


def _view(uow: UnitOfWork, visit: Visit, guest: Guest) -> GuestView:
    inside = guest.state is GuestState.ADMITTED
    people = accounts.get_many(uow, {visit.clinician_id, visit.patient_id})
    return GuestView(
        guest=guest,
        standing=_standing(visit, guest),
        clinician_name=people[visit.clinician_id].name,
        profession=visit.profession,
        clinic_name=clinics.name_of(uow, visit.clinic_id),
        patient_name=given_name(people[visit.patient_id].name) if inside else None,
    )
