"""The application as a whole: its description, its health, its files."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server import migrations
from server.app import DemoLogin, create_app, health
from server.app.build import all_routes
from server.app.health import READINESS
from server.app.metrics import METRICS, metrics_app
from server.kit.actor import Audience
from server.kit.db import Database, UnitOfWork, metadata
from server.kit.settings import Settings
from tests.support import Api, People


def test_every_route_says_what_it_does_and_who_may() -> None:
    routes = all_routes()
    assert len(routes) > 30
    for route in routes:
        assert route.summary
        if route.permission.audience is None:
            # Open to everybody: the shop window, and the doors themselves.
            assert route.path in {"/api/v1/config", "/api/v1/clinics"} or route.path.endswith(
                "/session"
            )


async def test_the_config(client: Api) -> None:
    config = (await client.get("/api/v1/config")).json
    assert config["region_name"] == "Region Mälarö"
    assert (config["emergency_number"], config["advice_number"]) == ("112", "1177")
    assert (config["demo"], config["demo_logins"]) == (False, [])


async def test_demo_logins_show_in_a_demo_only(settings: Settings, database: Database) -> None:
    login = DemoLogin(
        audience=Audience.PATIENT, username="astrid", password="x", name="Astrid", birth_year=1992
    )
    for demo in (True, False):
        chosen = settings.model_copy(update={"demo": demo})
        server = TestServer(create_app(chosen, database, demo_logins=[login]))
        await server.start_server()
        api = Api(server.app, server)
        shown = (await api.get("/api/v1/config")).json["demo_logins"]
        assert len(shown) == int(demo)
        await api.close()
        await server.close()


async def test_health(client: Api) -> None:
    assert (await client.get("/health/live")).json == {"status": "ok"}
    ready = await client.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (200, "ok")
    assert ready.headers["Cache-Control"] == "no-store"
    readiness = client.app[READINESS]
    readiness.media = lambda: False
    # Without media there is still chat.
    ready = await client.get("/health/ready")
    assert (ready.status, ready.json["checks"]["media"]) == (200, "down")
    readiness.draining = True
    assert (await client.get("/health/ready")).status == 503


async def test_many_who_ask_for_health_take_one_look(client: Api, database: Database) -> None:
    units = database.backend.units
    replies = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
    assert {reply.status for reply in replies} == {200}
    assert database.backend.units == units + 1


async def test_health_without_a_database_or_behind(
    client: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH", 0.0)
    await database.write(
        lambda uow: uow.conn.execute(
            sa.text("UPDATE alembic_version SET version_num='0000'")
        ).close()
    )
    ready = await client.get("/health/ready")
    assert (ready.status, ready.json["checks"]["migrations"]) == (503, "behind")
    # As when the disk hangs.
    with monkeypatch.context() as broken:
        broken.setattr(database, "write", lambda _fn: asyncio.Event().wait())
        ready = await client.get("/health/ready")
    assert (ready.status, ready.json["checks"]["database"]) == (503, "down")


async def test_metrics_are_not_public(client: Api, people: People) -> None:
    assert (await client.get("/metrics")).status == 404
    clinic = await people.clinic()
    await client.as_(await people.patient())
    server = TestServer(metrics_app(client.app[METRICS]))
    await server.start_server()
    api = Api(client.app, server)
    text = (await api.get("/metrics")).body.decode()
    await api.close()
    await server.close()
    assert 'vardrum_sessions{audience="patient"} 1.0' in text
    labels = f'clinic_id="{clinic.id}",profession="doctor"'
    assert f"vardrum_queue_waiting{{{labels}}} 0.0" in text
    assert 'vardrum_http_requests_total{method="GET",route="other",status="404"} 1.0' in text
    assert 'vardrum_login_hashes{state="waiting"} 0.0' in text
    assert "vardrum_db_writes_waiting 0.0" in text


@pytest.fixture
def tables() -> sa.MetaData:
    """Every table of every slice. Looked up outside of the loop, for it reads folders."""
    migrations.load_tables()
    migrations.head()
    return metadata


async def test_migrations_make_what_the_tables_say(tables: sa.MetaData, database: Database) -> None:
    def compare(uow: UnitOfWork) -> list[object]:
        context = MigrationContext.configure(uow.conn, opts={"compare_type": True})
        assert migrations.current(uow.conn) == migrations.head()
        return list(compare_metadata(context, tables))

    assert await database.read(compare) == []


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Vårdrum</title>")
    (folder / "patient.html").write_text("<!doctype html><title>Vårdrum</title>Ring 112")
    (folder / "queue.html").write_text("<!doctype html><title>Vårdrum</title>Ring 112, queue.js")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / ".build-stamp").write_text("secret")
    script = folder / "assets" / "app-1234.js"
    script.write_text("console.log('hej')")
    script.with_name("app-1234.js.gz").write_bytes(gzip.compress(script.read_bytes()))
    script.with_name("app-1234.js.br").write_bytes(b"brotli")
    return folder


@pytest.fixture
def site_app(settings: Settings, database: Database, built: Path) -> web.Application:
    return create_app(settings, database, static=built)


@pytest.fixture
async def site(site_app: web.Application) -> AsyncIterator[Api]:
    server = TestServer(site_app)
    await server.start_server()
    api = Api(site_app, server)
    yield api
    await api.close()
    await server.close()


@pytest.mark.parametrize("path", ["/", "/index.html", "/visits/1", "/personal", "/personal/queue"])
async def test_every_page_is_the_clients(site: Api, path: str) -> None:
    reply = await site.get(path)
    assert (reply.status, reply.headers["Cache-Control"]) == (200, "no-cache")
    assert b"<title>V" in reply.body
    assert reply.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "numbers"),
    [
        ("/", True), ("/ko/1", True), ("/patient.html", True), ("/nowhere", True),
        ("/personal", False), ("/personal/queue", False), ("/besok/1", False),
    ],
)  # fmt: skip
async def test_patients_see_the_numbers_to_call_before_the_program(
    site: Api, path: str, numbers: bool
) -> None:
    reply = await site.get(path)
    assert (b"112" in reply.body) is numbers
    assert reply.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("path", "named"), [("/ko/1", True), ("/kontakt", False), ("/", False)])
async def test_the_page_of_the_queue_names_the_queues_code(
    site: Api, path: str, named: bool
) -> None:
    assert (b"queue.js" in (await site.get(path)).body) is named


async def test_assets_are_kept_for_good_and_compressed(site: Api) -> None:
    plain = await site.get("/assets/app-1234.js", headers={"Accept-Encoding": "identity"})
    assert plain.body == b"console.log('hej')"
    assert "immutable" in plain.headers["Cache-Control"]
    for encoding, taken in (("gzip", "gzip"), ("br, gzip", "br")):
        sent = {"Accept-Encoding": encoding}
        url = site.server.make_url("/assets/app-1234.js")
        async with ClientSession(auto_decompress=False) as raw, raw.get(url, headers=sent) as reply:
            assert reply.headers["Content-Encoding"] == taken
            assert reply.headers["Vary"] == "Accept-Encoding"
    assert (await site.get("/icon.svg")).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-1.js", "/favicon.ico", "/api/v1/nothing", "/api/", "/health/nothing",
        "/metrics", "/.build-stamp", "/assets/app-1234.js.br", "/%2e%2e/vardrum.db",
        "/assets/..%2f..%2fvardrum.db", "/static/../../vardrum.db",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_not_the_clients_page(site: Api, path: str) -> None:
    reply = await site.get(path)
    assert reply.status == 404
    assert b"<title>" not in reply.body


async def test_staff_have_a_host_of_their_own(site: Api) -> None:
    for host, status in (("personal.localhost:1", 302), ("patient.localhost:1", 200)):
        reply = await site.get("/", headers={"Host": host})
        assert reply.status == status
    assert (await site.get("/", headers={"Host": "personal.localhost"})).headers[
        "Location"
    ] == "/personal"
    assert (await site.get("/x", headers={"Host": "personal.localhost"})).status == 200


async def test_https_makes_cookies_of_this_host_only(
    settings: Settings, database: Database, people: People
) -> None:
    behind = settings.model_copy(update={"trusted_proxies": ("127.0.0.0/8",)})
    server = TestServer(create_app(behind, database))
    await server.start_server()
    api = Api(server.app, server)
    patient = await people.patient()
    body = {"username": patient.username, "password": "korrekt häst batteri"}
    secure = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    reply = await api.post("/api/v1/patient/session", body, headers=secure)
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith("__Host-vardrum-patient=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert reply.headers["Strict-Transport-Security"]
    # The names of this machine must stay reachable without a certificate.
    for host in ("localhost", "patient.localhost:8080", "Personal.Localhost"):
        here = await api.get("/health/live", headers={**secure, "Host": host})
        assert "Strict-Transport-Security" not in here.headers
    token = cookie.partition("=")[2].partition(";")[0]
    over_http = await api.another().get(
        "/api/v1/patient/session", headers={"Cookie": f"__Host-vardrum-patient={token}"}
    )
    assert over_http.status == 401
    await api.close()
    await server.close()
