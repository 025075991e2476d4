"""Guests over HTTP: the clinician at the door, the patient who sees it, and the guest."""

import secrets
from contextlib import suppress
from functools import partial

from aiohttp import web

from server.guests import service
from server.guests.domain import (
    ConsentMissing,
    GuestIllegalMove,
    GuestsFull,
    InvitationOver,
    InvitationUnknown,
    InvitationUsed,
    OwnVisit,
)
from server.guests.payloads import (
    AdmitIn,
    GuestSessionOut,
    GuestsOut,
    GuestVisitOut,
    InvitedOut,
    InviteIn,
    RedeemIn,
)
from server.guests.sessions import GuestSessions
from server.kit.actor import Audience
from server.kit.edge import (
    client_key,
    cookie_name,
    is_secure,
    public_origin,
    session_token,
)
from server.kit.errors import Unauthenticated
from server.kit.http import Context, RouteTable, find_actor
from server.kit.permissions import Permission, Scope
from server.login.domain import LoginThrottled
from server.login.service import hash_of
from server.queueing.answers import CommunicationIn
from server.visits.domain import VisitClosed

GUESTS = web.AppKey("guests", GuestSessions)

routes = RouteTable()

_PATIENT = "/api/v1/patient/visits/{visit_id}/guests"
_STAFF = "/api/v1/staff/visits/{visit_id}/guests"
_ONE = _STAFF + "/{guest_id}"
_OWN = {"visit_id": Scope.PARTY}
_OWN_GUEST = _OWN | {"guest_id": Scope.PARTY}


@routes.get(
    _PATIENT, permission=Permission.PATIENT, summary="Who is in one's visit, or waits", scope=_OWN
)
@routes.get(
    _STAFF,
    permission=Permission.CLINICIAN,
    summary="Who is in one's visit, or waits; a line is logged",
    scope=_OWN,
)
async def guests(ctx: Context, visit_id: str) -> GuestsOut:
    """Everybody who was ever invited, with their roles, which are no secret to anybody inside."""
    return GuestsOut.of(await ctx.db.read_logged(service.guests_of, ctx.actor, visit_id))


@routes.post(
    _STAFF,
    permission=Permission.CLINICIAN,
    status=201,
    summary="Invite somebody to the visit",
    errors=(VisitClosed, GuestsFull),
    scope=_OWN,
)
async def invite(ctx: Context, visit_id: str, body: InviteIn) -> InvitedOut:
    """The token is told in this answer alone, and only its hash is stored: copy it now.

    It serves once, within two hours, while the visit lasts. A repeat with the same key is the same
    guest with a new token instead of the first, as long as nobody came with that one.
    """
    invited = await ctx.command(
        service.invite,
        ctx.actor,
        visit_id,
        body.name,
        body.role,
        body.communication,
        out=InvitedOut.of,
    )
    # Not in the unit above: its answer is stored, for a repeat.
    token = secrets.token_urlsafe(32)
    issued = await ctx.db.write(
        service.issue, ctx.actor, visit_id, invited.guest.id, hash_of(token)
    )
    if not issued:
        return invited
    # Behind the `#`, so that no server, proxy or log sees it in an address.
    link = f"{public_origin(ctx.request, ctx.settings)}/gast#{token}"
    return invited.model_copy(update={"token": token, "link": link})


@routes.post(
    _ONE + "/admit",
    permission=Permission.CLINICIAN,
    summary="Let in who waits",
    errors=(VisitClosed, GuestIllegalMove, ConsentMissing),
    scope=_OWN_GUEST,
)
async def admit(ctx: Context, visit_id: str, guest_id: str, body: AdmitIn) -> GuestsOut:
    """Who is let in sees and hears the others of the call. It is kept who let in, and when.

    So is that the patient had said yes, without which only staff are let in.
    """
    return await ctx.command(
        service.admit, ctx.actor, visit_id, guest_id, body.consent, out=GuestsOut.of
    )


@routes.post(
    _ONE + "/refuse",
    permission=Permission.CLINICIAN,
    summary="Turn away who waits",
    errors=(GuestIllegalMove,),
    scope=_OWN_GUEST,
)
async def refuse(ctx: Context, visit_id: str, guest_id: str) -> GuestsOut:
    """The guest is told, and the session ends."""
    return await ctx.command(service.refuse, ctx.actor, visit_id, guest_id, out=GuestsOut.of)


@routes.post(
    _ONE + "/remove",
    permission=Permission.CLINICIAN,
    summary="Show somebody out",
    errors=(GuestIllegalMove,),
    scope=_OWN_GUEST,
)
async def remove(ctx: Context, visit_id: str, guest_id: str) -> GuestsOut:
    """Sound, picture and session end at once: coming back takes a new invitation."""
    return await ctx.command(service.remove, ctx.actor, visit_id, guest_id, out=GuestsOut.of)


