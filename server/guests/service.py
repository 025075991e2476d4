"""The guests' use cases, one name each, and what a visit's own moves do to its guests."""

from datetime import datetime

from server.accounts.domain import AccountClosed
from server.guests import domain, store
from server.guests.domain import GuestVisitMoved
from server.guests.service_clinician import (
    admit,
    guests_of,
    invite,
    issue,
    refuse,
    remove,
    withdraw,
)
from server.guests.service_common import apply, tell
from server.guests.service_guest import (
    actor_of,
    come_back,
    enter_call,
    leave,
    redeem,
    set_communication,
    sign_out,
    standing,
    state_of,
    visit_for,
)
from server.kit import events
from server.kit.db import UnitOfWork
from server.visits import service as visits
from server.visits.domain import OPEN, VisitChanged, VisitState

__all__ = [
    "actor_of",
    "admit",
    "come_back",
    "end_all",
    "end_due",
    "enter_call",
    "guests_of",
    "invite",
    "issue",
    "leave",
    "redeem",
    "refuse",
    "remove",
    "set_communication",
    "sign_out",
    "standing",
    "state_of",
    "versions",
    "visit_for",
    "waiting_since",
    "withdraw",
]


def versions(uow: UnitOfWork, visit_ids: list[str]) -> dict[str, int]:
    """The versions of the lists of guests, of visits to which anybody was invited."""
    return store.versions(uow.conn, visit_ids)


def waiting_since(uow: UnitOfWork, visit_ids: list[str], before: datetime) -> dict[str, list[str]]:
    """The guests in the visits' lobbies who came before the instant, by visit."""
    return store.waiting_since(uow.conn, visit_ids, before)


def end_due(uow: UnitOfWork) -> int:
    """End invitations and sessions whose time is over. Returns how many."""
    return _end_until(uow, uow.now)


def end_all(uow: UnitOfWork) -> int:
    """End every invitation and every session. Returns how many."""
    return _end_until(uow, uow.now + domain.SESSION_FOR + domain.INVITATION_FOR)


def _end_until(uow: UnitOfWork, until: datetime) -> int:
    ended = 0
    for due in store.due(uow.conn, until):
        visit = visits.hold_for_system(uow, due.visit_id)
        guest = store.get(uow.conn, due.id)
        if visit is None or guest is None or not guest.is_live or until < guest.ends_at:
            continue  # moved while we waited
        apply(uow, visit, guest, domain.expired(guest, uow.now), "expired")
        ended += 1
    return ended


def _on_account_closed(uow: UnitOfWork, event: AccountClosed) -> None:
    """In-unit hook: a colleague whose account is closed is out of every visit."""
    for found in store.live_of_account(uow.conn, event.account_id):
        visit = visits.hold_for_system(uow, found.visit_id)
        guest = store.get(uow.conn, found.id)
        if visit is not None and guest is not None and guest.is_live:
            apply(uow, visit, guest, domain.expired(guest, uow.now))


def _on_visit_changed(uow: UnitOfWork, event: VisitChanged) -> None:
    """In-unit hook: the visit's end closes everything; any other move is told to who is there."""
    live = store.live_of(uow.conn, event.visit_id)
    visit = visits.for_system(uow, event.visit_id) if live else None
    if visit is None:
        return
    for guest in live:
        if VisitState(event.state) not in OPEN:
            apply(uow, visit, guest, domain.expired(guest, uow.now), "expired")
        elif guest.session_id is not None:
            tell(uow, GuestVisitMoved, visit, guest)


events.on(VisitChanged, _on_visit_changed)
events.on(AccountClosed, _on_account_closed)
