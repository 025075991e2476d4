"""The queue's use cases, one name each. They live in the ``service_*`` modules beside this one."""

from collections.abc import Collection

from server.kit.actor import Profession
from server.kit.db import UnitOfWork
from server.queueing import store, store_equipment, store_line
from server.queueing.domain import Tested, TicketPlace, Wait
from server.queueing.rules import rules_at
from server.queueing.service_clinician import (
    admit,
    board,
    claim,
    claim_next,
    close_done,
    close_no_show,
    hold_queue,
    requeue,
    watched_version,
)
from server.queueing.service_common import outlook, ticket_of
from server.queueing.service_duty import duty_of, require_duty, set_duty
from server.queueing.service_patient import (
    join,
    leave,
    open_tickets,
    set_channel,
    set_communication,
    set_equipment,
    ticket_for,
    versions,
)

__all__ = [
    "admit",
    "board",
    "claim",
    "claim_next",
    "close_done",
    "close_no_show",
    "duty_of",
    "equipment_of",
    "head_version",
    "hold_queue",
    "join",
    "leave",
    "open_tickets",
    "places",
    "requeue",
    "require_duty",
    "rules_at",
    "set_channel",
    "set_communication",
    "set_duty",
    "set_equipment",
    "ticket_for",
    "ticket_of",
    "versions",
    "waiting_and_wait",
    "watched_version",
]


def places(
    uow: UnitOfWork,
    clinic_id: str,
    profession: Profession,
    concerned: Collection[str] | None = None,
) -> list[TicketPlace]:
    """Those who wait in the queue, in order, and what each of them is to be told.

    ``concerned``: of which patients, if not of all; what nobody is to be told is not read.
    """
    conn = uow.conn
    # Before what it is the version of: places may be newer than it says, never older.
    version = store.head_version(conn, clinic_id, profession)
    line = store_line.blocks(conn, clinic_id, profession)
    total = sum(block.waiting for block in line)
    if concerned is not None and len(concerned) < total:
        tickets = store.waiting_of(conn, clinic_id, profession, list(concerned))
        ahead = store_line.ahead_of(conn, clinic_id, profession, line, tickets)
        tickets = [each for each in tickets if each.id in ahead]
    else:
        people = store.line(conn, clinic_id, profession)
        total = len(people)
        ahead = {
            ticket: before
            for before, (ticket, who) in enumerate(people)
            if concerned is None or who in concerned
        }
        # Who was called since the line was read waits no longer, and was told so.
        tickets = store.waiting_among(conn, list(ahead))
    if not tickets:
        return []
    look = outlook(uow, clinic_id, profession)
    return [
        TicketPlace(
            ticket_id=ticket.id,
            patient_id=ticket.patient_id,
            version=version,
            state=ticket.state,
            place=ahead[ticket.id] + 1,
            # Somebody may have come back between two reads.
            waiting_total=max(total, ahead[ticket.id] + 1),
            wait=look.wait(ahead[ticket.id]),
            visit_id=ticket.visit_id,
            channel=ticket.channel,
            communication=ticket.communication,
            not_before=ticket.not_before,
            requeued=ticket.requeues > 0,
        )
        for ticket in sorted(tickets, key=lambda each: ahead[each.id])
    ]


def head_version(uow: UnitOfWork, clinic_id: str, profession: Profession) -> int:
    """The queue's version; rises with every change of it."""
    return store.head_version(uow.conn, clinic_id, profession)


def waiting_and_wait(
    uow: UnitOfWork, clinic_id: str, profession: Profession
) -> tuple[int, Wait | None]:
    """How many wait, and the wait for whoever would join now. Names nobody: no login needed."""
    total = store_line.waiting_total(uow.conn, clinic_id, profession)
    return total, outlook(uow, clinic_id, profession).wait(total)


def equipment_of(uow: UnitOfWork, ticket_id: str) -> Tested | None:
    """What the patient's test of the equipment came to. The caller logs the read."""
    return store_equipment.one(uow.conn, ticket_id)
