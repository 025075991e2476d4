"""What comes in over HTTP: forgery, bodies, queries, ids, who may; and what goes out."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import make_mocked_request
from pydantic import ValidationError

from server.kit.actor import Audience
from server.kit.edge import public_origin
from server.kit.ids import new_id
from server.kit.settings import Settings
from server.login.routes import LOGIN
from tests.server.kit.notes import calls
from tests.support import Api, People


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


async def test_a_session_of_the_wrong_audience_is_none(api: Api, people: People) -> None:
    account = await people.patient()
    token, _ = await api.app[LOGIN].sessions.open(account.id, Audience.PATIENT, "k" * 10, None)
    reply = await api.get(
        f"/api/v1/staff/notes/{new_id()}", headers={"Cookie": f"vardrum-staff={token}"}
    )
    assert reply.status == 401


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


@pytest.mark.parametrize(
    ("host", "setting", "origin"),
    [
        ("vard.example:8443", "", "http://vard.example:8443"),
        ("personal.localhost:8080", "", "http://patient.localhost:8080"),
        ("personal.localhost", "", "http://patient.localhost"),
        ("[::1]:8080", "", "http://[::1]:8080"),
        ("personal.vard.example", "https://vard.example/", "https://vard.example"),
    ],
)
def test_links_lead_to_the_patients_address(host: str, setting: str, origin: str) -> None:
    request = make_mocked_request("POST", "/", headers={"Host": host})
    assert public_origin(request, Settings(public_url=setting)) == origin


@pytest.mark.parametrize("url", ["vard.example", "ftp://vard.example", "https://vard.example/gast"])
def test_an_address_of_a_site_is_no_more_than_that(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(public_url=url)
