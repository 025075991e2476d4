"""The restore drill, on both engines: backed up while writing goes on, brought back elsewhere."""

import asyncio
import contextlib
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestServer
from blockbuster import BlockBuster
from pydantic import SecretStr

from server import migrations
from server.accounts.domain import Account
from server.app import create_app
from server.audit import service as audit
from server.kit import sqlite_care
from server.kit.actor import Actor
from server.kit.clock import utc_now
from server.kit.database_url import parse
from server.kit.db import Database, UnitOfWork
from server.kit.postgres import PostgresBackend
from server.kit.settings import Settings
from server.main.backup import libpq, work
from server.main.backup.work import Backup, back_up, restore
from server.main.database import backend as backend_of
from server.main.refusal import RefusalError
from tests.databases import PASSWORD, Databases
from tests.support import Api, People


@pytest.fixture
def here(settings: Settings, database: Database) -> Settings:
    """The settings of the server that is backed up."""
    if isinstance(database.backend, PostgresBackend):
        return at(settings, dsn=database.backend.url.dsn)
    return settings


@pytest.fixture
def elsewhere(
    engine: str, settings: Settings, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Settings]:
    """Settings of an empty place: a folder that does not exist, or a database without a table."""
    there = at(settings, data=tmp_path / "elsewhere")
    if engine == "sqlite":
        yield there
        return
    databases: Databases = request.getfixturevalue("postgres")
    url = databases.another(migrated=False)
    yield at(there, dsn=url.dsn)
    databases.drop(url)


def at(settings: Settings, *, dsn: str | None = None, data: Path | None = None) -> Settings:
    """The same settings on another database."""
    changed: dict[str, Any] = {}
    if dsn is not None:
        changed["database_url"] = SecretStr(dsn)
    if data is not None:
        changed["data"] = data
    return settings.model_copy(update=changed)


@pytest.fixture(autouse=True)
def own_files(blockbuster: BlockBuster) -> None:
    """The commands run in threads, as they have no loop; the tests look into their files."""
    blockbuster.deactivate()


def written(folder: Path) -> dict[str, int]:
    """The modes of the backups in the folder, and of what was left beside them."""
    found = [each for each in folder.iterdir() if not each.name.startswith(("vardrum.", "else"))]
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in found}


