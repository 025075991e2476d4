"""The handshake: the cookie of the namespace's audience, by the same sessions as HTTP."""

from typing import Any

from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

from server.kit import edge
from server.kit.actor import Actor
from server.kit.errors import DomainError
from server.kit.http import AUTHENTICATOR
from server.kit.permissions import ChangePasswordFirst
from signaling import metrics
from signaling.connections import NAMESPACES


async def actor_of_handshake(namespace: str, environ: dict[str, Any]) -> tuple[Actor, str]:
    """Who opens the socket, and the token that proves it.

    Raises socket.io's refusal with `{code: "session.required"}`, or `password.change_first`. The
    cookie is the one that the WebSocket was opened with: who logs in later opens a new one.
    """
    request: web.Request = environ["aiohttp.request"]
    audience = NAMESPACES[namespace]
    try:
        edge.check_origin(request)
        token = edge.session_token(request, audience, request.app[edge.SETTINGS])
        actor = await request.app[AUTHENTICATOR].actor_for(audience, token) if token else None
    except DomainError as error:
        raise refused(error.code, error.detail) from error
    if token is None or actor is None or actor.audience is not audience:
        raise refused("session.required", "There is no session, or it has ended.")
    if actor.password_given:
        raise refused(ChangePasswordFirst.code, ChangePasswordFirst.title)
    return actor, token


def refused(code: str, detail: str) -> Refused:
    """The refusal of a namespace, as socket.io clients get it in `connect_error`."""
    metrics.REFUSED.inc()
    # The first argument becomes `message`, the second `data`.
    return Refused(detail, {"code": code})
