"""What a patient does with the queue: join, look, change the channel, leave."""

from dataclasses import replace
from datetime import datetime, timedelta

from server.audit import service as audit
from server.clinics import service as clinics
from server.clinics.domain import Opening
from server.kit.actor import Actor, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import Invalid, NotFound
from server.kit.ids import new_id
from server.kit.text import clean_text, iso
from server.queueing import domain, store, store_equipment
from server.queueing.domain import (
    REASON_LENGTH,
    AlreadyWaiting,
    Channel,
    Communication,
    Equipment,
    IllegalMove,
    NoService,
    QueueClosed,
    Ticket,
    TicketChannelChanged,
    TicketCommunicationChanged,
    TicketJoined,
    TicketLeft,
    TicketState,
    TicketTested,
    TicketView,
)
from server.queueing.service_common import hold, own_ticket, tell, version_of, view

# Everybody is equal until there is triage.
LEVEL = 0


def _log(uow: UnitOfWork, actor: Actor, action: str, ticket: Ticket) -> None:
    audit.record(
        uow, actor, ticket.patient_id, action, "queue_ticket", ticket.id, clinic_id=ticket.clinic_id
    )


def join(
    uow: UnitOfWork,
    actor: Actor,
    clinic_id: str,
    profession: Profession,
    reason: str,
    channel: Channel,
    equipment: Equipment | None = None,
    communication: Communication = Communication.SPEECH,
) -> TicketView:
    """Take a place last in the queue, with what was found of the equipment, if it was tested.

    Raises ``QueueClosed`` with the next opening, ``AlreadyWaiting`` with the first open case,
    ``NoService`` if the clinic has nobody of the profession, ``Invalid`` for the reason.
    """
    reason = clean_text(reason)
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise Invalid(f"The reason must have 1 to {REASON_LENGTH} characters.", field="reason")
    opening = _opening(uow, clinic_id, profession)
    # Drawing the version holds the queue, so that nobody joins between this look and the place.
    version = store.bump_head(uow.conn, clinic_id, profession)
    if not opening.open:
        _refuse_second(uow, actor, clinic_id, profession)
        following = opening.next_opening
        raise QueueClosed(
            "The clinic is closed.", next_opening=iso(following) if following else None
        )
    ticket = Ticket(
        id=new_id(),
        patient_id=actor.account_id,
        clinic_id=clinic_id,
        profession=profession,
        reason=reason,
        channel=channel,
        communication=communication,
        state=TicketState.WAITING,
        level=LEVEL,
        arrived_at=_last_in_line(uow, clinic_id, profession),
        not_before=None,
        requeues=0,
        taken_by=None,
        visit_id=None,
        closed_at=None,
        handling_seconds=None,
        version=version,
    )
    if not store.insert(uow.conn, ticket):
        _refuse_second(uow, actor, clinic_id, profession)
        raise AssertionError("the queue is held, so the first case is as open as it was")
    if equipment is not None:
        store_equipment.put(uow.conn, ticket.id, equipment, uow.now)
    tell(uow, TicketJoined, ticket, None)
    _log(uow, actor, "join", ticket)
    return view(uow, ticket)


def _opening(uow: UnitOfWork, clinic_id: str, profession: Profession) -> Opening:
    try:
        return clinics.opening(uow, clinic_id, profession)
    except NotFound:
        # Either there is no such clinic, which this says, or it has nobody of the profession.
        clinics.get_clinic(uow, clinic_id)
        raise NoService("The clinic has nobody of this profession.", field="profession") from None


def _last_in_line(uow: UnitOfWork, clinic_id: str, profession: Profession) -> datetime:
    """When the newcomer arrived: now, but behind everybody who has been told a place.

    Whoever began earlier may have waited longer for the queue, and the clocks of two servers
    differ; a place, once told, only gets better.
    """
    latest = store.latest_arrival(uow.conn, clinic_id, profession, LEVEL)
    if latest is None or latest <= uow.now:
        return uow.now
    return latest + timedelta(microseconds=1)


