"""A well-formed body for any model, so that a call gets past the form to the permission."""

import uuid
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel

#: Texts of which not any will do.
_TEXTS = {"public_key": "A" * 87, "sealed": "AAAA", "day": "2026-12-24"}


def example(model: type[BaseModel], ids: Mapping[str, Any]) -> dict[str, Any]:
    """Every field with the first thing that it may be; the ids as given."""
    return {name: _value(name, field.annotation, ids) for name, field in model.model_fields.items()}


def _value(name: str, kind: Any, ids: Mapping[str, Any]) -> Any:
    if name in ids:
        return ids[name]
    if name in _TEXTS:
        return _TEXTS[name]
    if not isinstance(kind, type):
        inner = [part for part in get_args(kind) if part is not type(None)]
        first = inner[0]
        if getattr(kind, "__origin__", None) is list:
            return [_value(name, first, ids)]
        return first if isinstance(first, str) else _value(name, first, ids)
    if issubclass(kind, BaseModel):
        return example(kind, ids)
    if issubclass(kind, Enum):
        return next(iter(kind)).value
    if issubclass(kind, uuid.UUID):
        return str(uuid.uuid4())
    return {bool: True, int: 0, float: 0.0, str: "v=0"}[kind]
