"""Routes from typed handlers.

    routes = RouteTable()

    @routes.post("/api/v1/patient/queue-tickets", permission=Permission.PATIENT, status=201,
                 summary="Join a queue", errors=(QueueClosed,), scope={"clinic_id": Scope.ANYBODY})
    async def join_queue(ctx: Context, body: JoinIn) -> TicketOut:
        return await ctx.command(service.join, ctx.actor, body.clinic_id, out=TicketOut.of)

The handler's signature is the contract: ``ctx``, then by name ``body`` and ``query`` (pydantic
models) and each ``{parameter}`` of the path (text; malformed ids are not found). The annotation of
the result is the answer, None for an empty one. The same declarations make the OpenAPI document.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, TypeVarTuple, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, field_validator

from server.kit import idempotency
from server.kit.actor import Actor, Audience
from server.kit.clock import Clock
from server.kit.db import Database, UnitOfWork
from server.kit.edge import BODY_LIMIT, SETTINGS, fingerprint, session_token
from server.kit.errors import DomainError, Unauthenticated
from server.kit.permissions import Permission, Scopes, unscoped
from server.kit.settings import Settings

Ts = TypeVarTuple("Ts")
R = TypeVar("R")
M = TypeVar("M", bound=BaseModel | None)
H = TypeVar("H", bound=Callable[..., Awaitable[Any]])

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PARAMETER = re.compile(r"\{(\w+)\}")


class Authenticator(Protocol):
    """Finds the actor behind a session token."""

    async def actor_for(self, audience: Audience, token: str) -> Actor | None:
        """The actor, or None when the session does not exist or has ended."""
        ...


DATABASE = web.AppKey("database", Database)
AUTHENTICATOR: web.AppKey[Authenticator] = web.AppKey("authenticator", Authenticator)


class In(BaseModel):
    """The base of what clients send: nothing unknown, no type guessed, texts trimmed."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
    )

    @field_validator("*")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        # PostgreSQL can't store U+0000 in a text, and no person types it.
        if isinstance(value, str) and "\0" in value:
            raise ValueError("must not contain U+0000")
        return value


class Out(BaseModel):
    """The base of what we answer."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route, with what its handler's signature says."""

    method: str
    path: str
    permission: Permission
    handler: Callable[..., Awaitable[Any]]
    status: int
    summary: str
    errors: tuple[type[DomainError], ...]
    limit: int
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    response: type[BaseModel] | None
    parameters: tuple[str, ...]
    scope: Scopes
    sets_cookie: bool = False
    password_given: bool = False

    @property
    def mutating(self) -> bool:
        """Whether the request may change something."""
        return self.method in MUTATING

    @property
    def audience(self) -> Audience | None:
        """Whose sessions count here, as the path says."""
        for audience in Audience:
            if self.path.startswith(f"/api/v1/{audience}/"):
                return audience
        return None


ROUTE = web.RequestKey("route", Route)


class DeclarationError(Exception):
    """A route is declared wrongly. The server does not start."""


