"""Around every request: id, log line, headers, and the one place where errors become answers."""

import itertools
import re
import time
from collections.abc import Callable

import orjson
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from server.kit.edge import REQUEST_ID, SETTINGS, is_secure
from server.kit.errors import DomainError, JsonValue
from server.kit.http import ROUTE, Route
from server.kit.ids import new_id
from server.kit.log import get_logger
from server.kit.turns import Turns

# Requests that begin in one turn of the loop; sockets have theirs between.
AT_ONCE = 8

log = get_logger(__name__)

# Called after each request with method, route template, status and seconds.
Observer = Callable[[str, str, int, float], None]

# Scripts, styles and connections of our own only, and nothing inline.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob: mediastream:",
        "connect-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), speaker-selection=(self), fullscreen=(self), "
        "display-capture=(self), geolocation=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"
# A browser that was told HSTS by one of these names could for a year not reach the next server of
# this machine that has no certificate.
_LOCAL = re.compile(r"(.+\.)?localhost(:\d+)?", re.IGNORECASE)


def problem(body: dict[str, JsonValue], headers: dict[str, str] | None = None) -> web.Response:
    """A problem document (RFC 9457)."""
    return web.Response(
        status=int(str(body["status"])),
        body=orjson.dumps(body),
        headers=headers,
        content_type="application/problem+json",
    )


def _from_framework(error: web.HTTPException) -> web.Response:
    """aiohttp's own refusals (no such path, wrong method, bad request) in our form."""
    codes = {404: "not_found", 405: "request.method", 413: "request.too_large"}
    allow = error.headers.get("Allow")
    return problem(
        {
            "type": "about:blank",
            "title": error.reason,
            "status": error.status,
            "code": codes.get(error.status, "request.malformed"),
            "detail": error.reason,
        },
        {"Allow": allow} if allow else None,
    )


def _server_error(request_id: str) -> web.Response:
    # Nothing of the fault itself: whoever operates the server finds it by this id in the log.
    return problem(
        {
            "type": "about:blank",
            "title": "Something went wrong on our side",
            "status": 500,
            "code": "server.error",
            "detail": "The fault is logged under the request's id.",
            "request_id": request_id,
        }
    )


def edge_middleware(observe: Observer, sample: int) -> Middleware:
    """The outermost middleware. ``sample``: log one of so many successes (0: none)."""
    successes = itertools.count(1)
    turns = Turns(AT_ONCE)

    @web.middleware
    async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = request[REQUEST_ID] = new_id()
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await turns.mine()
            response = await _answered(request, handler, request_id)
            seconds = time.perf_counter() - began
            template = _template(request)
            observe(request.method, template, response.status, seconds)
            failed = response.status >= 500
            if failed or (sample and next(successes) % sample == 0):
                log.info(
                    "http.request",
                    method=request.method,
                    route=template,
                    status=response.status,
                    milliseconds=round(seconds * 1000, 1),
                )
        return response

    return edge


async def _answered(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except DomainError as error:
        return problem(error.problem(), error.headers())
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _from_framework(error)
    except ConnectionError:
        # The client went away while it spoke; nobody reads this answer.
        return problem(
            {
                "type": "about:blank",
                "title": "Gone",
                "status": 400,
                "code": "request.malformed",
                "detail": "The connection was lost.",
            }
        )
    except Exception as error:
        log.error("http.fault", route=_template(request), error=error)
        return _server_error(request_id)


def _template(request: web.Request) -> str:
    """The route's pattern: a path may hold ids, and its variety would swamp the metrics."""
    route: Route | None = request.get(ROUTE)
    if route is not None:
        return route.path
    resource = request.match_info.route.resource
    return "other" if resource is None else resource.canonical


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``: the security headers, on everything."""
    response.headers["Server"] = "vardrum"
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    request_id = request.get(REQUEST_ID)
    if request_id is not None:
        response.headers["X-Request-Id"] = request_id
    secure = is_secure(request, request.config_dict[SETTINGS])
    if secure and not _LOCAL.fullmatch(request.host):
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.path.startswith(("/api/", "/health/")):
        response.headers.setdefault("Cache-Control", "no-store")