class Writing:
    """Somebody who writes one thing after the other, and counts what was acknowledged."""

    def __init__(self, database: Database, actor: Actor, patient_id: str) -> None:
        self.acknowledged = 0
        self._database = database
        self._actor = actor
        self._patient_id = patient_id
        self._over = False

    async def run(self) -> None:
        """Write until told to stop."""
        while not self._over:
            number = f"n{self.acknowledged}"
            await self._database.write(
                audit.record, self._actor, self._patient_id, "read", "visit", number
            )
            self.acknowledged += 1

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Somebody writes from before the block until after it."""
        task = asyncio.ensure_future(self.run())  # noqa: TID251
        while not self.acknowledged and not task.done():
            await asyncio.sleep(0.001)
        yield
        self._over = True
        await task


async def visit_of(client: Api, people: People) -> tuple[Account, Account, str]:
    """A patient, a clinician, and a visit with a message."""
    clinic = await people.clinic()
    patient, doctor = await people.patient("Anna Ask"), await people.clinician(clinic)
    anna, karin = await client.as_(patient), await client.as_(doctor)
    at_clinic = {"clinic_id": clinic.id, "profession": "doctor"}
    wish = {**at_clinic, "reason": "Feber", "channel": "video"}
    assert (await anna.post("/api/v1/patient/queue-tickets", wish)).status == 201
    assert (await karin.put("/api/v1/staff/duty", {"state": "on", **at_clinic})).status == 200
    called = await karin.post("/api/v1/staff/queue/next")
    assert called.status == 201
    visit = f"/api/v1/staff/visits/{called.json['id']}"
    guest = await karin.post(f"{visit}/guests", {"role": "relative", "name": "Bo Ask"})
    assert guest.status == 201, guest.json
    return patient, doctor, str(called.json["id"])


async def test_what_was_acknowledged_comes_back(
    database: Database, client: Api, people: People, here: Settings, elsewhere: Settings,
    tmp_path: Path,
) -> None:  # fmt: skip
    patient, doctor, visit_id = await visit_of(client, people)
    writing = Writing(database, await people.actor(doctor), (await people.patient("Bo Ask")).id)
    async with writing.going_on():
        before = writing.acknowledged
        made = await asyncio.to_thread(back_up, here, tmp_path, utc_now())
        during = writing.acknowledged
    assert during > before, "nobody was held up"
    assert made.file.parent == tmp_path
    assert written(tmp_path) == {made.file.name: 0o600, f"{made.file.name}.sha256": 0o600}
    done = await asyncio.to_thread(restore, elsewhere, made.file)
    assert (done.checked, done.log.broken) == (True, ())
    # Anna and her doctor in their browsers, and whoever was invited.
    assert done.sessions == 3
    back = Database(backend_of(elsewhere), database.clock)
    await back.start()
    try:
        lines = await back.read(audit.lines_of, writing._patient_id)
        assert before <= len(lines) <= writing.acknowledged
        assert [each.resource_id for each in lines] == [f"n{n}" for n in range(len(lines))]
        await works(back, elsewhere, patient, doctor, visit_id)
    finally:
        await back.stop()
    # And a second time it refuses to write over that.
    with pytest.raises(RefusalError, match="nothing is overwritten"):
        await asyncio.to_thread(restore, elsewhere, made.file)


async def works(
    back: Database, settings: Settings, patient: Account, doctor: Account, visit_id: str
) -> None:
    """People log in with their passwords and find the visit; old sessions are of no use."""
    app = create_app(settings, back)
    server = TestServer(app)
    await server.start_server()
    api = Api(app, server)
    try:
        assert (await api.log_in(patient)).status == 201
        seen = await api.get(f"/api/v1/patient/visits/{visit_id}")
        assert (seen.status, seen.json["reason"]) == (200, "Feber")
        staff = api.another()
        assert (await staff.log_in(doctor)).status == 201
        seen = await staff.get(f"/api/v1/staff/visits/{visit_id}")
        assert (seen.status, seen.json["state"]) == (200, "called")
        guests = await staff.get(f"/api/v1/staff/visits/{visit_id}/guests")
        assert [each["state"] for each in guests.json["guests"]] == ["expired"]
    finally:
        await api.close()
        await server.close()


async def backed_up(here: Settings, folder: Path) -> Backup:
    return await asyncio.to_thread(back_up, here, folder / "copy", utc_now())


async def refused(settings: Settings, file: Path) -> str:
    """Why the file is not restored; nothing of it is left behind."""
    with pytest.raises(RefusalError) as told:
        await asyncio.to_thread(restore, settings, file)
    assert not settings.data.exists() or not list(settings.data.glob("*.db*"))
    assert PASSWORD not in str(told.value)
    return str(told.value)


async def test_a_damaged_file_is_told(
    people: People, here: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    await people.patient()
    made = await backed_up(here, tmp_path)
    whole = made.file.read_bytes()
    with pytest.raises(RefusalError, match="nothing is overwritten"):
        await backed_up(here, tmp_path)
    # A single bit, which neither engine would find by itself.
    at_half = len(whole) // 2
    made.file.write_bytes(whole[:at_half] + bytes([whole[at_half] ^ 1]) + whole[at_half + 1 :])
    assert "is damaged: it is not what its checksum copy.sha256 says" in await refused(
        elsewhere, made.file
    )
    made.file.with_name("copy.sha256").unlink()
    # Without the checksum, what the engines themselves find.
    made.file.write_bytes(whole[:at_half])
    assert "is damaged" in (said := await refused(elsewhere, made.file)) or "failed" in said
    made.file.write_bytes(b"\0" * 512 + whole[512:])
    assert "is no backup of vardrum" in await refused(elsewhere, made.file)
    assert "There is no file" in await refused(elsewhere, tmp_path / "nothing")
    made.file.write_bytes(whole)
    done = await asyncio.to_thread(restore, elsewhere, made.file)
    assert not done.checked


async def test_a_newer_schema_is_refused(
    database: Database, here: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    def to(revision: str) -> Callable[[UnitOfWork], None]:
        version = sa.table("alembic_version", sa.column("version_num"))
        return lambda uow: uow.conn.execute(sa.update(version).values(version_num=revision)).close()

    await database.write(to("f00d"))
    made = await backed_up(here, tmp_path)
    assert made.revision == "f00d"
    assert "was made by a newer vardrum (its schema is at f00d" in await refused(
        elsewhere, made.file
    )
    await database.write(to(migrations.head()))


async def test_a_chain_that_was_broken_before_is_told(
    database: Database, people: People, here: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    patient = await people.patient()
    actor = await people.actor(patient)
    for number in range(3):
        await database.write(audit.record, actor, patient.id, "read", "visit", f"v{number}")
    await database.write(
        lambda uow: uow.conn.exec_driver_sql("UPDATE access_heads SET seq = 2").close()
    )
    made = await backed_up(here, tmp_path)
    done = await asyncio.to_thread(restore, elsewhere, made.file)
    assert [(each.patient_id, each.broken_at) for each in done.log.broken] == [(patient.id, 3)]


async def test_a_backup_of_one_engine_is_no_other_s(
    engine: str, people: People, here: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    await people.patient()
    made = await backed_up(here, tmp_path)
    other = (
        at(elsewhere, dsn="postgresql://nobody@/nowhere?host=/nowhere")
        if engine == "sqlite"
        else at(elsewhere, dsn="")
    )
    assert "VARDRUM_DATABASE_URL" in await refused(other, made.file)


@pytest.mark.postgres
async def test_a_restore_that_is_cut_off_is_not_to_be_used(
    postgres: Databases, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sessions are still open: who finds it must not start a server on it."""
    urls = [await asyncio.to_thread(postgres.another, migrated=each) for each in (True, False)]
    made = await backed_up(at(settings, dsn=urls[0].dsn), tmp_path)

    def fails(_uow: UnitOfWork) -> int:
        raise RuntimeError

    monkeypatch.setattr(work, "_end_sessions", fails)
    with pytest.raises(RefusalError, match="Drop that database, create it empty"):
        await asyncio.to_thread(restore, at(settings, dsn=urls[1].dsn), made.file)
    for each in urls:
        await asyncio.to_thread(postgres.drop, each)


