"""Log in, ask who one is, log out: for patients and for staff."""

from aiohttp import web

from server.accounts.domain import PasswordTooEasy, normalised
from server.kit.actor import Audience
from server.kit.edge import client_key, cookie_name, is_secure, session_token
from server.kit.errors import Unauthenticated
from server.kit.http import Context, RouteTable
from server.kit.permissions import Permission
from server.login import service
from server.login.domain import (
    LoginFailed,
    LoginThrottled,
    PasswordChange,
    SamePassword,
    WrongPassword,
)
from server.login.gate import LoginGate
from server.login.payloads import LoginIn, PasswordIn, SessionOut

LOGIN = web.AppKey("login", LoginGate)

routes: RouteTable = RouteTable()


def _audience(ctx: Context) -> Audience:
    audience = ctx.route.audience
    if audience is None:
        raise RuntimeError("a session route lies outside the audiences' paths")
    return audience


@routes.post(
    "/api/v1/patient/session",
    permission=Permission.PUBLIC,
    status=201,
    summary="Log in",
    sets_cookie=True,
    errors=(LoginFailed, LoginThrottled),
)
@routes.post(
    "/api/v1/staff/session",
    permission=Permission.PUBLIC,
    status=201,
    summary="Log in",
    sets_cookie=True,
    errors=(LoginFailed, LoginThrottled),
)
async def log_in(ctx: Context, body: LoginIn) -> SessionOut:
    """The session comes as a cookie. An unknown name and a wrong password are answered alike.

    Wrong passwords make the next attempt wait. A repeat with the same key replaces the session
    that the first made.
    """
    gate = ctx.app[LOGIN]
    audience = _audience(ctx)
    token, known = await gate.log_in(
        audience,
        body.username,
        body.password,
        client=client_key(ctx.request, ctx.settings),
        # Not the password: what is stored of it is a slow hash alone.
        claim=ctx.claim(normalised(body.username).encode()),
        instead_of=None if ctx.maybe_actor is None else ctx.maybe_actor.session_id,
    )
    secure = is_secure(ctx.request, ctx.settings)
    ctx.on_response(
        lambda response: response.set_cookie(
            cookie_name(audience, secure=secure),
            token,
            path="/",
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
    )
    return SessionOut.of(known, gate.sessions.lifetimes[audience])


@routes.get("/api/v1/patient/session", permission=Permission.PATIENT, summary="One's own session")
@routes.get(
    "/api/v1/staff/session",
    permission=Permission.STAFF,
    summary="One's own session",
    password_given=True,
)
async def read_session(ctx: Context) -> SessionOut:
    """Who is logged in, and until when. Asking counts as use and puts off the idle end."""
    gate = ctx.app[LOGIN]
    audience = _audience(ctx)
    token = session_token(ctx.request, audience, ctx.settings)
    known = await gate.sessions.find(audience, token) if token else None
    if known is None:
        raise Unauthenticated("There is no session, or it has ended.")
    return SessionOut.of(known, gate.sessions.lifetimes[audience])


@routes.put(
    "/api/v1/patient/password",
    permission=Permission.PATIENT,
    summary="Change one's own password",
    errors=(WrongPassword, SamePassword, PasswordTooEasy, LoginThrottled),
)
@routes.put(
    "/api/v1/staff/password",
    permission=Permission.STAFF,
    summary="Change one's own password",
    errors=(WrongPassword, SamePassword, PasswordTooEasy, LoginThrottled),
    password_given=True,
)
async def change_password(ctx: Context, body: PasswordIn) -> None:
    """Every other session of the account ends. Wrong passwords make the next attempt wait."""

    async def store(change: PasswordChange) -> None:
        await ctx.command(
            service.change_password,
            ctx.actor,
            change,
            out=lambda _none: None,
            # What is kept of a password is a slow hash alone.
            said=change.after.encode(),
        )

    await ctx.app[LOGIN].change_password(
        ctx.actor,
        body.current,
        body.new,
        client=client_key(ctx.request, ctx.settings),
        once=ctx.claim(b"", ctx.actor.account_id).name,
        store=store,
    )


@routes.delete(
    "/api/v1/patient/session", permission=Permission.PUBLIC, summary="Log out", sets_cookie=True
)
@routes.delete(
    "/api/v1/staff/session", permission=Permission.PUBLIC, summary="Log out", sets_cookie=True
)
async def log_out(ctx: Context) -> None:
    """The session ends and its sockets are closed. Without a session nothing happens."""
    audience = _audience(ctx)
    if ctx.maybe_actor is not None:
        await ctx.command(
            service.end_session, ctx.actor.session_id, "revoked", out=lambda _none: None
        )
    secure = is_secure(ctx.request, ctx.settings)
    ctx.on_response(
        lambda response: response.del_cookie(
            cookie_name(audience, secure=secure),
            path="/",
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
    )
