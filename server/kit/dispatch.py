"""The way of a request through a declared route, from the forgery check to the answer."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import pydantic
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from server.kit import edge, http
from server.kit.errors import Invalid, JsonValue, Malformed, NotFound
from server.kit.http import Context, DeclarationError, Route
from server.kit.ids import is_id
from server.kit.permissions import Permission, require

# More would only help somebody who probes.
MOST_ERRORS = 20

Raw = TypeVar("Raw", bound=Callable[[web.Request], Awaitable[web.StreamResponse]])


class Nothing(BaseModel):
    """The body of a request that has nothing to say: absent, or ``{}``."""

    model_config = ConfigDict(extra="forbid")


def register(app: web.Application, routes: Iterable[Route]) -> None:
    """Add the routes to the application. Two of one method and path are a fault."""
    seen: set[tuple[str, str]] = set()
    for route in routes:
        if (route.method, route.path) in seen:
            raise DeclarationError(f"{route.method} {route.path} is declared twice")
        seen.add((route.method, route.path))
        app.router.add_route(route.method, route.path, handler(route))


def public(handler: Raw) -> Raw:
    """Mark a handler that is no declared route as open to everybody."""
    handler.permission = Permission.PUBLIC  # type: ignore[attr-defined]
    return handler


async def refuse_undeclared(app: web.Application) -> None:
    """Startup check: every route has a permission. Sockets check their own events."""
    for each in app.router.routes():
        path = each.resource.canonical if each.resource is not None else ""
        if path.startswith("/socket.io"):
            continue
        if not isinstance(getattr(each.handler, "permission", None), Permission):
            raise DeclarationError(f"{each.method} {path} declares no permission")


def handler(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request[http.ROUTE] = route
        if route.mutating:
            edge.check_forgery(request)
        actor = await http.find_actor(request, route.audience)
        require(route.permission, actor, password_given=route.password_given)
        arguments: dict[str, Any] = {}
        for name in route.parameters:
            value = request.match_info[name]
            if not is_id(value):
                raise NotFound()
            arguments[name] = value
        context = Context(request, route, actor)
        if route.mutating:
            context.key = edge.idempotency_key(request)
            context.raw = await edge.read_body(request, route.limit)
            body = _body(route, context.raw)
            if route.body is not None:
                arguments["body"] = body
        if route.query is not None:
            arguments["query"] = _valid(lambda: http.parse_query(route.query, request))  # type: ignore[arg-type]
        result = await route.handler(context, **arguments)
        response = answer(route, result)
        for change in context.cookies:
            change(response)
        return response

    handle.permission = route.permission  # type: ignore[attr-defined]
    return handle


def answer(route: Route, result: BaseModel | None) -> web.Response:
    """The result as a response."""
    if result is None:
        return web.Response(status=204 if route.response is None else route.status)
    if route.response is None or not isinstance(result, route.response):
        raise TypeError(f"{route.method} {route.path} answered with a {type(result).__name__}")
    return web.Response(
        status=route.status,
        body=result.__pydantic_serializer__.to_json(result),
        content_type="application/json",
    )


def _body(route: Route, raw: bytes) -> BaseModel:
    model = route.body or Nothing
    return _valid(lambda: http.parse(model, raw or (b"" if route.body else b"{}")))


def _valid(parse: Callable[[], BaseModel]) -> BaseModel:
    try:
        return parse()
    except pydantic.ValidationError as error:
        raise invalid(error) from None


def invalid(error: pydantic.ValidationError) -> Malformed | Invalid:
    """What was wrong, field by field, without repeating what was sent."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found and found[0]["type"] == "json_invalid":
        return Malformed("The body is not JSON.")
    errors: list[JsonValue] = [
        {
            "field": ".".join(str(part) for part in each["loc"])[:100],
            "code": each["type"],
            "message": each["msg"],
        }
        for each in found[:MOST_ERRORS]
    ]
    first = ".".join(str(part) for part in found[0]["loc"])[:100] if found else ""
    return Invalid("Some fields are not right.", field=first or None, errors=errors)
