"""How a visit moves: called, joined, left, over to chat, put back, ended."""

from dataclasses import replace

from server.access import service as access
from server.accounts import service as accounts
from server.clinics import service as clinics
from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.ids import new_id
from server.queueing import service as queueing
from server.queueing.domain import Channel, Communication, Ticket, TicketLeft
from server.visits import domain, store
from server.visits.domain import (
    ModeReason,
    Role,
    Visit,
    VisitCalled,
    VisitState,
    VisitView,
)
from server.visits.service_common import (
    Around,
    apply,
    hold,
    log,
    role_of,
    seen,
    tell,
    view,
)


def call_next(uow: UnitOfWork, actor: Actor) -> VisitView:
    """Take the next patient of one's queue. Raises as ``queueing.claim_next`` does."""
    visit_id = new_id()
    return _called(uow, actor, queueing.claim_next(uow, actor, visit_id), visit_id)


def take(uow: UnitOfWork, actor: Actor, ticket_id: str) -> VisitView:
    """Take this patient. Raises as ``queueing.claim`` does."""
    visit_id = new_id()
    return _called(uow, actor, queueing.claim(uow, actor, ticket_id, visit_id), visit_id)


def _called(uow: UnitOfWork, actor: Actor, ticket: Ticket, visit_id: str) -> VisitView:
    visit = Visit(
        id=visit_id,
        ticket_id=ticket.id,
        patient_id=ticket.patient_id,
        clinician_id=actor.account_id,
        clinic_id=ticket.clinic_id,
        profession=ticket.profession,
        reason=ticket.reason,
        communication=ticket.communication,
        state=VisitState.CALLED,
        mode=ticket.channel,
        started_as=ticket.channel,
        mode_reason=None,
        mode_by=None,
        called_at=uow.now,
        joined_at=None,
        ended_at=None,
        patient_left_at=None,
        identity_confirmed_at=None,
        identity_confirmed_by=None,
        note_version=0,
        note_signed_at=None,
        note_signed_by=None,
        version=1,
        last_seq=0,
    )
    store.insert(uow.conn, visit)
    access.open_relation(uow, visit.patient_id, visit.clinician_id, visit.id)
    tell(uow, VisitCalled, visit)
    log(uow, actor, "call", visit)
    # The queue is held, so what this unit knows already isn't looked up while others wait for it.
    around = Around(
        people=accounts.get_many(uow, {visit.patient_id, visit.clinician_id}),
        clinic_names={visit.clinic_id: clinics.name_of(uow, visit.clinic_id)},
        shown={visit.patient_id},
        requeues={ticket.id: ticket.requeues},
    )
    equipment = queueing.equipment_of(uow, visit.ticket_id)
    return replace(seen(uow, visit, around), equipment=equipment)


def join(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """The patient answers, or comes back; doing it again changes nothing."""
    before = hold(uow, actor, visit_id, queue=True)
    after = domain.joined(before, uow.now)
    if before.state is VisitState.CALLED:
        queueing.admit(uow, before.ticket_id)
    visit = apply(uow, before, after, f"joined.{Role.PATIENT}")
    log(uow, actor, "join", visit)
    return view(uow, actor, visit)


def leave(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """The patient goes; the visit goes on until the clinician ends it."""
    before = hold(uow, actor, visit_id)
    visit = apply(uow, before, domain.patient_left(before, uow.now), f"left.{Role.PATIENT}")
    log(uow, actor, "leave", visit)
    return view(uow, actor, visit)


def set_mode(
    uow: UnitOfWork, actor: Actor, visit_id: str, mode: Channel, reason: ModeReason
) -> VisitView:
    """Go over to video or chat, with the reason. Either side may."""
    before = hold(uow, actor, visit_id)
    role = role_of(actor)
    after = domain.mode_set(before, mode, reason, role)
    if after != before:
        store.add_mode_change(uow.conn, after, uow.now)
    visit = apply(uow, before, after, f"mode.{mode}.{reason}.{role}")
    log(uow, actor, "mode", visit)
    return view(uow, actor, visit)


def set_communication(
    uow: UnitOfWork, actor: Actor, visit_id: str, communication: Communication
) -> VisitView:
    """The patient says anew whether she speaks, signs or reads.

    The conversation gets no line of it: both pages follow the visit.
    """
    before = hold(uow, actor, visit_id)
    visit = apply(uow, before, domain.communication_set(before, communication))
    log(uow, actor, "communication", visit)
    return view(uow, actor, visit)


def confirm_identity(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """The clinician has made sure that it is the right patient."""
    before = hold(uow, actor, visit_id)
    visit = apply(uow, before, domain.identity_confirmed(before, actor.account_id, uow.now))
    log(uow, actor, "confirm_identity", visit)
    return view(uow, actor, visit)


def no_answer(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """The called patient did not answer: back to the queue, once (``RequeuedOnce`` after that)."""
    before = hold(uow, actor, visit_id, queue=True)
    after = domain.unanswered(before, uow.now)
    queueing.requeue(uow, before.ticket_id, no_answer=True)
    return _not_met(uow, actor, before, after, "no_answer")


def give_back(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """The clinician puts the called patient back in the queue, at the old place."""
    before = hold(uow, actor, visit_id, queue=True)
    after = domain.given_back(before, uow.now)
    queueing.requeue(uow, before.ticket_id, no_answer=False)
    return _not_met(uow, actor, before, after, "return")


def no_show(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """The called patient never came: the case is closed."""
    before = hold(uow, actor, visit_id, queue=True)
    after = domain.no_show(before, uow.now)
    queueing.close_no_show(uow, before.ticket_id)
    return _not_met(uow, actor, before, after, "no_show")


def _not_met(uow: UnitOfWork, actor: Actor, before: Visit, after: Visit, action: str) -> VisitView:
    visit = apply(uow, before, after)
    # They did not meet, so nothing is left to document and the reason to see the patient is gone.
    access.close_relation(uow, visit.patient_id, visit.clinician_id, visit.id)
    log(uow, actor, action, visit)
    return view(uow, actor, visit)


def end(uow: UnitOfWork, actor: Actor, visit_id: str) -> VisitView:
    """End the visit and close its ticket with the handling time.

    Handling counts from the call, because from then on the clinician is busy with this patient.
    """
    before = hold(uow, actor, visit_id, queue=True)
    after = domain.ended(before, uow.now)
    queueing.close_done(uow, before.ticket_id, uow.now - before.called_at)
    visit = apply(uow, before, after, f"ended.{Role.CLINICIAN}")
    log(uow, actor, "end", visit)
    return view(uow, actor, visit)


def on_ticket_left(uow: UnitOfWork, event: TicketLeft) -> None:
    """In-unit hook: a called patient who leaves the queue ends the visit too.

    The clinician keeps the care relation until the note, so that what happened can be documented.
    """
    if event.visit_id is None:
        return
    before = store.get(uow.conn, event.visit_id, lock=True)
    if before is not None and before.state is VisitState.CALLED:
        apply(uow, before, domain.declined(before, uow.now), f"ended.{Role.PATIENT}")