@routes.delete(
    _ONE,
    permission=Permission.CLINICIAN,
    summary="Take back an invitation that nobody used",
    errors=(GuestIllegalMove,),
    scope=_OWN_GUEST,
)
async def withdraw(ctx: Context, visit_id: str, guest_id: str) -> GuestsOut:
    """The token is worth nothing from then on. That there was an invitation stays noted."""
    return await ctx.command(service.withdraw, ctx.actor, visit_id, guest_id, out=GuestsOut.of)


@routes.post(
    "/api/v1/guest/session",
    permission=Permission.PUBLIC,
    status=201,
    summary="Come with an invitation",
    sets_cookie=True,
    errors=(InvitationUnknown, InvitationUsed, InvitationOver, OwnVisit, LoginThrottled),
)
async def redeem(ctx: Context, body: RedeemIn) -> GuestVisitOut:
    """The guest waits in the lobby; the session comes as a cookie of its own, bound to this visit.

    Where a member of the staff is logged in, she comes as a colleague, by her account's name. Where
    the visit's own patient or clinician is logged in, the invitation is for somebody else. A repeat
    with the same key replaces the session that the first made.
    """
    staff = await find_actor(ctx.request, Audience.STAFF)
    patient = await find_actor(ctx.request, Audience.PATIENT)
    here = (each.account_id for each in (staff, patient, ctx.maybe_actor) if each is not None)
    session, view = await ctx.app[GUESTS].redeem(
        body.token,
        client=client_key(ctx.request, ctx.settings),
        claim=ctx.claim(body.token.encode()),
        staff=staff,
        here=frozenset(here),
    )
    if session is not None:
        secure = is_secure(ctx.request, ctx.settings)
        ctx.on_response(partial(_set_cookie, token=session, secure=secure))
    return GuestVisitOut.of(view)


def _set_cookie(response: web.Response, *, token: str, secure: bool) -> None:
    response.set_cookie(
        cookie_name(Audience.GUEST, secure=secure),
        token,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


@routes.get(
    "/api/v1/guest/session", permission=Permission.PUBLIC, summary="Whether one is a guest here"
)
async def read_session(ctx: Context) -> GuestSessionOut:
    """Where the guest of this browser stands; also of one who was shown out, or whose time is over.

    Nothing of the visit is told.
    """
    token = session_token(ctx.request, Audience.GUEST, ctx.settings)
    state = None if token is None else await ctx.app[GUESTS].state_for(token)
    return GuestSessionOut(state=state)


@routes.delete(
    "/api/v1/guest/session", permission=Permission.PUBLIC, summary="Go for good", sets_cookie=True
)
async def sign_out(ctx: Context) -> None:
    """The session ends, and with it the call. Coming back takes a new invitation."""
    if ctx.maybe_actor is not None:
        with suppress(Unauthenticated):  # it ended in this moment
            await ctx.command(service.sign_out, ctx.actor, out=lambda _none: None)
    secure = is_secure(ctx.request, ctx.settings)
    name = cookie_name(Audience.GUEST, secure=secure)
    ctx.on_response(
        lambda response: response.del_cookie(
            name, path="/", secure=secure, httponly=True, samesite="Lax"
        )
    )


@routes.get("/api/v1/guest/visit", permission=Permission.GUEST, summary="The visit one is guest in")
async def guest_visit(ctx: Context) -> GuestVisitOut:
    """Who one is there, and who receives. Of the patient nothing until one is let in."""
    return GuestVisitOut.of(await ctx.db.read_logged(service.visit_for, ctx.actor))


@routes.put(
    "/api/v1/guest/visit/communication",
    permission=Permission.GUEST,
    summary="Say whether one speaks, signs or reads",
    errors=(GuestIllegalMove,),
)
async def set_communication(ctx: Context, body: CommunicationIn) -> GuestVisitOut:
    """Also in the lobby. Everybody in the call is shown it; who signs keeps a moving picture."""
    return await ctx.command(
        service.set_communication, ctx.actor, body.communication, out=GuestVisitOut.of
    )


@routes.post(
    "/api/v1/guest/visit/leave",
    permission=Permission.GUEST,
    summary="Go away; coming back needs no new admission",
    errors=(GuestIllegalMove,),
)
async def leave(ctx: Context) -> GuestVisitOut:
    """From the lobby or from the call, which goes on without one."""
    return await ctx.command(service.leave, ctx.actor, out=GuestVisitOut.of)


@routes.post(
    "/api/v1/guest/visit/join",
    permission=Permission.GUEST,
    summary="Come back to where one left",
    errors=(GuestIllegalMove,),
)
async def come_back(ctx: Context) -> GuestVisitOut:
    """Who was let in once is inside again; who waited waits again."""
    return await ctx.command(service.come_back, ctx.actor, out=GuestVisitOut.of)
