"""The queue over HTTP. Duty and taking a patient answer with visits, so they are routes there."""

from server.kit.errors import NotFound
from server.kit.http import Context, RouteTable
from server.kit.permissions import Permission, Scope
from server.queueing import service
from server.queueing.answers import CommunicationIn, TicketOut
from server.queueing.domain import (
    AlreadyWaiting,
    DutyOff,
    IllegalMove,
    NoService,
    QueueClosed,
)
from server.queueing.payloads import BoardOut, ChannelIn, EquipmentIn, JoinIn

routes = RouteTable()

_OWN = {"ticket_id": Scope.OWNER}


@routes.post(
    "/api/v1/patient/queue-tickets",
    permission=Permission.PATIENT,
    status=201,
    summary="Join the queue of a clinic and profession",
    errors=(NotFound, QueueClosed, AlreadyWaiting, NoService),
    scope={"clinic_id": Scope.ANYBODY},
)
async def join(ctx: Context, body: JoinIn) -> TicketOut:
    """Take a place last in the queue, with the reason in the patient's own words.

    A patient has one open case for each clinic and profession.
    """
    return await ctx.command(
        service.join,
        ctx.actor,
        body.clinic_id,
        body.profession,
        body.reason,
        body.channel,
        body.equipment.domain() if body.equipment else None,
        body.communication,
        out=TicketOut.of,
    )


@routes.get(
    "/api/v1/patient/queue-tickets/{ticket_id}",
    permission=Permission.PATIENT,
    summary="One's own ticket, with place and expected wait",
    scope=_OWN,
)
async def look(ctx: Context, ticket_id: str) -> TicketOut:
    """The place counts from 1; the wait is a range, or unknown.

    Once called, ``visit_id`` says where to go.
    """
    return TicketOut.of(await ctx.db.read_logged(service.ticket_for, ctx.actor, ticket_id))


@routes.put(
    "/api/v1/patient/queue-tickets/{ticket_id}/channel",
    permission=Permission.PATIENT,
    summary="Choose video or chat anew, while waiting",
    scope=_OWN,
    errors=(IllegalMove,),
)
async def set_channel(ctx: Context, ticket_id: str, body: ChannelIn) -> TicketOut:
    """Once the patient is called the choice belongs to the visit: see its mode."""
    return await ctx.command(
        service.set_channel, ctx.actor, ticket_id, body.channel, out=TicketOut.of
    )


@routes.put(
    "/api/v1/patient/queue-tickets/{ticket_id}/communication",
    permission=Permission.PATIENT,
    summary="Say anew whether one speaks, signs or reads, while waiting",
    scope=_OWN,
    errors=(IllegalMove,),
)
async def set_communication(ctx: Context, ticket_id: str, body: CommunicationIn) -> TicketOut:
    """Whoever receives sees it on the board, before taking the patient."""
    return await ctx.command(
        service.set_communication, ctx.actor, ticket_id, body.communication, out=TicketOut.of
    )


@routes.put(
    "/api/v1/patient/queue-tickets/{ticket_id}/equipment",
    permission=Permission.PATIENT,
    summary="Keep what the newest test of the equipment came to, while waiting",
    scope=_OWN,
    errors=(IllegalMove,),
)
async def set_equipment(ctx: Context, ticket_id: str, body: EquipmentIn) -> TicketOut:
    """Whoever receives sees it: in a word on the board, in full in the visit."""
    return await ctx.command(
        service.set_equipment, ctx.actor, ticket_id, body.domain(), out=TicketOut.of
    )


@routes.post(
    "/api/v1/patient/queue-tickets/{ticket_id}/leave",
    permission=Permission.PATIENT,
    summary="Give up the place",
    scope=_OWN,
    errors=(IllegalMove,),
)
async def leave(ctx: Context, ticket_id: str) -> TicketOut:
    """A second time changes nothing. Whoever has met the clinician leaves the visit instead."""
    return await ctx.command(service.leave, ctx.actor, ticket_id, out=TicketOut.of)


@routes.get(
    "/api/v1/staff/queue",
    permission=Permission.CLINICIAN,
    summary="The queue of one's duty; names nobody who waits",
    errors=(DutyOff,),
)
async def board(ctx: Context) -> BoardOut:
    """Everybody in the order of arrival, with reason and age but no name, and who has taken whom.

    One line is logged for each clinician, queue and shift.
    """
    return BoardOut.of(await ctx.db.read_logged(service.board, ctx.actor))
