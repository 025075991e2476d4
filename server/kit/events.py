"""Domain events: small facts that a unit of work adds to the outbox.

An event class is a frozen dataclass of texts, numbers and booleans, registered by its ``kind``:

    @register_event
    @dataclass(frozen=True, slots=True)
    class TicketJoined(Event):
        kind: ClassVar[str] = "ticket.joined"
        ticket_id: str

Listeners that must succeed or fail with the event itself are hooks (``on``): they run at once, in
the same transaction. Everything else subscribes to the database and is told after COMMIT.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, TypeAlias, TypeVar

Scalar: TypeAlias = "str | int | bool | None"


class Event:
    """The base of every event."""

    __slots__ = ()
    kind: ClassVar[str]
    # Whether a field holds what a person wrote: then the outbox forgets the fields once delivered.
    personal: ClassVar[bool] = False


E = TypeVar("E", bound=Event)
# The first argument is the unit of work. It is not named here: pure domain modules import this one.
Hook: TypeAlias = Callable[[Any, Any], None]

_kinds: dict[str, type[Event]] = {}
_hooks: dict[type[Event], list[Hook]] = {}


def register_event(cls: type[E]) -> type[E]:
    """Make the class known by its ``kind``, so that it can be read back from the outbox."""
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} must be a dataclass")
    known = _kinds.get(cls.kind)
    if known is not None and known.__qualname__ != cls.__qualname__:
        raise TypeError(f"two events of kind {cls.kind!r}: {known.__name__} and {cls.__name__}")
    _kinds[cls.kind] = cls
    return cls


def encode(event: Event) -> dict[str, Scalar]:
    """The event's fields as plain values."""
    return plain(event, event.kind)


def plain(record: object, kind: str) -> dict[str, Scalar]:
    """The fields of a dataclass as plain values; ``TypeError`` if one is of another type."""
    if not is_dataclass(record):
        raise TypeError(f"{type(record).__name__} must be a dataclass")
    values: dict[str, Scalar] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if value is not None and not isinstance(value, str | int):
            raise TypeError(f"{kind}.{field.name} is no text, number or boolean")
        # A StrEnum is stored as its plain text.
        values[field.name] = str(value) if isinstance(value, str) else value
    return values


def decode(kind: str, values: Mapping[str, Scalar]) -> Event:
    """The event again. ``KeyError`` for an unknown kind; fields it no longer has are dropped."""
    cls = _kinds[kind]
    names = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    return cls(**{name: value for name, value in values.items() if name in names})


def personal_kinds() -> list[str]:
    """The kinds of events that hold what a person wrote."""
    return [kind for kind, cls in _kinds.items() if cls.personal]


def on(event_type: type[E], hook: Callable[[Any, E], None]) -> None:
    """Call ``hook(unit_of_work, event)`` in the same transaction whenever the event is added.

    Registering the same function again changes nothing.
    """
    hooks = _hooks.setdefault(event_type, [])
    if hook not in hooks:
        hooks.append(hook)


def hooks_for(event: Event) -> tuple[Hook, ...]:
    """The hooks of the event's class, in the order in which they were registered."""
    return tuple(_hooks.get(type(event), ()))
