"""An example of every shape, put together from the examples of its fields."""

from collections.abc import Callable
from typing import Any

# Where a field brings no example of its own.
_TEXTS = {
    "uuid": "0198f0a2-6f3b-7c41-9d2e-5b8a17c0e4d6",
    "date-time": "2026-03-02T09:00:00Z",
    "date": "1991-05-17",
}


def example(schema: dict[str, Any], look_up: Callable[[str], dict[str, Any]]) -> Any:
    """A value that the schema allows. ``look_up`` finds the schema behind a reference."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        return example(look_up(schema["$ref"]), look_up)
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in schema:
            # The last says most: nothing comes first, and null is no example.
            told = [each for each in schema[alternatives] if each.get("type") != "null"]
            return example(told[-1], look_up)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: example(each, look_up) for name, each in fields.items()}
        case "array":
            return [example(schema["items"], look_up)] if "items" in schema else []
        case "boolean":
            return schema.get("default", False)
        case "integer" | "number":
            return schema.get("default", schema.get("minimum", 1))
        case "string":
            return _TEXTS.get(schema.get("format", ""), "text")
        case _:
            return None
