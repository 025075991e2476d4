"""What each route answers: its result, and every problem that a caller can meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, Field, TypeAdapter

from server.kit.actor import Audience
from server.kit.backend import CommitFailed
from server.kit.edge import Forgery, KeyMissing
from server.kit.errors import (
    Busy,
    Denied,
    DomainError,
    Invalid,
    JsonValue,
    Later,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
    members,
)
from server.kit.http import Route
from server.kit.idempotency import KeyReused
from server.kit.openapi.examples import example
from server.kit.permissions import ChangePasswordFirst, Permission

if TYPE_CHECKING:
    from server.kit.openapi.operations import Shapes

HEADERS: dict[str, Any] = {
    "RequestId": {
        "description": "Finds the request in the server's log.",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the request is sent again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "SetCookie": {
        "description": "The session's cookie; when the session ends, an empty one.",
        "schema": {"type": "string"},
    },
}
Kind: TypeAlias = type[DomainError]
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """A problem document (RFC 9457). Some codes bring further members."""

    type: str
    title: str
    status: int
    code: str = Field(description="What happened, stable, for programs")
    detail: str = Field(description="What happened, in English, for developers")
    field: str | None = None
    errors: list[FieldError] | None = None


class ServerFault(DomainError):
    """500: a fault of ours; ``request_id`` finds it in the log. Only ever described, not raised."""

    code = "server.error"
    status = 500
    title = "Something went wrong on our side"
    carries = members(request_id=(str, "0198f0a2-6f3b-7c41-9d2e-5b8a17c0e4d6"))


def responses(route: Route, shapes: Shapes) -> dict[str, Any]:
    """Every answer by status. Problems are kept in ``shapes``, once for all who share them."""
    found = {str(route.status if route.response else 204): _result(route, shapes)}
    for status, errors in sorted(_errors(route).items()):
        name = "-".join((str(status), *(error.code for error in errors)))
        if name not in shapes.problems:
            shapes.problems[name] = _problem(errors)
        found[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def _result(route: Route, shapes: Shapes) -> dict[str, Any]:
    headers = _headers()
    if route.sets_cookie:
        headers["Set-Cookie"] = {"$ref": "#/components/headers/SetCookie"}
    if route.response is None:
        return {"description": "Done; there is nothing to tell.", "headers": headers}
    schema = shapes.of(route.response, "serialization")
    about = (route.response.__doc__ or "Done").strip().partition("\n")[0]
    return {
        "description": about,
        "headers": headers,
        "content": {
            "application/json": {"schema": schema, "example": example(schema, shapes.look_up)}
        },
    }


def _errors(route: Route) -> dict[int, list[Kind]]:
    """What the route may raise, by status, in the order in which it is looked at."""
    expected: list[Kind] = []
    open_to_all = route.permission is Permission.PUBLIC
    if route.mutating:
        expected.append(Forgery)
    if not open_to_all:
        expected += [Unauthenticated]
        if route.audience is Audience.STAFF and not route.password_given:
            expected.append(ChangePasswordFirst)
        if route.permission in (Permission.CLINICIAN, Permission.ADMINISTRATOR):
            expected.append(Denied)
    if route.parameters:
        expected.append(NotFound)
    if route.mutating:
        expected += [KeyMissing, Malformed, TooLarge, Invalid]
        if not open_to_all:
            expected.append(KeyReused)
    if route.query is not None:
        expected.append(Invalid)
    expected += [*route.errors, Busy, CommitFailed, ServerFault]
    by_status: dict[int, list[Kind]] = {}
    for error in expected:
        found = by_status.setdefault(error.status, [])
        if error.code not in {each.code for each in found}:
            found.append(error)
    return by_status


def _problem(errors: list[Kind]) -> dict[str, Any]:
    headers = _headers()
    if any(issubclass(error, Later) for error in errors):
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    shapes = [_shape(error) for error in errors]
    return {
        "description": "\n".join(f"- `{error.code}`: {_meaning(error)}" for error in errors),
        "headers": headers,
        "content": {
            "application/problem+json": {
                "schema": shapes[0] if len(shapes) == 1 else {"oneOf": shapes},
                "examples": {
                    error.code: {"summary": _meaning(error), "value": _example(error)}
                    for error in errors
                },
            }
        },
    }


def _headers() -> dict[str, Any]:
    return {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}


def _meaning(error: Kind) -> str:
    """The first sentence of the class's docstring, without the status that it may begin with."""
    text = " ".join((error.__doc__ or error.title).partition("\n\n")[0].split())
    text = text.removeprefix(f"{error.status}: ").replace("``", "`")
    return text[0].upper() + text[1:]


def _shape(error: Kind) -> dict[str, Any]:
    special: dict[str, Any] = {
        "properties": {
            "status": {"const": error.status},
            "code": {"const": error.code},
            **{n: TypeAdapter(kind).json_schema() for n, (kind, _) in error.carries.items()},
        }
    }
    if error.carries:
        special["required"] = list(error.carries)
    return {"allOf": [_PROBLEM, special]}


def _example(error: Kind) -> dict[str, JsonValue]:
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.title + ".",
        **{name: value for name, (_, value) in error.carries.items()},
    }
