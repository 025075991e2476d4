"""What declares too little does not start: routes and events alike."""

from typing import Any

import pytest

from server.kit import http
from server.kit.http import In
from server.kit.permissions import Permission, Scope
from signaling.namespaces import table
from signaling.namespaces.table import Repeat
from signaling.wire.requests import REQUESTS, Ack
from signaling.wire.requests import Sync as SyncPayload

pytestmark = pytest.mark.permissions
#: Events that carry no id of anything.
WITHOUT_IDS = {"queue.unwatch", "check.join"}


class Inner(In):
    """A thing in a thing."""

    visit_id: str


class Nested(In):
    """Ids deep inside a body."""

    things: list[Inner] | None = None


class Page(In):
    """A query."""

    after: int = 0


async def _thing(ctx: http.Context, thing_id: str) -> None: ...
async def _body(ctx: http.Context, body: Nested) -> None: ...
async def _query(ctx: http.Context, query: Page) -> None: ...


ROUTES: list[tuple[Any, str, dict[str, Scope] | None, str]] = [
    (_thing, "/{thing_id}", None, r"whose \['thing_id'\] must be"),
    (_thing, "/{thing_id}", {}, r"whose \['thing_id'\] must be"),
    (_thing, "/{thing_id}", {"thing_id": Scope.OWNER, "x_id": Scope.OWNER}, "does not take"),
    (_body, "", None, r"whose \['visit_id'\] must be"),
    (_query, "", {"before": Scope.OWNER}, "does not take"),
]


@pytest.mark.parametrize(("handler", "path", "scope", "why"), ROUTES)
def test_a_route_says_whose_every_id_must_be(
    handler: Any, path: str, scope: dict[str, Scope] | None, why: str
) -> None:
    routes = http.RouteTable()
    declare = routes.post(f"/api/v1/patient/x{path}", permission=Permission.PATIENT, scope=scope)
    with pytest.raises(http.DeclarationError, match=why):
        declare(handler)
    assert not routes


def test_a_route_that_says_so_starts() -> None:
    routes = http.RouteTable()
    options: dict[str, Any] = {"permission": Permission.PATIENT}
    routes.post("/api/v1/patient/a/{thing_id}", scope={"thing_id": Scope.OWNER}, **options)(_thing)
    routes.post("/api/v1/patient/b", scope={"visit_id": Scope.PARTY}, **options)(_body)
    routes.get("/api/v1/patient/c", scope={"after": Scope.ANYBODY}, **options)(_query)
    assert [len(route.scope) for route in routes] == [1, 1, 1]


async def _handler() -> Ack:
    return Ack()


def _repeat(name: str) -> Repeat:
    return Repeat.KEYED if "client_id" in REQUESTS[name][0].model_fields else Repeat.SETS


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() - WITHOUT_IDS))
def test_an_event_says_whose_every_id_must_be(name: str) -> None:
    events = table.EventTable()
    with pytest.raises(table.DeclarationError, match="must be"):
        events.on(name, repeat=_repeat(name), staff=Permission.STAFF)(_handler)
    assert not events.events


def test_also_the_ids_in_the_lists_of_an_event() -> None:
    events = table.EventTable()
    scope = {"visit_id": Scope.PARTY, "ticket_id": Scope.OWNER}
    assert set(SyncPayload.model_fields) == {"visits", "tickets", "queue"}
    with pytest.raises(table.DeclarationError, match=r"whose \['clinic_id'\] must be"):
        events.on("sync", repeat=Repeat.READS, staff=Permission.STAFF, scope=scope)(_handler)


@pytest.mark.parametrize(
    ("name", "repeat"), [("message.send", Repeat.SETS), ("sync", Repeat.KEYED)]
)
def test_an_event_is_keyed_by_what_it_carries(name: str, repeat: Repeat) -> None:
    events = table.EventTable()
    with pytest.raises(table.DeclarationError, match="client_id"):
        events.on(name, repeat=repeat, staff=Permission.STAFF)(_handler)
    assert not events.events
