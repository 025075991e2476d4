"""The OpenAPI 3.1 document, made of the same declarations that serve the requests."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from server.kit.actor import Audience
from server.kit.edge import Forgery, KeyMissing
from server.kit.errors import (
    Busy,
    Denied,
    DomainError,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthenticated,
)
from server.kit.http import Route
from server.kit.idempotency import KeyReused
from server.kit.permissions import Permission


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


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The whole document as plain values."""
    routes = list(routes)
    models: list[tuple[type[BaseModel], Any]] = [(Problem, "serialization")]
    for route in routes:
        if route.body is not None:
            models.append((route.body, "validation"))
        if route.query is not None:
            models.append((route.query, "validation"))
        if route.response is not None:
            models.append((route.response, "serialization"))
    references, definitions = models_json_schema(
        list(dict.fromkeys(models)), ref_template="#/components/schemas/{model}"
    )
    schemas = definitions.get("$defs", {})
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(
            route, references, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vårdrum",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                str(audience): {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": f"__Host-vardrum-{audience}",
                    "description": f"Without HTTPS the cookie is called vardrum-{audience}.",
                }
                for audience in Audience
            },
            "parameters": {
                "IdempotencyKey": {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "required": True,
                    "description": "A UUID made by the client, kept when it sends again.",
                    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
                },
                "Vardrum": {
                    "name": "X-Vardrum",
                    "in": "header",
                    "required": True,
                    "description": "Shows that no foreign page sent the request.",
                    "schema": {"type": "string", "const": "1"},
                },
            },
        },
    }


def _operation(route: Route, references: dict[Any, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    slice_name = route.handler.__module__.split(".")[1]
    # Slices use the same plain words for their handlers.
    name = f"{slice_name}_{route.handler.__name__}"
    operation: dict[str, Any] = {
        "operationId": f"{route.audience}_{name}" if route.audience else name,
        "summary": route.summary,
        "tags": [slice_name],
        "parameters": _parameters(route, references, schemas),
        "responses": {},
    }
    if route.permission is not Permission.PUBLIC:
        operation["security"] = [{str(route.permission.audience): []}]
    if route.body is not None:
        schema = references[route.body, "validation"]
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    if route.response is None:
        operation["responses"]["204"] = {"description": "Done"}
    else:
        schema = references[route.response, "serialization"]
        operation["responses"][str(route.status)] = {
            "description": "Done",
            "content": {"application/json": {"schema": schema}},
        }
    for status, codes in sorted(_errors(route).items()):
        operation["responses"][str(status)] = _problem(codes)
    return operation


def _parameters(
    route: Route, references: dict[Any, Any], schemas: dict[str, Any]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in route.parameters
    ]
    if route.mutating:
        found += [
            {"$ref": f"#/components/parameters/{name}"} for name in ("IdempotencyKey", "Vardrum")
        ]
    if route.query is not None:
        reference = references[route.query, "validation"]["$ref"]
        schema = schemas[reference.rpartition("/")[2]]
        required = schema.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": values}
            for name, values in schema["properties"].items()
        ]
    return found


def _errors(route: Route) -> dict[int, list[str]]:
    """The codes that the route may answer with, by status."""
    expected: list[type[DomainError]] = [*route.errors, Busy]
    if route.permission is not Permission.PUBLIC:
        expected.append(Unauthenticated)
    if route.permission is Permission.CLINICIAN:
        expected.append(Denied)
    if route.mutating:
        expected += [Forgery, KeyMissing, KeyReused, Malformed, TooLarge, Invalid]
    if route.query is not None:
        expected.append(Invalid)
    if route.parameters:
        expected.append(NotFound)
    by_status: dict[int, list[str]] = {500: ["server.error"]}
    for error in expected:
        codes = by_status.setdefault(error.status, [])
        if error.code not in codes:
            codes.append(error.code)
    return by_status


def _problem(codes: list[str]) -> dict[str, Any]:
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"properties": {"code": {"enum": codes}}},
                    ]
                }
            }
        },
    }
