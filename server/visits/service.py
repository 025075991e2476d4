"""The visits' use cases, one name each. The moves and the note live in modules beside this one."""

from server.kit import events
from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.queueing.domain import TicketLeft
from server.visits import domain, store
from server.visits.domain import CallQuality, PersonCall, Standing, Visit, VisitView
from server.visits.service_common import (
    find,
    hold,
    log,
    log_list,
    require_relation,
    role_of,
    view,
    views,
)
from server.visits.service_desk import duty, open_summaries, overview, set_duty
from server.visits.service_moves import (
    call_next,
    confirm_identity,
    end,
    give_back,
    join,
    leave,
    no_answer,
    no_show,
    on_ticket_left,
    set_communication,
    set_mode,
    take,
)
from server.visits.service_notes import save_note, sign_note, stale_note

__all__ = [
    "call_next",
    "call_quality",
    "confirm_identity",
    "duty",
    "end",
    "find",
    "for_system",
    "give_back",
    "hold_for_system",
    "join",
    "leave",
    "next_seq",
    "no_answer",
    "no_show",
    "open_summaries",
    "open_to_write",
    "overview",
    "record_call",
    "require_open",
    "require_relation",
    "save_note",
    "set_communication",
    "set_duty",
    "set_mode",
    "sign_note",
    "stale_note",
    "standing",
    "standings",
    "summaries",
    "take",
    "visit_for",
]

PAGE = 50

events.on(TicketLeft, on_ticket_left)


def visit_for(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """Open one's own visit. Anybody else's does not exist."""
    visit = find(uow, actor, visit_id)
    log(uow, actor, "read", visit)
    return view(uow, actor, visit)


def summaries(
    uow: UnitOfWork, actor: Actor, before: str | None = None, limit: int = PAGE
) -> list[VisitView]:
    """One's own visits, the newest first; ``before`` is the last visit of the page before."""
    found = store.of_party(uow.conn, role_of(actor), actor.account_id, before=before, limit=limit)
    log_list(uow, actor, "list", found)
    return views(uow, actor, found)


def standing(uow: UnitOfWork, actor: Actor, visit_id: str) -> Standing:
    """Where one's own visit stands; ``NotFound`` for any other. Carries no patient's data."""
    return _standing(actor, find(uow, actor, visit_id))


def standings(uow: UnitOfWork, actor: Actor, visit_ids: list[str]) -> list[Standing]:
    """Where those of the visits stand that are one's own; the others are left out."""
    found = store.among(uow.conn, role_of(actor), actor.account_id, visit_ids)
    return [_standing(actor, visit) for visit in found]


def _standing(actor: Actor, visit: Visit) -> Standing:
    return Standing(
        visit_id=visit.id,
        patient_id=visit.patient_id,
        clinician_id=visit.clinician_id,
        role=role_of(actor),
        state=visit.state,
        mode=visit.mode,
        version=visit.version,
        last_seq=visit.last_seq,
        communication=visit.communication,
    )


def open_to_write(uow: UnitOfWork, actor: Actor, visit_id: str) -> Visit:
    """One's own visit, locked, for adding to its conversation."""
    return hold(uow, actor, visit_id)


def require_open(visit: Visit) -> None:
    """Raise ``VisitClosed`` unless the two can still meet."""
    domain.require_open(visit)


def for_system(uow: UnitOfWork, visit_id: str) -> Visit | None:
    """A visit that a use case of this unit holds already; for hooks."""
    return store.get(uow.conn, visit_id)


def record_call(uow: UnitOfWork, quality: CallQuality) -> None:
    """Keep with its visit what a connection to its call was like; for the relay's side."""
    store.add_call(uow.conn, quality)


def call_quality(uow: UnitOfWork, actor: Actor, visit_id: str) -> list[PersonCall]:
    """What the call of one's own visit was like for each person; of connections that are over.

    Like the conversation it is the patient's: there is none without a care relation.
    """
    visit = find(uow, actor, visit_id)
    require_relation(uow, actor, visit)
    log(uow, actor, "read", visit, "call_quality")
    return domain.people_of(store.calls(uow.conn, visit.id))


def hold_for_system(uow: UnitOfWork, visit_id: str) -> Visit | None:
    """A visit, locked, whoever asks; for slices that keep something of their own beside it."""
    return store.get(uow.conn, visit_id, lock=True)


def next_seq(uow: UnitOfWork, visit_id: str) -> int:
    """Draw the next number of the visit's conversation."""
    return store.next_seq(uow.conn, visit_id)
