"""The document as a whole: who speaks, what they talk of, and the parts that operations share."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server.kit.actor import Audience
from server.kit.dispatch import Nothing
from server.kit.http import Route
from server.kit.openapi.answers import HEADERS, Problem
from server.kit.openapi.operations import PARAMETERS, Shapes, operation

INTRODUCTION = """\
Vårdrum's own pages use this API and nothing else: what they can do, an integration can do.

Two kinds of people log in, patients and staff, each with a session and a cookie of their own; a
third, guests, come with an invitation to one visit. The path says whose session counts:
`/api/v1/patient/…`, `/api/v1/staff/…` or `/api/v1/guest/…`. What is under none of them is open to
everybody.

A request that changes something carries `X-Vardrum: 1`, which no foreign page can send, and an
`Idempotency-Key` of the client's own making. When you do not know whether a request arrived, send
it again with the same key: it happens once, and the answer is the same for 24 hours.

Errors are problem documents (RFC 9457) with a stable `code`; its other members depend on the code.
`429` and `503` say in `Retry-After` how many seconds to wait. Every answer carries `X-Request-Id`,
which finds it in the server's log.

Ids are UUIDs in lower case. Times are ISO 8601 in UTC. Texts are trimmed before they are measured.
What is not yours does not exist: it is answered with `404`. A field that is not known is refused;
answers may gain fields.
"""


def document(
    routes: Iterable[Route],
    version: str,
    *,
    region: str = "",
    contact: str = "",
    undeclared: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The whole document as plain values.

    ``contact`` is an e-mail address or a web address. ``undeclared`` are ready path items of what
    is served without a declaration.
    """
    routes = list(routes)
    shapes = Shapes(*models_json_schema(_models(routes), ref_template=Shapes.TEMPLATE))
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, shapes)
    for path, item in (undeclared or {}).items():
        paths[path] = dict(item)
    tags = dict.fromkeys(
        name for item in paths.values() for each in item.values() for name in each["tags"]
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Vårdrum, {region}" if region else "Vårdrum",
            "summary": "Video visits and chat for public care",
            "description": INTRODUCTION,
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            **({"contact": _contact(contact)} if contact else {}),
        },
        # Wherever the document was fetched from.
        "servers": [{"url": "/", "description": "This server"}],
        "tags": [{"name": name, "description": _about(name)} for name in tags],
        "paths": paths,
        "components": {
            "schemas": shapes.schemas,
            "securitySchemes": {str(each): _cookie(each) for each in Audience},
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": dict(sorted(shapes.problems.items())),
        },
    }


def _models(routes: list[Route]) -> list[tuple[type[BaseModel], Any]]:
    found: list[tuple[type[BaseModel], Any]] = [
        (Problem, "serialization"),
        (Nothing, "validation"),
    ]
    for route in routes:
        if route.body is not None:
            found.append((route.body, "validation"))
        if route.query is not None:
            found.append((route.query, "validation"))
        if route.response is not None:
            found.append((route.response, "serialization"))
    return list(dict.fromkeys(found))


def _contact(contact: str) -> dict[str, str]:
    return {"url": contact} if "://" in contact else {"email": contact}


def _about(name: str) -> str:
    """What the slice's own package says of itself."""
    module = sys.modules.get(f"server.{name}")
    return ((module and module.__doc__) or name).strip()


def _cookie(audience: Audience) -> dict[str, str]:
    whom = {Audience.PATIENT: "patients", Audience.STAFF: "staff", Audience.GUEST: "guests"}[
        audience
    ]
    return {
        "type": "apiKey",
        "in": "cookie",
        "name": f"__Host-vardrum-{audience}",
        "description": (
            f"The session of {whom}, set by `POST /api/v1/{audience}/session`. Without HTTPS, as "
            f"on a developer's machine, the cookie is called `vardrum-{audience}`."
        ),
    }
