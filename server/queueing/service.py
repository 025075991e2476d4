"""The queue's use cases, one name each. They live in the ``service_*`` modules beside this one."""

from server.kit.actor import Profession
from server.kit.db import UnitOfWork
from server.queueing import store
from server.queueing.domain import Ticket, TicketPlace, Wait
from server.queueing.rules import CareRules, rules_at
from server.queueing.service_clinician import (
    admit,
    board,
    claim,
    claim_next,
    close_done,
    close_no_show,
    hold_queue,
    requeue,
    ticket_of,
    watched_version,
)
from server.queueing.service_common import Outlook, outlook, version_of
from server.queueing.service_duty import duty_of, require_active, require_duty, set_duty
from server.queueing.service_patient import (
    join,
    leave,
    open_tickets,
    set_channel,
    ticket_for,
    versions,
)

__all__ = [
    "CareRules",
    "Outlook",
    "admit",
    "board",
    "claim",
    "claim_next",
    "close_done",
    "close_no_show",
    "duty_of",
    "head_version",
    "hold_queue",
    "join",
    "leave",
    "open_tickets",
    "outlook",
    "place_of",
    "places",
    "requeue",
    "require_active",
    "require_duty",
    "rules_at",
    "set_channel",
    "set_duty",
    "ticket_for",
    "ticket_of",
    "ticket_place",
    "version_of",
    "versions",
    "wait_estimate",
    "waiting_and_wait",
    "watched_version",
]


def places(uow: UnitOfWork, clinic_id: str, profession: Profession) -> list[TicketPlace]:
    """Everybody who waits in the queue, in order: what each of them is to be told."""
    version = store.head_version(uow.conn, clinic_id, profession)
    look = outlook(uow, clinic_id, profession)
    waiting = store.waiting(uow.conn, clinic_id, profession)
    return [
        TicketPlace(
            ticket_id=ticket.id,
            patient_id=ticket.patient_id,
            version=version,
            state=ticket.state,
            place=ahead + 1,
            waiting_total=len(waiting),
            wait=look.wait(ahead),
            visit_id=ticket.visit_id,
            channel=ticket.channel,
            not_before=ticket.not_before,
            requeued=ticket.requeues > 0,
        )
        for ahead, ticket in enumerate(waiting)
    ]


def place_of(uow: UnitOfWork, ticket: Ticket) -> int:
    """The place of a waiting ticket, counted from 1."""
    return store.ahead_of(uow.conn, ticket) + 1


def ticket_place(uow: UnitOfWork, ticket_id: str) -> TicketPlace | None:
    """Where one ticket stands, in whatever state: what its patient is to be told."""
    ticket = store.get(uow.conn, ticket_id)
    if ticket is None:
        return None
    for found in places(uow, ticket.clinic_id, ticket.profession):
        if found.ticket_id == ticket_id:
            return found
    return TicketPlace(
        ticket_id=ticket.id,
        patient_id=ticket.patient_id,
        version=ticket.version,
        state=ticket.state,
        place=None,
        waiting_total=None,
        wait=None,
        visit_id=ticket.visit_id,
        channel=ticket.channel,
        not_before=ticket.not_before,
        requeued=ticket.requeues > 0,
    )


def head_version(uow: UnitOfWork, clinic_id: str, profession: Profession) -> int:
    """The queue's version; rises with every change of it."""
    return store.head_version(uow.conn, clinic_id, profession)


def wait_estimate(
    uow: UnitOfWork, clinic_id: str, profession: Profession, ahead: int
) -> Wait | None:
    """The expected wait behind so many people; None is "not known"."""
    return outlook(uow, clinic_id, profession).wait(ahead)


def waiting_and_wait(
    uow: UnitOfWork, clinic_id: str, profession: Profession
) -> tuple[int, Wait | None]:
    """How many wait, and the wait for whoever would join now. Names nobody: no login needed."""
    total = store.waiting_total(uow.conn, clinic_id, profession)
    return total, wait_estimate(uow, clinic_id, profession, total)
