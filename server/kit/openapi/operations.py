"""What each route takes: its name and words, parameters, body, and whose session."""

import inspect
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel

from server.kit.dispatch import Nothing
from server.kit.http import Route
from server.kit.openapi import answers
from server.kit.openapi.examples import example

PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "A UUID made by the client, kept when it sends again.",
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]{8,64}$"},
        "example": "0f8fad5b-d9cb-469f-a165-70867728950e",
    },
    "Vardrum": {
        "name": "X-Vardrum",
        "in": "header",
        "required": True,
        "description": "Shows that no foreign page sent the request.",
        "schema": {"type": "string", "const": "1"},
        "example": "1",
    },
}


@dataclass(frozen=True, slots=True)
class Shapes:
    """Every model of the document: how to refer to it, and what it looks like."""

    TEMPLATE: ClassVar[str] = "#/components/schemas/{model}"

    references: dict[Any, Any]
    definitions: dict[str, Any]
    problems: dict[str, Any] = field(default_factory=dict)

    @property
    def schemas(self) -> dict[str, Any]:
        """The schemas by name."""
        found: dict[str, Any] = self.definitions.get("$defs", {})
        return found

    def of(self, model: type[BaseModel], mode: str) -> dict[str, Any]:
        """A reference to the model's schema (mode: validation, serialization)."""
        found: dict[str, Any] = self.references[model, mode]
        return found

    def look_up(self, reference: str) -> dict[str, Any]:
        """The schema behind a reference."""
        found: dict[str, Any] = self.schemas[reference.rpartition("/")[2]]
        return found


def tag(route: Route) -> str:
    """The slice that serves the route."""
    return str(route.handler.__module__.split(".")[1])


def operation_id(route: Route) -> str:
    """A name for generated clients. Slices use the same plain words for their handlers."""
    name = f"{tag(route)}_{route.handler.__name__}"
    return f"{route.audience}_{name}" if route.audience else name


def operation(route: Route, shapes: Shapes) -> dict[str, Any]:
    """The route as an operation of the document."""
    found: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary.rstrip("."),
        "description": inspect.getdoc(route.handler) or route.summary,
        "tags": [tag(route)],
        "security": _security(route),
        "parameters": _parameters(route, shapes),
    }
    # HTTP gives a body of DELETE no meaning (RFC 9110 §9.3.5), though `{}` is let pass.
    if route.mutating and route.method != "DELETE":
        schema = shapes.of(route.body or Nothing, "validation")
        found["requestBody"] = {
            "required": route.body is not None,
            "description": f"At most {route.limit // 1024} KiB.",
            "content": {
                "application/json": {"schema": schema, "example": example(schema, shapes.look_up)}
            },
        }
    found["responses"] = answers.responses(route, shapes)
    return found


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.permission.audience is not None:
        return [{str(route.permission.audience): []}]
    # Whoever has a session may show it, as logging out does; nobody must.
    return [] if route.audience is None else [{}, {str(route.audience): []}]


def _parameters(route: Route, shapes: Shapes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": f"Which {name.removesuffix('_id').replace('_', ' ')}.",
            "schema": {"type": "string", "format": "uuid"},
            "example": example({"type": "string", "format": "uuid"}, shapes.look_up),
        }
        for name in route.parameters
    ]
    if route.mutating:
        found += [{"$ref": f"#/components/parameters/{name}"} for name in PARAMETERS]
    if route.query is not None:
        schema = shapes.look_up(shapes.of(route.query, "validation")["$ref"])
        required = schema.get("required", [])
        found += [
            _query(name, values, name in required) for name, values in schema["properties"].items()
        ]
    return found


def _query(name: str, values: dict[str, Any], required: bool) -> dict[str, Any]:
    shape = {key: value for key, value in values.items() if key not in ("title", "description")}
    # A query string has no null: what is not said is left out.
    if "anyOf" in shape:
        (kept,) = (each for each in shape.pop("anyOf") if each.get("type") != "null")
        shape.pop("default", None)
        shape |= kept
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": values.get("description", ""),
        "schema": shape,
    }
