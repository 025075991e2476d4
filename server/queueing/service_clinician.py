"""What a clinician does with the queue: see it, take from it, put back, close.

Everything here but the board and the claims is called by the visits that the tickets lead to.
"""

from datetime import date, timedelta

from server.accounts import service as accounts
from server.audit import service as audit
from server.clinics import service as clinics
from server.clinics.domain import STOCKHOLM
from server.kit.actor import Actor, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.queueing import domain, equipment, store, store_duty, store_equipment, store_line
from server.queueing.domain import (
    AlreadyTaken,
    Board,
    BoardEntry,
    QueueEmpty,
    Ticket,
    TicketAdmitted,
    TicketCalled,
    TicketClosed,
    TicketGone,
    TicketRequeued,
    TicketState,
)
from server.queueing.rules import rules_at
from server.queueing.service_common import hold, tell
from server.queueing.service_duty import require_active, require_duty

# How many of those who wait a board shows. It is read with its line in the access log, so by the
# one writer; and nobody looks through more.
BOARD_LENGTH = 200


def board(uow: UnitOfWork, actor: Actor) -> Board:
    """The queue of one's duty. Names nobody who waits; one line in the access log a shift."""
    duty = require_duty(uow, actor.account_id)
    clinic_id, profession = duty.clinic_id, duty.profession
    today = uow.now.astimezone(STOCKHOLM).date()
    # Before what it is the version of: the board may be newer than it says, never older.
    version = store.head_version(uow.conn, clinic_id, profession)
    waiting = store.first_waiting(uow.conn, clinic_id, profession, BOARD_LENGTH)
    total = len(waiting)
    if total == BOARD_LENGTH:
        # Some may have been taken since.
        total = max(total, store_line.waiting_total(uow.conn, clinic_id, profession))
    taken = store.taken_in(uow.conn, clinic_id, profession)
    tickets = sorted(waiting + taken, key=lambda ticket: ticket.place_key)
    people = accounts.get_many(
        uow, {t.patient_id for t in tickets} | {t.taken_by for t in tickets if t.taken_by}
    )
    tested = store_equipment.of(uow.conn, {ticket.id for ticket in tickets})
    on_duty, paused = store_duty.staffing(uow.conn, clinic_id, profession)
    rules = rules_at(uow.now)
    samples = store.samples(uow.conn, clinic_id, profession, rules.sample_window)
    typical = domain.typical_minutes(samples, rules)
    audit.record_queue_view(uow, actor, clinic_id, profession, duty.id)
    return Board(
        clinic_id=clinic_id,
        clinic_name=clinics.name_of(uow, clinic_id),
        profession=profession,
        version=version,
        on_duty=on_duty,
        paused=paused,
        open=clinics.opening(uow, clinic_id, profession).open,
        tickets=tuple(
            BoardEntry(
                id=ticket.id,
                reason=ticket.reason,
                age=_age(people[ticket.patient_id], today),
                channel=ticket.channel,
                communication=ticket.communication,
                state=ticket.state,
                arrived_at=ticket.arrived_at,
                not_before=ticket.not_before,
                requeued=ticket.requeues > 0,
                taken_by=people[ticket.taken_by].name if ticket.taken_by else None,
                taken_by_me=ticket.taken_by == actor.account_id,
                equipment=(
                    equipment.summary(tested[ticket.id].equipment) if ticket.id in tested else None
                ),
            )
            for ticket in tickets
        ),
        waiting_total=total,
        recent_median_minutes=None if typical is None else round(typical),
    )


def _age(patient: accounts.Account, today: date) -> int:
    return accounts.age_on(patient.birth_date, today) if patient.birth_date else 0


def watched_version(uow: UnitOfWork, actor: Actor, clinic_id: str, profession: Profession) -> int:
    """The version of the queue that one is on duty for; any other does not exist."""
    duty = require_duty(uow, actor.account_id)
    if (duty.clinic_id, duty.profession) != (clinic_id, profession):
        raise NotFound("There is no such queue for you.")
    return store.head_version(uow.conn, clinic_id, profession)


def claim_next(uow: UnitOfWork, actor: Actor, visit_id: str) -> Ticket:
    """Take the first who may be called, for the visit; ``QueueEmpty`` if there is nobody."""
    duty = require_active(uow, actor.account_id)
    ticket = store.claim_next(
        uow.conn,
        duty.clinic_id,
        duty.profession,
        by=actor.account_id,
        visit_id=visit_id,
        version=store.bump_head(uow.conn, duty.clinic_id, duty.profession),
        now=uow.now,
    )
    if ticket is None:
        raise QueueEmpty("Nobody is waiting who can be called now.")
    tell(uow, TicketCalled, ticket, visit_id)
    return ticket


def claim(uow: UnitOfWork, actor: Actor, ticket_id: str, visit_id: str) -> Ticket:
    """Take this patient, resting or not.

    Raises ``AlreadyTaken`` with the colleague's name, or ``TicketGone``; a ticket of another queue
    than one's duty does not exist.
    """
    duty = require_active(uow, actor.account_id)
    known = store.get(uow.conn, ticket_id)
    if known is None or (known.clinic_id, known.profession) != (duty.clinic_id, duty.profession):
        raise NotFound("There is no such ticket.")
    version = store.bump_head(uow.conn, duty.clinic_id, duty.profession)
    ticket = store.claim(
        uow.conn, ticket_id, by=actor.account_id, visit_id=visit_id, version=version
    )
    if ticket is None:
        raise _not_to_take(uow, ticket_id)
    tell(uow, TicketCalled, ticket, visit_id)
    return ticket


def _not_to_take(uow: UnitOfWork, ticket_id: str) -> AlreadyTaken | TicketGone:
    ticket = store.get(uow.conn, ticket_id)
    if ticket is not None and ticket.state is not TicketState.LEFT and ticket.taken_by:
        name = accounts.get(uow, ticket.taken_by).name
        return AlreadyTaken(f"{name} has taken this patient.", taken_by=name)
    return TicketGone("The patient has left the queue.")


def hold_queue(uow: UnitOfWork, clinic_id: str, profession: Profession) -> None:
    """Lock the queue before a visit of it is locked: the order that avoids deadlocks."""
    store.hold_head(uow.conn, clinic_id, profession)


def admit(uow: UnitOfWork, ticket_id: str) -> Ticket:
    """The called patient answered."""
    ticket = domain.admitted(hold(uow, ticket_id))
    store.update(uow.conn, ticket)
    tell(uow, TicketAdmitted, ticket, ticket.visit_id)
    return ticket


def requeue(uow: UnitOfWork, ticket_id: str, *, no_answer: bool) -> Ticket:
    """Put the called patient back at the old place; after no answer with a rest, and only once."""
    held = hold(uow, ticket_id)
    if no_answer:
        ticket = domain.unanswered(held, uow.now, rules_at(uow.now))
    else:
        ticket = domain.returned(held)
    store.update(uow.conn, ticket)
    tell(uow, TicketRequeued, ticket, None)
    return ticket


def close_no_show(uow: UnitOfWork, ticket_id: str) -> Ticket:
    """The patient never came."""
    return _close(uow, domain.no_show(hold(uow, ticket_id), uow.now))


def close_done(uow: UnitOfWork, ticket_id: str, handling: timedelta) -> Ticket:
    """The visit is over; ``handling`` is a sample for the estimates."""
    return _close(uow, domain.done(hold(uow, ticket_id), uow.now, handling))


def _close(uow: UnitOfWork, ticket: Ticket) -> Ticket:
    store.update(uow.conn, ticket)
    tell(uow, TicketClosed, ticket, ticket.visit_id)
    return ticket
