"""The matrix of routes: every caller at every route, by nothing but its declaration."""

import pytest

from server.app.build import all_routes
from server.kit.actor import Audience
from server.kit.http import Route
from server.kit.permissions import Permission, Scope
from tests.permissions.arena import NAMES, TEXTS, Arena, Rows
from tests.permissions.callers import CALLERS, INSIDE, Session, Verdict
from tests.support import Reply

pytestmark = pytest.mark.permissions
ROUTES = all_routes()
every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
MUTATING = [route for route in ROUTES if route.mutating]
every_change = pytest.mark.parametrize("route", MUTATING, ids=lambda r: f"{r.method} {r.path}")
STATUS = {
    Verdict.NO_SESSION: 401,
    Verdict.DENIED: 403,
    Verdict.NOT_FOUND: 404,
    Verdict.NO_COMMISSION: 422,
    Verdict.OFF_DUTY: 409,
    Verdict.NOT_ADMITTED: 403,
}


def _leaks(reply: Reply) -> list[str]:
    return [secret for secret in (*NAMES, *TEXTS) if secret.encode() in reply.body]


@every_route
async def test_everybody_at(arena: Arena, route: Route) -> None:
    verdicts = {each.name: each.verdict(route.permission, route.scope) for each in CALLERS}
    before = await arena.rows()
    # First all that must change nothing, in a world that is still whole.
    for name, verdict in verdicts.items():
        if verdict is not Verdict.PASSED:
            session = arena.sessions[name]
            reply = await arena.call(session, route)
            told = reply.status, reply.json["code"]
            assert told == (STATUS[verdict], verdict.value), (name, reply.json)
            assert not _leaks(reply), name
            # What is somebody else's can't be told from what does not exist.
            missing = await arena.call(session, route, missing=True)
            assert (reply.status, reply.body) == (missing.status, missing.body), name
            assert await arena.rows() == before, name
    for name, verdict in verdicts.items():
        if verdict is Verdict.PASSED:
            await _passes(arena, arena.sessions[name], route)


async def _passes(arena: Arena, session: Session, route: Route) -> None:
    name, before = session.caller.name, await arena.rows()
    reply = await arena.call(session, route)
    if route.permission is Permission.PUBLIC:
        # A login with an invented password is refused; nobody is sent away for want of a session.
        code = (reply.json or {}).get("code")
        assert code not in {verdict.value for verdict in STATUS}, (name, reply.json)
        assert reply.status < 500
        assert not _leaks(reply)
        return
    assert reply.status < 300 or reply.status == 409, (name, reply.json)
    _logged(session, _read(session, reply), before, await arena.rows())


def _read(session: Session, reply: Reply) -> list[str]:
    """The care data in the answer; one's own name is none."""
    leaks = _leaks(reply)
    return leaks if session.caller.audience is Audience.STAFF else [s for s in leaks if s in TEXTS]


def _logged(session: Session, read: list[str], before: Rows, after: Rows) -> None:
    if not read:
        return
    assert session.account is not None
    new = [row for row in after["access_log"] if row not in before["access_log"]]
    new += [row for row in after["queue_views"] if row not in before["queue_views"]]
    assert any(session.account.id in row for row in new), f"{read} was read without a line"


async def test_the_matrix_sees_what_it_looks_for(arena: Arena) -> None:
    """The secrets are really there to be leaked, and reads of them really leave lines."""
    seen: set[str] = set()
    for route in ROUTES:
        for name in ("the patient", "the clinician"):
            if route.method == "GET":
                reply = await arena.call(arena.sessions[name], route)
                seen |= set(_leaks(reply))
    assert seen == {*NAMES[:1], *TEXTS}
    logged = (await arena.rows())["access_log"]
    actors = {arena.sessions[name].account for name in ("the patient", "the clinician")}
    assert all(any(each.id in row for row in logged) for each in actors if each is not None)


FORGED: tuple[tuple[dict[str, str], int, str], ...] = (
    ({"X-Vardrum": ""}, 403, "request.forgery"),
    ({"X-Vardrum": "yes"}, 403, "request.forgery"),
    ({"Origin": "https://elsewhere.example"}, 403, "request.forgery"),
    ({"Origin": "null"}, 403, "request.forgery"),
    ({"Idempotency-Key": ""}, 400, "request.idempotency_key"),
    ({"Idempotency-Key": "x"}, 400, "request.idempotency_key"),
)


@every_change
async def test_changes_come_from_our_pages_and_once(arena: Arena, route: Route) -> None:
    name = INSIDE[route.audience or Audience.PATIENT]
    if route.permission is Permission.ADMINISTRATOR:
        name = "an administrator"
    before = await arena.rows()
    for headers, status, code in FORGED:
        reply = await arena.call(arena.sessions[name], route, headers=headers)
        assert (reply.status, reply.json["code"]) == (status, code), headers
        assert not _leaks(reply)
        assert await arena.rows() == before


# Whoever adds a page for everybody, outside the declarations, says so here too.
OPEN_TO_ALL = {
    "/health/live",
    "/health/ready",
    "/api",
    "/api/reference.css",
    "/api/v1/openapi.json",
}


async def test_what_is_no_declared_route_is_public_and_tells_nothing(arena: Arena) -> None:
    declared = {(route.method, route.path) for route in ROUTES}
    others = {
        (each.method, each.resource.canonical)
        for each in arena.app.router.routes()
        if each.resource is not None
    } - declared
    found = {path for method, path in others if method == "GET"}
    assert found == OPEN_TO_ALL | {"/socket.io/"}
    # aiohttp answers HEAD wherever it answers GET; the socket has a matrix of its own.
    assert {method for method, path in others if path not in found} <= {"HEAD", "OPTIONS"}
    for path in OPEN_TO_ALL:
        for name in ("nobody", "the clinician"):
            reply = await arena.request(arena.sessions[name], "GET", path)
            assert reply.status == 200
            assert not _leaks(reply)


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_is_somebodys_and_not_everybodys(scope: Scope) -> None:
    may = {each.name for each in CALLERS if scope in {*each.may, Scope.ANYBODY}}
    assert may
    assert scope is Scope.ANYBODY or len(may) < len(CALLERS)