@pytest.mark.postgres
async def test_the_password_is_on_no_command_line(
    postgres: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`pg_dump` is replaced by a program that tells what it sees."""
    spy = tmp_path / "pg_dump"
    spy.write_text('#!/bin/sh\necho "$PGPASSWORD|$PGDATABASE|$PGHOST|$PGSSLMODE|$PGOPTIONS|$*"\n')
    spy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("VARDRUM_TURN_SECRET", "s")
    url = postgres.url("mine")
    asked = parse(f"{url.dsn}&sslmode=require&search_path=a%20b")
    said = await asyncio.to_thread(libpq.run, "pg_dump", libpq.BY_ENVIRONMENT, url=asked)
    password, name, host, mode, options, arguments = said.decode().strip().split("|")
    assert (password, name, mode) == (PASSWORD, "mine", "require")
    assert host == url.host
    assert options == "-c search_path=a\\ b"
    assert PASSWORD not in arguments
    assert "VARDRUM_TURN_SECRET" not in libpq.environment(asked)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(RefusalError, match="apt-get install postgresql-client"):
        await asyncio.to_thread(libpq.run, "pg_dump", url=asked)


def test_a_running_server_keeps_its_folder(settings: Settings, template: Path) -> None:
    """Who restores into the folder of a server that runs, or that crashed, is told so."""
    with pytest.raises(RefusalError, match="There is no database at"):
        back_up(settings, settings.data / "b", utc_now())
    backup = settings.data / "backup"
    sqlite_care.backup(template, backup)
    wal = settings.data / "vardrum.db-wal"
    wal.touch()
    with pytest.raises(RefusalError, match=r"vardrum.db-wal exists"):
        restore(settings, backup)
    wal.unlink()
    with pytest.raises(RefusalError, match="There is no folder"):
        back_up(settings, settings.data / "no" / "where", utc_now())