class RouteTable(list[Route]):
    """The routes of a slice. ``errors`` names the domain errors that a caller should expect."""

    def route(
        self,
        method: str,
        path: str,
        *,
        permission: Permission | None = None,
        status: int = 200,
        summary: str = "",
        errors: tuple[type[DomainError], ...] = (),
        limit: int = BODY_LIMIT,
        sets_cookie: bool = False,
        password_given: bool = False,
        scope: Scopes | None = None,
    ) -> Callable[[H], H]:
        """Declare a route. Decorators may be stacked to serve several paths.

        ``scope`` says of every id that the request names whose the thing must be;
        ``password_given``, that it is open also before a given password is changed.
        """

        def declare(handler: H) -> H:
            route = _declared(
                method, path, permission, handler, status, summary, errors, limit, scope or {}
            )
            self.append(replace(route, sets_cookie=sets_cookie, password_given=password_given))
            return handler

        return declare

    def get(self, path: str, **options: Any) -> Callable[[H], H]:
        """Declare a route that only reads."""
        return self.route("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[H], H]:
        """Declare a route that creates or acts."""
        return self.route("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[H], H]:
        """Declare a route that replaces."""
        return self.route("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[H], H]:
        """Declare a route that removes."""
        return self.route("DELETE", path, **options)


def _declared(
    method: str,
    path: str,
    permission: Permission | None,
    handler: Callable[..., Awaitable[Any]],
    status: int,
    summary: str,
    errors: tuple[type[DomainError], ...],
    limit: int,
    scope: Scopes,
) -> Route:
    where = f"{method} {path}"
    if not isinstance(permission, Permission):
        raise DeclarationError(f"{where} declares no permission")
    hints = get_type_hints(handler)
    if "return" not in hints:
        raise DeclarationError(f"{where} has no annotated result")
    parameters = tuple(_PARAMETER.findall(path))
    expected = {"body", "query", *parameters}
    given = list(inspect.signature(handler).parameters)[1:]
    if unknown := set(given) - expected:
        raise DeclarationError(f"{where} takes {sorted(unknown)}, which the path does not have")
    if missing := set(parameters) - set(given):
        raise DeclarationError(f"{where} ignores {sorted(missing)} of its path")
    response = hints["return"]
    route = Route(
        method=method,
        path=path,
        permission=permission,
        handler=handler,
        status=status,
        summary=summary or (inspect.getdoc(handler) or "").partition("\n")[0],
        errors=errors,
        limit=limit,
        body=hints.get("body"),
        query=hints.get("query"),
        response=None if response is type(None) else response,
        parameters=parameters,
        scope=scope,
    )
    if permission.audience is not None and permission.audience is not route.audience:
        raise DeclarationError(f"{where} demands {permission} under the path of another audience")
    if wrong := unscoped(scope, parameters, route.body, route.query):
        raise DeclarationError(f"{where} {wrong}")
    return route


@dataclass(slots=True)
class Context:
    """A request as a handler sees it."""

    request: web.Request
    route: Route
    maybe_actor: Actor | None = None
    key: str | None = None
    raw: bytes = b""
    cookies: list[Callable[[web.Response], None]] = field(default_factory=list)

    @property
    def app(self) -> web.Application:
        """The application, with its keys."""
        return self.request.app

    @property
    def db(self) -> Database:
        """The database."""
        return self.request.app[DATABASE]

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.request.app[SETTINGS]

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.db.clock

    @property
    def actor(self) -> Actor:
        """Who asks. Only on routes that demand a session."""
        if self.maybe_actor is None:
            raise Unauthenticated("There is no session, or it has ended.")
        return self.maybe_actor

    def on_response(self, change: Callable[[web.Response], None]) -> None:
        """Let ``change`` add to the answer, such as a cookie."""
        self.cookies.append(change)

    def claim(self, said: bytes, owner: str = idempotency.STRANGER) -> idempotency.Claim:
        """The request under its key. ``said`` tells it from another of the same route."""
        if self.key is None:
            raise RuntimeError("only what changes something has a key")
        path = self.request.path
        return idempotency.Claim(owner, self.key, self.route.method, path, fingerprint(said))

    async def command(
        self,
        fn: Callable[[UnitOfWork, *Ts], R],
        *args: *Ts,
        out: Callable[[R], M],
        said: bytes | None = None,
    ) -> M:
        """Run a use case once, however often the request is sent.

        One write unit: claim the key; if it is new run ``fn``, make the answer with ``out``, and
        store it. The answer must be of the handler's result type. Errors are not stored: a request
        that failed changed nothing and may be tried again. Keyword arguments for ``fn`` go through
        ``functools.partial``. ``said``: what is kept, as a quick hash, to tell the request from
        another under its key, if that must not be the whole body because a secret is in it.
        """
        whole = self.raw if self.route.body else b""
        claim = self.claim(whole if said is None else said, self.actor.account_id)
        model = self.route.response

        def once(uow: UnitOfWork) -> M:
            known = idempotency.claim(uow.conn, claim, uow.now)
            if known is not None:
                if model is None or known.body is None:
                    return None  # type: ignore[return-value]
                return model.model_validate_json(known.body)  # type: ignore[return-value]
            answer = out(fn(uow, *args))
            body = None if answer is None else answer.model_dump_json().encode()
            stored = idempotency.Answer(self.route.status, body)
            idempotency.remember(uow.conn, claim, stored)
            return answer

        return await self.db.write(once)


async def find_actor(request: web.Request, audience: Audience | None) -> Actor | None:
    """The actor of the audience whose cookie the request carries, if its session lives."""
    if audience is None:
        return None
    token = session_token(request, audience, request.app[SETTINGS])
    if not token:
        return None
    return await request.app[AUTHENTICATOR].actor_for(audience, token)


def parse(model: type[BaseModel], raw: bytes) -> BaseModel:
    """The body as the model. Raises pydantic's ``ValidationError``."""
    return model.model_validate_json(raw)


def parse_query(model: type[BaseModel], request: web.Request) -> BaseModel:
    """The query string as the model. Raises pydantic's ``ValidationError``."""
    return model.model_validate_strings({name: request.query[name] for name in request.query})