def _refuse_second(uow: UnitOfWork, actor: Actor, clinic_id: str, profession: Profession) -> None:
    first = store.open_for(uow.conn, actor.account_id, clinic_id, profession)
    if first is not None:
        raise AlreadyWaiting(
            "There is an open case already.", ticket_id=first.id, visit_id=first.visit_id
        )


def ticket_for(uow: UnitOfWork, actor: Actor, ticket_id: str) -> TicketView:
    """The patient's own ticket."""
    ticket = own_ticket(uow, actor, ticket_id)
    _log(uow, actor, "read", ticket)
    return view(uow, ticket)


def open_tickets(uow: UnitOfWork, actor: Actor) -> list[TicketView]:
    """The patient's open tickets. The caller logs the read."""
    return [view(uow, ticket) for ticket in store.open_of(uow.conn, actor.account_id)]


def set_channel(uow: UnitOfWork, actor: Actor, ticket_id: str, channel: Channel) -> TicketView:
    """Choose video or chat anew, while waiting."""
    ticket = own_ticket(uow, actor, ticket_id)
    # Without a change the queue keeps its version, which would send everybody to look again.
    if ticket.state is not TicketState.WAITING or ticket.channel is not channel:
        ticket = hold(uow, ticket_id)
        if ticket.state is not TicketState.WAITING:
            raise IllegalMove(
                "The channel is chosen while waiting; later it is the visit's.",
                state=ticket.state.value,
            )
        ticket = replace(ticket, channel=channel)
        store.update(uow.conn, ticket)
        tell(uow, TicketChannelChanged, ticket, None)
    _log(uow, actor, "channel", ticket)
    return view(uow, ticket)


def set_communication(
    uow: UnitOfWork, actor: Actor, ticket_id: str, communication: Communication
) -> TicketView:
    """Choose anew to speak, to sign or to read, while waiting; whoever receives is shown it."""
    ticket = own_ticket(uow, actor, ticket_id)
    if ticket.state is not TicketState.WAITING or ticket.communication is not communication:
        ticket = hold(uow, ticket_id)
        if ticket.state is not TicketState.WAITING:
            raise IllegalMove(
                "It is chosen while waiting; later it is the visit's.", state=ticket.state.value
            )
        ticket = replace(ticket, communication=communication)
        store.update(uow.conn, ticket)
        tell(uow, TicketCommunicationChanged, ticket, None)
    _log(uow, actor, "communication", ticket)
    return view(uow, ticket)


def set_equipment(
    uow: UnitOfWork, actor: Actor, ticket_id: str, equipment: Equipment
) -> TicketView:
    """Keep what the patient's newest test came to, while waiting.

    Once called, the two hear for themselves: what the clinician was shown then stays.
    """
    ticket = hold(uow, own_ticket(uow, actor, ticket_id).id)
    if ticket.state is not TicketState.WAITING:
        raise IllegalMove("Equipment is tested while waiting.", state=ticket.state.value)
    store_equipment.put(uow.conn, ticket.id, equipment, uow.now)
    store.update(uow.conn, ticket)
    tell(uow, TicketTested, ticket, None)
    _log(uow, actor, "equipment", ticket)
    return view(uow, ticket)


def leave(uow: UnitOfWork, actor: Actor, ticket_id: str) -> TicketView:
    """Give up the place, also when called. Leaving twice is leaving once."""
    ticket = own_ticket(uow, actor, ticket_id)
    if ticket.state is not TicketState.LEFT:
        ticket = domain.left(hold(uow, ticket_id), uow.now)
        store.update(uow.conn, ticket)
        # Visits listen to this one: an open visit ends with it, in the same transaction.
        tell(uow, TicketLeft, ticket, ticket.visit_id)
    _log(uow, actor, "leave", ticket)
    return view(uow, ticket)


def versions(uow: UnitOfWork, actor: Actor, ticket_ids: list[str]) -> dict[str, int]:
    """The versions of those tickets that are the patient's own; the others are left out."""
    return {t.id: version_of(uow, t) for t in store.own(uow.conn, actor.account_id, ticket_ids)}
