"""Every type that crosses the wire, as one JSON Schema document.

    python -m signaling.wire.schema

prints the hints, requests and acks of the socket together with the components and operations of
the OpenAPI document. The client's TypeScript is generated from it (`web-client/scripts/types.mjs`).
"""

import sys
from typing import Any, cast

import orjson
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from signaling.wire.hints import HINTS, ChatMessage
from signaling.wire.requests import REQUESTS, Refusal

_HERE = "#/$defs/"
_OPENAPI = "#/components/schemas/"


class NameTaken(Exception):
    """The socket and HTTP give one name to two different types."""


def document(http_schemas: dict[str, Any]) -> dict[str, Any]:
    """The document. `http_schemas` are the components of the OpenAPI document."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((hint, "serialization") for hint in HINTS),
        *((payload, "validation") for payload, _ in REQUESTS.values()),
        *((ack, "serialization") for _, ack in REQUESTS.values()),
        (Refusal, "serialization"),
        (ChatMessage, "serialization"),
    ]
    references, found = models_json_schema(
        list(dict.fromkeys(models)), ref_template=_HERE + "{model}"
    )
    definitions: dict[str, Any] = dict(found["$defs"])
    for name, schema in _moved(http_schemas).items():
        if name in definitions and _plain(definitions[name]) != _plain(schema):
            raise NameTaken(name)
        definitions[name] = schema
    events = {_name(hint): references[hint, "serialization"] for hint in HINTS}
    requests = {
        name: _object(
            {
                "payload": references[payload, "validation"],
                "ack": references[ack, "serialization"],
            }
        )
        for name, (payload, ack) in REQUESTS.items()
    }
    definitions["ServerEvents"] = _object(events, "What the server sends, by event name.")
    definitions["ClientEvents"] = _object(requests, "What a client may send, by event name.")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wire",
        **_object({name: {"$ref": _HERE + name} for name in ("ServerEvents", "ClientEvents")}),
        "$defs": {name: _plain(definitions[name]) for name in sorted(definitions)},
    }


def _name(hint: type[BaseModel]) -> str:
    return cast("str", hint.model_fields["type"].default)


def _object(properties: dict[str, Any], description: str | None = None) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return schema if description is None else {**schema, "description": description}


def _moved(schemas: dict[str, Any]) -> dict[str, Any]:
    text = orjson.dumps(schemas).replace(_OPENAPI.encode(), _HERE.encode())
    moved = cast("dict[str, Any]", orjson.loads(text))
    for name, schema in moved.items():
        # Answers always hold all of their fields. Requests are the closed ones, and a problem
        # leaves out what it does not have.
        answer = "properties" in schema and schema.get("additionalProperties") is not False
        if answer and name != "Problem":
            schema["required"] = list(schema["properties"])
    return moved


def _plain(schema: Any) -> Any:
    """The schema without pydantic's titles, each of which would become a type of its own."""
    if isinstance(schema, dict):
        # What stands beside a reference (a description, an example) would make it another type.
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        return {
            key: {name: _plain(each) for name, each in value.items()}
            if key == "properties"
            else _plain(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    return [_plain(each) for each in schema] if isinstance(schema, list) else schema


def operations(paths: dict[str, Any]) -> list[dict[str, Any]]:
    """Every call of the API: method, path, query, and the names of body and answer."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "query": {
                each["name"]: {"type": each["schema"]["type"], "required": each["required"]}
                for each in operation["parameters"]
                if each.get("in") == "query"
            },
            "body": _shape(operation.get("requestBody", {})),
            "answer": next(
                _shape(answer) for status, answer in operation["responses"].items() if status < "3"
            ),
        }
        for path, item in paths.items()
        for method, operation in item.items()
        if path.startswith("/api/v1/")
    ]


def _shape(told: dict[str, Any]) -> str | None:
    """The name of the type that a body or an answer has; None without one."""
    schema = told.get("content", {}).get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").rpartition("/")[2] or None


def printed() -> bytes:
    """Types and operations of this server as they are printed."""
    # Not at the top: the types alone need no server.
    from server.app.build import document as openapi

    http = openapi()
    types = document(http["components"]["schemas"])
    return orjson.dumps({"types": types, "operations": operations(http["paths"])}) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(printed())
