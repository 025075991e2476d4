"""The errors that a person can meet, and what they carry.

    DomainError
    ├── Malformed        400  the request can't be read
    ├── Unauthenticated  401  no session
    ├── Denied           403  not allowed
    ├── NotFound         404  does not exist, or is not yours
    ├── Conflict         409  the state does not allow it
    ├── TooLarge         413
    ├── Invalid          422  the request can be read but not meant
    ├── Throttled        429  you ask too often (retry_after)
    └── Busy             503  we have too much to do (retry_after)

A slice subclasses these with a ``code`` of its own. Two edges turn them into answers: HTTP problem
JSON (RFC 9457) in ``kit.middleware`` and the acknowledgement of the socket in ``signaling``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

from typing_extensions import override

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

# The name of each, with its type and an example.
Members: TypeAlias = Mapping[str, tuple[Any, JsonValue]]


def members(**each: tuple[Any, JsonValue]) -> Members:
    """What an error carries: ``members(limit=(int, 65536))``."""
    return each


class DomainError(Exception):
    """Something that the caller is told, with a stable code and the fields a person needs.

    ``detail`` is plain English for developers; clients word the ``code``. Keyword arguments become
    members of the problem beside the standard ones; ``carries`` says which are always there.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request failed"
    carries: ClassVar[Members] = {}

    def __init__(self, detail: str = "", *, field: str | None = None, **extra: JsonValue) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.extra: dict[str, JsonValue] = extra

    def problem(self) -> dict[str, JsonValue]:
        """The members of the problem, extras at the top level (RFC 9457 §3.2)."""
        body: dict[str, JsonValue] = {
            **self.extra,
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.field is not None:
            body["field"] = self.field
        return body

    def headers(self) -> dict[str, str]:
        """HTTP headers that belong to this error."""
        return {}


class Malformed(DomainError):
    """400: the request can't be read."""

    code = "request.malformed"
    status = 400
    title = "The request can't be read"


class Unauthenticated(DomainError):
    """401: no session, or one that has ended."""

    code = "session.required"
    status = 401
    title = "Log in first"


class Denied(DomainError):
    """403: the session does not allow it."""

    code = "permission.denied"
    status = 403
    title = "Not allowed"


class NotFound(DomainError):
    """404: does not exist, or is none of the caller's business."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(DomainError):
    """409: the state of the thing does not allow it."""

    code = "conflict"
    status = 409
    title = "Not possible now"


class TooLarge(DomainError):
    """413: the body is larger than the route takes."""

    code = "request.too_large"
    status = 413
    title = "The request is too large"
    carries = members(limit=(int, 65536))


class Invalid(DomainError):
    """422: the request can be read, but a field of it is wrong."""

    code = "request.invalid"
    status = 422
    title = "The request is not valid"


class Later(DomainError):
    """An error that passes with time: ``retry_after`` seconds."""

    carries = members(retry_after=(int, 1))

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after: int = 1,
        field: str | None = None,
        **extra: JsonValue,
    ) -> None:
        super().__init__(detail, field=field, retry_after=retry_after, **extra)
        self.retry_after = retry_after

    @override
    def headers(self) -> dict[str, str]:
        """``Retry-After`` in seconds."""
        return {"Retry-After": str(self.retry_after)}


class Throttled(Later):
    """429: this caller asks too often."""

    code = "request.throttled"
    status = 429
    title = "Too many attempts"


class Busy(Later):
    """503: everybody together asks more than can be done."""

    code = "server.busy"
    status = 503
    title = "Too much to do just now"
