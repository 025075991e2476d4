"""Valid values made from a declared type's JSON schema: where mutation begins."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

Pools = Mapping[str, Sequence[Any]]
NOBODYS = "01890000-0000-7000-8000-0000000000aa"
"""A well-formed id of nothing."""


class Shape:
    """One declared type. `pools` gives fields by name the values that exist in the test's world."""

    def __init__(self, schema: Mapping[str, Any], pools: Pools) -> None:
        self._schema = schema
        self._defs: Mapping[str, Any] = schema.get("$defs", {})
        self._pools = pools

    def make(self, rng: Random) -> Any:
        """A value that the type accepts."""
        return self._make(rng, self._schema, "")

    def _make(self, rng: Random, schema: Mapping[str, Any], name: str) -> Any:
        if name in self._pools and "properties" not in schema:
            return rng.choice(self._pools[name])
        if "$ref" in schema:
            return self._make(rng, self._defs[schema["$ref"].rpartition("/")[2]], name)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return self._make(rng, rng.choice(schema[several]), name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        return self._plain(rng, schema)

    def _plain(self, rng: Random, schema: Mapping[str, Any]) -> Any:
        match schema.get("type"):
            case "object":
                required = schema.get("required", ())
                return {
                    key: self._make(rng, inner, key)
                    for key, inner in schema.get("properties", {}).items()
                    if key in required or rng.random() < 0.7
                }
            case "array":
                most = min(schema.get("maxItems", 3), 3)
                least = schema.get("minItems", 0)
                count = rng.randrange(least, max(least, most) + 1)
                return [self._make(rng, schema["items"], "") for _ in range(count)]
            case "string":
                if "pattern" in schema or schema.get("format") == "uuid":
                    return NOBODYS
                return rng.choice(("x", "Ont i halsen", "åäö 🩺"))
            case "integer" | "number":
                return rng.choice((1, 2, 7, schema.get("minimum", 0), schema.get("maximum", 9)))
            case "boolean":
                return rng.random() < 0.5
            case _:
                return None
