"""Routes from typed handlers: what goes in, what comes out, what is refused."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import Field

from server.app import create_app
from server.kit import dispatch, idempotency, openapi
from server.kit.actor import Audience
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork
from server.kit.errors import Conflict
from server.kit.http import Context, DeclarationError, In, Out, RouteTable
from server.kit.ids import new_id
from server.kit.permissions import Permission
from server.kit.settings import Settings
from server.login.routes import LOGIN
from tests.support import Api, People

routes: RouteTable = RouteTable()
calls: list[str] = []


class NoteIn(In):
    """A body."""

    text: str = Field(min_length=1, max_length=20)
    number: int = 0


class NoteOut(Out):
    """An answer."""

    text: str
    made: str


class PageIn(In):
    """A query."""

    after: int = 0
    mine: bool = False


class Refused(Conflict):
    """409 of these tests."""

    code = "test.refused"


def _write(_uow: UnitOfWork, text: str) -> str:
    calls.append(text)
    if text == "refuse":
        raise Refused("No.", why="because")
    return text


@routes.post("/api/v1/patient/notes", permission=Permission.PATIENT, status=201, errors=(Refused,))
async def write(ctx: Context, body: NoteIn) -> NoteOut:
    """Write a note."""
    return await ctx.command(_write, body.text, out=lambda text: NoteOut(text=text, made=new_id()))


@routes.delete("/api/v1/patient/notes/{note_id}", permission=Permission.PATIENT)
async def remove(ctx: Context, note_id: str) -> None:
    """Remove a note."""
    await ctx.command(_write, note_id, out=lambda _text: None)


@routes.get("/api/v1/staff/notes/{note_id}", permission=Permission.CLINICIAN)
async def read(ctx: Context, note_id: str, query: PageIn) -> NoteOut:
    """Read a note."""
    if query.after == 500:
        raise ValueError("a secret that must not leave")
    return NoteOut(text=f"{note_id} {query.after} {query.mine}", made=ctx.actor.name)


@pytest.fixture
async def api(settings: Settings, database: Database) -> AsyncIterator[Api]:
    app = create_app(settings, database)
    dispatch.register(app, routes)
    calls.clear()
    server = TestServer(app)
    await server.start_server()
    made = Api(app, server)
    yield made
    await made.close()
    await server.close()


@pytest.fixture
async def patient(api: Api, people: People) -> Api:
    return await api.as_(await people.patient())


async def test_a_repeated_request_gets_the_same_answer(patient: Api) -> None:
    key = str(uuid.uuid4())
    first = await patient.post("/api/v1/patient/notes", {"text": " a "}, key=key)
    again = await patient.post("/api/v1/patient/notes", {"text": " a "}, key=key)
    assert first.status == again.status == 201
    assert first.body == again.body
    assert first.json["text"] == "a"
    assert calls == ["a"]
    fresh = await patient.post("/api/v1/patient/notes", {"text": " a "})
    assert fresh.json["made"] != first.json["made"]


async def test_the_same_request_many_times_at_once_happens_once(patient: Api) -> None:
    key = str(uuid.uuid4())
    replies = await asyncio.gather(
        *(patient.post("/api/v1/patient/notes", {"text": "b"}, key=key) for _ in range(20))
    )
    assert len({reply.body for reply in replies}) == 1
    assert calls == ["b"]


async def test_a_key_stands_for_one_request(patient: Api) -> None:
    key = str(uuid.uuid4())
    await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    other = await patient.post("/api/v1/patient/notes", {"text": "b"}, key=key)
    assert (other.status, other.json["code"]) == (422, "request.idempotency_reuse")
    elsewhere = await patient.delete(f"/api/v1/patient/notes/{new_id()}", key=key)
    assert elsewhere.json["code"] == "request.idempotency_reuse"


async def test_keys_of_two_people_are_apart(patient: Api, api: Api, people: People) -> None:
    key = str(uuid.uuid4())
    other = await api.as_(await people.patient())
    mine = await patient.post("/api/v1/patient/notes", {"text": "a"}, key=key)
    hers = await other.post("/api/v1/patient/notes", {"text": "b"}, key=key)
    assert (mine.json["text"], hers.json["text"]) == ("a", "b")


async def test_an_error_is_not_remembered(patient: Api) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        reply = await patient.post("/api/v1/patient/notes", {"text": "refuse"}, key=key)
        assert (reply.status, reply.json["code"], reply.json["why"]) == (
            409,
            "test.refused",
            "because",
        )
        assert reply.headers["Content-Type"].startswith("application/problem+json")
    assert calls == ["refuse", "refuse"]


async def test_an_empty_answer_is_remembered_too(patient: Api) -> None:
    key, path = str(uuid.uuid4()), f"/api/v1/patient/notes/{new_id()}"
    assert (await patient.delete(path, key=key)).status == 204
    assert (await patient.delete(path, key=key)).status == 204
    assert len(calls) == 1


async def test_answers_are_forgotten_after_a_day(
    patient: Api, database: Database, clock: FrozenClock
) -> None:
    await patient.post("/api/v1/patient/notes", {"text": "a"})
    assert await database.write(lambda uow: idempotency.forget_old(uow.conn, uow.now)) == 0
    clock.advance(idempotency.KEPT * 1.01)
    assert await database.write(lambda uow: idempotency.forget_old(uow.conn, uow.now)) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "white space", "é" * 10])
async def test_a_change_needs_a_key(patient: Api, key: str) -> None:
    reply = await patient.post(
        "/api/v1/patient/notes", {"text": "a"}, headers={"Idempotency-Key": key}
    )
    assert (reply.status, reply.json["code"]) == (400, "request.idempotency_key")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Vardrum": ""},
        {"X-Vardrum": "2"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "//"},
    ],
)
async def test_forged_requests_are_refused(patient: Api, headers: dict[str, str]) -> None:
    reply = await patient.post("/api/v1/patient/notes", {"text": "a"}, headers=headers)
    assert (reply.status, reply.json["code"]) == (403, "request.forgery")
    assert calls == []


async def test_our_own_origin_passes(patient: Api) -> None:
    origin = str(patient.server.make_url("/")).rstrip("/")
    reply = await patient.post("/api/v1/patient/notes", {"text": "a"}, headers={"Origin": origin})
    assert reply.status == 201


BODIES: list[tuple[bytes, int, str, str | None]] = [
    (b"", 400, "request.malformed", None),
    (b"{", 400, "request.malformed", None),
    (b'{"text": "\xff"}', 400, "request.malformed", None),
    (b'{"text": "\\ud800"}', 400, "request.malformed", None),
    (b"[]", 422, "request.invalid", None),
    (b"{}", 422, "request.invalid", "text"),
    (b'{"text": "   "}', 422, "request.invalid", "text"),
    (b'{"text": 7}', 422, "request.invalid", "text"),
    (b'{"text": "a", "number": "7"}', 422, "request.invalid", "number"),
    (b'{"text": "a", "extra": 1}', 422, "request.invalid", "extra"),
    (b'{"text": "a\\u0000"}', 422, "request.invalid", "text"),
    (b'{"text": "' + b"x" * 21 + b'"}', 422, "request.invalid", "text"),
    (b'{"text": "' + b"x" * 70_000 + b'"}', 413, "request.too_large", None),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), BODIES)
async def test_bad_bodies(
    patient: Api, body: bytes, status: int, code: str, field: str | None
) -> None:
    reply = await patient.request("POST", "/api/v1/patient/notes", data=body)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.json.get("field") == field
    if field is not None:
        assert reply.json["errors"][0]["field"] == field
        assert set(reply.json["errors"][0]) == {"field", "code", "message"}


async def test_a_body_that_is_not_encoded_as_it_says(patient: Api) -> None:
    reply = await patient.request(
        "POST", "/api/v1/patient/notes", data=b"no gzip", headers={"Content-Encoding": "gzip"}
    )
    assert (reply.status, reply.json["code"]) == (400, "request.malformed")


async def test_a_cookie_of_bytes_is_no_session(api: Api) -> None:
    assert api.server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", api.server.port)
    writer.write(
        b"GET /api/v1/patient/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Cookie: vardrum-patient=\xff\xfe\r\n\r\n"
    )
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"session.required" in answer


async def test_a_chunked_body_is_limited_too(patient: Api) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    reply = await patient.request("POST", "/api/v1/patient/notes", data=endless())
    assert (reply.status, reply.json["code"]) == (413, "request.too_large")


async def test_a_body_where_none_is_meant(patient: Api) -> None:
    path = f"/api/v1/patient/notes/{new_id()}"
    assert (await patient.request("DELETE", path, data=b"{}")).status == 204
    reply = await patient.request("DELETE", path, data=b'{"a": 1}')
    assert (reply.status, reply.json["code"]) == (422, "request.invalid")


async def test_who_may(api: Api, people: People) -> None:
    clinic = await people.clinic()
    path = f"/api/v1/staff/notes/{new_id()}"
    assert (await api.get(path)).json["code"] == "session.required"
    patient = await api.as_(await people.patient())
    assert (await patient.get(path)).status == 401
    idle = await api.as_(await people.clinician())
    refused = await idle.get(path)
    assert (refused.status, refused.json["code"]) == (403, "permission.denied")
    working = await api.as_(await people.clinician(clinic))
    reply = await working.get(f"{path}?after=3&mine=true")
    assert reply.status == 200
    assert reply.json["text"].endswith(" 3 True")
    # A session is asked for before anything is read, so a stranger learns nothing from it.
    assert (await api.post("/api/v1/patient/notes", {"wrong": 1})).status == 401


async def test_queries_are_checked(api: Api, people: People) -> None:
    working = await api.as_(await people.clinician(await people.clinic()))
    path = f"/api/v1/staff/notes/{new_id()}"
    for query in ("?after=x", "?other=1", "?mine=perhaps"):
        reply = await working.get(path + query)
        assert (reply.status, reply.json["code"]) == (422, "request.invalid"), query


@pytest.mark.parametrize(
    "note_id", ["1", "x" * 36, "..%2f..", "%00", "0000000G-0000-7000-8000-000000000000"]
)
async def test_an_id_that_is_none_is_not_found(api: Api, people: People, note_id: str) -> None:
    working = await api.as_(await people.clinician(await people.clinic()))
    reply = await working.get(f"/api/v1/staff/notes/{note_id}")
    assert (reply.status, reply.json["code"]) == (404, "not_found")


async def test_a_fault_tells_nothing_of_itself(api: Api, people: People) -> None:
    working = await api.as_(await people.clinician(await people.clinic()))
    reply = await working.get(f"/api/v1/staff/notes/{new_id()}?after=500")
    assert (reply.status, reply.json["code"]) == (500, "server.error")
    assert b"secret" not in reply.body
    assert reply.json["request_id"] == reply.headers["X-Request-Id"]


async def test_the_framework_speaks_our_form(api: Api) -> None:
    missing = await api.get("/api/v1/nothing")
    assert (missing.status, missing.json["code"]) == (404, "not_found")
    wrong = await api.put("/api/v1/config")
    assert (wrong.status, wrong.json["code"]) == (405, "request.method")
    assert wrong.headers["Allow"] == "GET"


async def test_security_headers(api: Api) -> None:
    reply = await api.get("/api/v1/config")
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=(self), microphone=(self)" in reply.headers["Permissions-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Server"] == "vardrum"
    assert "Strict-Transport-Security" not in reply.headers


def _declare(**options: Any) -> None:
    table: RouteTable = RouteTable()
    path = options.pop("path", "/api/v1/patient/things/{thing_id}")
    handler = options.pop("handler", _fine)
    table.get(path, **options)(handler)


async def _fine(ctx: Context, thing_id: str) -> None: ...


async def _ignores(ctx: Context) -> None: ...


async def _invents(ctx: Context, thing_id: str, other: str) -> None: ...


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "no permission"),
        ({"permission": "patient"}, "no permission"),
        ({"permission": Permission.STAFF}, "another audience"),
        ({"permission": Permission.PATIENT, "handler": _ignores}, "ignores"),
        ({"permission": Permission.PATIENT, "handler": _invents}, "which the path does not have"),
    ],
)
def test_a_wrong_declaration_does_not_start(options: dict[str, Any], why: str) -> None:
    with pytest.raises(DeclarationError, match=why):
        _declare(**options)


async def test_an_undeclared_route_does_not_start(settings: Settings, database: Database) -> None:
    app = create_app(settings, database)

    async def sneaky(_request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/api/v1/sneaky", sneaky)
    server = TestServer(app)
    with pytest.raises(DeclarationError, match="sneaky declares no permission"):
        await server.start_server()
    await server.close()


def test_two_routes_of_one_path_do_not_start() -> None:
    with pytest.raises(DeclarationError, match="twice"):
        dispatch.register(web.Application(), [*routes, routes[0]])


def test_the_document_tells_errors_and_headers() -> None:
    document = openapi.document(routes, "1")
    post = document["paths"]["/api/v1/patient/notes"]["post"]
    assert post["operationId"].startswith("patient_")
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in post["parameters"]
    assert "test.refused" in post["responses"]["409"]["description"]
    assert post["security"] == [{"patient": []}]
    assert set(post["responses"]) >= {"201", "400", "401", "403", "409", "413", "422", "503"}


async def test_a_session_of_the_wrong_audience_is_none(api: Api, people: People) -> None:
    account = await people.patient()
    token, _ = await api.app[LOGIN].sessions.open(account.id, Audience.PATIENT, "k" * 10, None)
    reply = await api.get(
        f"/api/v1/staff/notes/{new_id()}", headers={"Cookie": f"vardrum-staff={token}"}
    )
    assert reply.status == 401
