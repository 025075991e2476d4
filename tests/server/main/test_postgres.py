"""The command on PostgreSQL: it serves, several start at once, and refusals are sentences."""

import asyncio
import json
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from aiohttp import ClientSession

from server import demo, migrations
from server.kit.database_url import DatabaseUrl
from tests.databases import PASSWORD, STRICT_USER, Databases
from tests.server.main.command import Vardrum, address_in, fetch

pytestmark = pytest.mark.postgres


@pytest.fixture
def another(postgres: Databases) -> Iterator[Callable[..., DatabaseUrl]]:
    made: list[DatabaseUrl] = []

    def make(*, migrated: bool) -> DatabaseUrl:
        made.append(postgres.another(migrated=migrated))
        return made[-1]

    yield make
    for each in made:
        postgres.drop(each)


def execute(url: DatabaseUrl, statement: str) -> None:
    async def run() -> None:
        conn = await asyncpg.connect(url.dsn)
        await conn.execute(statement)
        await conn.close()

    asyncio.run(run())


def test_it_serves_the_demo(vardrum: Vardrum, another: Callable[..., DatabaseUrl]) -> None:
    url = another(migrated=False)
    process, said = vardrum.serve("--demo", database_url=url.dsn)
    local = address_in(said, "Patients:").replace("patient.localhost", "127.0.0.1")
    assert fetch(f"{local}/health/ready")[0] == 200
    assert asyncio.run(_joins(local)) == (201, 201, 1)
    assert not (vardrum.folder / "data" / "vardrum.db").exists()
    _, code, logged = vardrum.stop(process, signal.SIGTERM)
    assert code == 0, logged
    assert PASSWORD not in said + logged
    code, _, told = vardrum.run("seed-demo", database_url=url.dsn)
    assert (code, "holds accounts already" in told, "DATABASE_URL" in told) == (1, True, True)


async def _joins(local: str) -> tuple[int, int, int]:
    headers = {"X-Vardrum": "1"}
    async with ClientSession(local, headers=headers) as http:
        person = {"username": demo.PATIENTS[0].username, "password": demo.PASSWORD}
        key = {"Idempotency-Key": "a" * 36}
        async with http.post("/api/v1/patient/session", json=person, headers=key) as reply:
            logged_in = reply.status
            token = reply.cookies["vardrum-patient"].value
        async with http.get("/api/v1/clinics") as reply:
            clinic = (await reply.json())["clinics"][0]["id"]
        wish = {"clinic_id": clinic, "profession": "doctor", "reason": "Feber", "channel": "video"}
        async with http.post(
            "/api/v1/patient/queue-tickets",
            json=wish,
            headers={**key, "Cookie": f"vardrum-patient={token}"},
        ) as reply:
            return logged_in, reply.status, json.loads(await reply.read())["place"]


def test_two_that_start_at_once_migrate_once(
    vardrum: Vardrum, another: Callable[..., DatabaseUrl]
) -> None:
    url = another(migrated=False)
    with ThreadPoolExecutor() as pool:
        started = [pool.submit(vardrum.run, "migrate", database_url=url.dsn) for _ in range(3)]
        answers = [each.result() for each in started]
    for code, out, told in answers:
        assert (code, migrations.head() in out) == (0, True), told


def test_what_can_not_be_used_is_said(
    vardrum: Vardrum, another: Callable[..., DatabaseUrl], postgres: Databases
) -> None:
    url = another(migrated=True)

    def refused(dsn: str) -> str:
        code, out, told = vardrum.run("migrate", database_url=dsn)
        assert (code, out, told.count("\n")) == (1, "", 1), told
        assert PASSWORD not in told
        return told

    assert "No PostgreSQL answers at /nowhere" in refused(
        f"postgresql://u:{PASSWORD}@/d?host=/nowhere"
    )
    assert "has no database nothing" in refused(postgres.url("nothing").dsn)
    execute(url, f"DROP ROLE IF EXISTS {STRICT_USER}")
    execute(url, f"CREATE ROLE {STRICT_USER} LOGIN PASSWORD 'something else'")
    said = refused(postgres.url(url.name, STRICT_USER).dsn)
    assert f"refused the login of {STRICT_USER}" in said
    assert "must begin with postgresql://" in refused(f"mysql://u:{PASSWORD}@h/d")
    execute(url, "UPDATE alembic_version SET version_num = 'f00d'")
    assert "newer vardrum" in refused(url.dsn)
