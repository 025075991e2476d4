"""What the queue's use cases share: looking at a queue, and telling that it changed."""

from dataclasses import dataclass, replace

from server.clinics import service as clinics
from server.kit.actor import Actor, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.kit.text import iso
from server.queueing import domain, store, store_duty, store_line
from server.queueing.domain import Ticket, TicketEvent, TicketState, TicketView, Wait
from server.queueing.rules import CareRules, rules_at


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that the estimate of a wait depends on, but for the people ahead.

    ``samples`` are looked up only when somebody is on duty, and ``open`` only when there are enough
    of them: without either there is no estimate anyway.
    """

    samples: tuple[int, ...]
    on_duty: int
    open: bool
    rules: CareRules

    def wait(self, ahead: int) -> Wait | None:
        """The expected wait behind so many people; None is "not known"."""
        return domain.estimate(ahead, self.samples, self.on_duty, self.open, self.rules)


def outlook(uow: UnitOfWork, clinic_id: str, profession: Profession) -> Outlook:
    """Look at the queue: recent handling times, active staff, whether it is open."""
    rules = rules_at(uow.now)
    on_duty, _ = store_duty.staffing(uow.conn, clinic_id, profession)
    # Each is asked for only where the answer can matter.
    samples = store.samples(uow.conn, clinic_id, profession, rules.sample_window) if on_duty else []
    known = domain.typical_minutes(samples, rules) is not None
    return Outlook(
        samples=tuple(samples),
        on_duty=on_duty,
        open=known and clinics.opening(uow, clinic_id, profession).open,
        rules=rules,
    )


def own_ticket(uow: UnitOfWork, actor: Actor, ticket_id: str) -> Ticket:
    """The patient's own ticket; anybody else's does not exist."""
    ticket = store.get(uow.conn, ticket_id)
    if ticket is None or ticket.patient_id != actor.account_id:
        raise NotFound("There is no such ticket.")
    return ticket


def ticket_of(uow: UnitOfWork, ticket_id: str) -> Ticket:
    """The ticket behind a visit, or behind a move of this unit: it is known to exist."""
    ticket = store.get(uow.conn, ticket_id)
    if ticket is None:
        raise NotFound("There is no such ticket.")
    return ticket


def hold(uow: UnitOfWork, ticket_id: str) -> Ticket:
    """Raise the queue's version, which locks the queue, and read the ticket under the lock.

    The ticket carries the new version. If the move that follows is illegal, the whole unit and so
    the version is rolled back.
    """
    ticket = ticket_of(uow, ticket_id)
    version = store.bump_head(uow.conn, ticket.clinic_id, ticket.profession)
    return replace(ticket_of(uow, ticket_id), version=version)


def tell(uow: UnitOfWork, event: type[TicketEvent], ticket: Ticket, visit_id: str | None) -> None:
    """Emit what happened to the ticket."""
    uow.emit(
        event(
            ticket_id=ticket.id,
            patient_id=ticket.patient_id,
            clinic_id=ticket.clinic_id,
            profession=ticket.profession.value,
            state=ticket.state.value,
            version=ticket.version,
            visit_id=visit_id,
            channel=ticket.channel.value,
            not_before=iso(ticket.not_before) if ticket.not_before else None,
            requeued=ticket.requeues > 0,
            communication=ticket.communication.value,
        )
    )


def version_of(uow: UnitOfWork, ticket: Ticket) -> int:
    """The version that the patient sees.

    A waiting ticket has its queue's version: any change of the queue may have changed the place,
    the total or the wait, and writing a number into every waiting row would lock them all. The
    other states keep the queue's version of their last change, so that it never falls.
    """
    if ticket.state is TicketState.WAITING:
        return store.head_version(uow.conn, ticket.clinic_id, ticket.profession)
    return ticket.version


def view(uow: UnitOfWork, ticket: Ticket) -> TicketView:
    """The ticket with its place and wait."""
    version, place, total, wait = ticket.version, None, None, None
    while ticket.state is TicketState.WAITING:
        found = store_line.standing(uow.conn, ticket)
        # A unit that does not hold the queue may see it move. What is told must not be older than
        # its version, or the client would believe that it has seen what it has not.
        ticket = ticket_of(uow, ticket.id)
        version = ticket.version
        if found.waits and ticket.state is TicketState.WAITING:
            version, place, total = found.version, found.ahead + 1, found.total
            wait = outlook(uow, ticket.clinic_id, ticket.profession).wait(found.ahead)
            break
    return TicketView(
        ticket=ticket,
        clinic_name=clinics.name_of(uow, ticket.clinic_id),
        version=version,
        place=place,
        waiting_total=total,
        wait=wait,
    )
