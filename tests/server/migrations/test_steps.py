"""What a former release stored is all there after the steps, and care goes on on top of it.

Rows of every table are kept from a former revision (``kept.py``). They are stored before the steps,
as by an upgrade at night, and after them, as by a former release that still runs beside this one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestServer
from alembic.script import ScriptDirectory

from server import migrations
from server.app import create_app
from server.kit.backend import Backend, Unusable
from server.kit.clock import FrozenClock
from server.kit.database_url import DatabaseUrl
from server.kit.db import Database, UnitOfWork
from server.kit.ids import new_id
from server.kit.postgres import PostgresBackend
from server.kit.settings import Settings
from server.kit.sqlite import SqliteBackend
from tests.databases import Databases
from tests.server.migrations import kept
from tests.server.queueing.counted import miscounted
from tests.support import PASSWORD, Api

REVISIONS = kept.revisions()
P, S = "/api/v1/patient", "/api/v1/staff"


@pytest.fixture
def blockbuster() -> None:
    """Alembic reads its steps from files, on whatever loop it is called: here that is allowed."""


@pytest.fixture
def empty_url(postgres: Databases) -> Iterator[DatabaseUrl]:
    url = postgres.another(migrated=False)
    yield url
    postgres.drop(url)


@pytest.fixture(params=["stored before", "stored by the release before, beside this one"])
def late(request: pytest.FixtureRequest) -> bool:
    """Whether the rows come when the steps are done."""
    return bool(request.param != "stored before")


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def backend(
    engine: str, late: bool, revision: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Backend:
    """A database with the former release's rows. What starts on it is this release."""
    rows = kept.rows_of(revision)
    if engine == "sqlite":
        path = tmp_path / "vardrum.db"
        kept.migrate_file(path, "head" if late else revision)
        kept.insert_into_file(path, rows)
        return SqliteBackend(path, prepare=migrations.upgrade)
    url: DatabaseUrl = request.getfixturevalue("empty_url")
    kept.migrate_postgres(url, "head" if late else revision)
    kept.insert_into_postgres(url, rows)
    return PostgresBackend(url, prepare=migrations.upgrade_postgres)


@pytest.fixture
async def database(backend: Backend, clock: FrozenClock) -> AsyncIterator[Database]:
    database = Database(backend, clock)
    await database.start()
    yield database
    await database.stop()


def _tables(uow: UnitOfWork) -> set[str]:
    return set(sa.inspect(uow.conn).get_table_names()) - {"alembic_version"}


async def test_nothing_is_lost_and_nothing_is_changed(database: Database, revision: str) -> None:
    expected = {name: kept.ordered(rows) for name, rows in kept.rows_of(revision).items()}
    assert all(expected.values()), "a table without rows proves nothing"
    assert expected.keys() <= await database.read(_tables)
    assert await database.read(lambda uow: kept.read(uow.conn, expected)) == expected
    assert await database.read(lambda uow: migrations.current(uow.conn)) == migrations.head()
    assert await database.backend.check() == []
    assert await database.read(lambda uow: miscounted(uow.conn)) == []


@pytest.fixture
async def browser(database: Database, settings: Settings) -> AsyncIterator[Api]:
    server = TestServer(create_app(settings, database))
    await server.start_server()
    api = Api(server.app, server)
    yield api
    await api.close()
    await server.close()


async def _as(browser: Api, rows: kept.Kept, account_id: str) -> Api:
    account = next(each for each in rows["accounts"] if each["id"] == account_id)
    other = browser.another()
    reply = await other.post(
        f"/api/v1/{account['audience']}/session",
        {"username": account["username"], "password": PASSWORD},
    )
    assert reply.status == 201, reply.json
    return other


async def _fine(reply: Any) -> Any:
    answer = await reply
    assert answer.status < 300, answer.json
    return answer.json


async def test_care_goes_on(browser: Api, revision: str) -> None:
    """The visit that was open is talked in, noted, signed and ended; the next one is called."""
    rows = kept.rows_of(revision)
    noted = {each["visit_id"] for each in rows["visit_notes"]}
    visit = next(each for each in rows["visits"] if each["id"] in noted)
    patient = await _as(browser, rows, visit["patient_id"])
    clinician = await _as(browser, rows, visit["clinician_id"])
    before = await _fine(patient.get(f"{P}/visits/{visit['id']}/messages"))
    line = {"client_id": new_id(), "body": "Ni finns kvar"}
    posted = await _fine(patient.post(f"{P}/visits/{visit['id']}/messages", line))
    assert posted["seq"] == before["last_seq"] + 1 == visit["last_seq"] + 1
    seen = await _fine(clinician.get(f"{S}/visits/{visit['id']}/messages"))
    assert [each["seq"] for each in seen["messages"]] == list(range(1, posted["seq"] + 1))
    guests = await _fine(clinician.get(f"{S}/visits/{visit['id']}/guests"))
    assert len(guests["guests"]) == sum(g["visit_id"] == visit["id"] for g in rows["guests"])
    at = f"{S}/visits/{visit['id']}"
    await _fine(clinician.put(f"{at}/note", {"text": "Åter vid behov", "version": 1}))
    await _fine(clinician.post(f"{at}/end"))
    await _fine(clinician.post(f"{at}/note/sign", {"version": 2}))
    called = await _fine(clinician.post(f"{S}/queue/next"))
    waiting = {each["id"] for each in rows["queue_tickets"] if each["state"] == "waiting"}
    assert called["id"] not in {each["id"] for each in rows["visits"]}
    assert len(waiting) == 2
    overview = await _fine(patient.get(f"{P}/overview"))
    assert len(overview["tickets"]) == 1


@pytest.fixture
def former(empty_url: DatabaseUrl) -> DatabaseUrl:
    """A database of a former revision, on PostgreSQL."""
    kept.migrate_postgres(empty_url, REVISIONS[0])
    kept.insert_into_postgres(empty_url, kept.rows_of(REVISIONS[0]))
    return empty_url


@pytest.mark.postgres
async def test_steps_that_meet_a_lock_fail_fast_and_change_nothing(
    former: DatabaseUrl, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "200ms")

    async def start() -> None:
        database = Database(PostgresBackend(former, prepare=migrations.upgrade_postgres), clock)
        await database.start()
        await database.stop()

    conn = await asyncpg.connect(former.dsn)
    try:
        # Somebody's report, which only reads.
        async with conn.transaction():
            await conn.fetch("SELECT * FROM visits")
            with pytest.raises(Unusable, match=r"holds locks .* Start again when that is over"):
                await start()
            assert await conn.fetchval("SELECT version_num FROM alembic_version") == REVISIONS[0]
            # The release before goes on with it meanwhile.
            await asyncio.wait_for(conn.execute("UPDATE visits SET last_seq = last_seq"), 30)
        await start()
        assert await conn.fetchval("SELECT version_num FROM alembic_version") == migrations.head()
    finally:
        await conn.close()


def test_a_file_of_a_step_begins_with_its_revision() -> None:
    """By that the revisions are known without alembic."""
    script = ScriptDirectory.from_config(migrations.configuration())
    found = [each.revision for each in script.walk_revisions()]
    assert list(reversed(found)) == list(migrations._known())
    assert migrations.head() == script.get_current_head()
