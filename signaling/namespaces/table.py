"""Which event is handled by what, and who may send it. Nothing declared means: nobody may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from server.kit.permissions import Permission, Scopes, unscoped
from signaling.wire.base import Wire
from signaling.wire.requests import REQUESTS, Ack

H = TypeVar("H", bound=Callable[..., Awaitable[Ack]])


class Repeat(Enum):
    """What sending an event again does, as when its answer was lost. Every event says it."""

    KEYED = "keyed"
    """Its ``client_id`` is its key: the same answer again, a refusal with another body."""
    READS = "reads"
    """It changes nothing."""
    SETS = "sets"
    """It says how things are to be, and again so."""
    REPLACES = "replaces"
    """It opens something that lives with the socket, in the place of what it opened before."""
    PASSES = "passes"
    """It is passed on once more, to devices that know it for the same."""


class DeclarationError(Exception):
    """An event is declared wrongly. The server does not start."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event in one namespace."""

    name: str
    permission: Permission
    payload: type[Wire]
    handler: Callable[..., Awaitable[Ack]]
    repeat: Repeat
    scope: Scopes
    omits: bool


class EventTable:
    """The events of one theme. A decorator names the permission for each namespace."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], Event] = {}

    def on(
        self,
        name: str,
        *,
        repeat: Repeat,
        patient: Permission | None = None,
        staff: Permission | None = None,
        guest: Permission | None = None,
        scope: Scopes | None = None,
        omits: bool = False,
    ) -> Callable[[H], H]:
        """Declare the handler of an event, in the namespaces for which a permission is given.

        ``repeat`` says what a second sending does, ``scope`` of every id in the payload whose the
        thing must be. ``omits``: what is not the caller's is passed over in the answer, where other
        events are refused.
        """

        def declare(handler: H) -> H:
            given = {"/patient": patient, "/staff": staff, "/guest": guest}
            if name not in REQUESTS:
                raise DeclarationError(f"{name} is no event of the protocol")
            if all(permission is None for permission in given.values()):
                raise DeclarationError(f"{name} declares no permission")
            payload = REQUESTS[name][0]
            if (repeat is Repeat.KEYED) != ("client_id" in payload.model_fields):
                raise DeclarationError(f"{name}: a client_id is what makes an event keyed")
            if wrong := unscoped(scope or {}, (), payload):
                raise DeclarationError(f"{name} {wrong}")
            for namespace, permission in given.items():
                if permission is None:
                    continue
                if permission.audience != namespace.removeprefix("/"):
                    raise DeclarationError(f"{name}: {permission} makes no sense in {namespace}")
                event = Event(name, permission, payload, handler, repeat, scope or {}, omits)
                self._add(namespace, event)
            return handler

        return declare

    def include(self, other: "EventTable") -> None:
        """Take in the events of another table."""
        for (namespace, _name), event in other.events.items():
            self._add(namespace, event)

    def check_complete(self) -> None:
        """Raise unless every event of the protocol has a handler."""
        if missing := REQUESTS.keys() - {name for _namespace, name in self.events}:
            raise DeclarationError(f"nobody handles {sorted(missing)}")

    def find(self, namespace: str, name: str) -> Event | None:
        """The event, if it exists in this namespace."""
        return self.events.get((namespace, name))

    def _add(self, namespace: str, event: Event) -> None:
        if (namespace, event.name) in self.events:
            raise DeclarationError(f"{event.name} is declared twice in {namespace}")
        self.events[namespace, event.name] = event


Answer = dict[str, Any]
