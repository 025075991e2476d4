"""Fixtures for everybody: a clock that stands still, a database, an application, people."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from server import migrations
from server.app import create_app
from server.kit import log
from server.kit.backend import Backend
from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.postgres import PostgresBackend
from server.kit.settings import PREFIX, Settings
from server.kit.sqlite import SqliteBackend
from tests import postgres as postgres_cluster
from tests.databases import Databases
from tests.support import START, Api, People

# As in production: the default renderer would read source files on the event loop.
log.configure("json", "INFO")

hypothesis_settings.register_profile(
    "vardrum", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("vardrum")


@pytest.fixture(autouse=True)
def blockbuster(request: pytest.FixtureRequest) -> Iterator[BlockBuster | None]:
    """A test that blocks the event loop fails. These drive other processes instead."""
    if any(request.node.get_closest_marker(each) for each in ("browser", "cluster")):
        yield None
        return
    with blockbuster_ctx() as guard:
        yield guard


@pytest.fixture
def clock() -> FrozenClock:
    """Stands still at `START` until a test moves it."""
    return FrozenClock(START)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, made once for each worker."""
    path = tmp_path_factory.mktemp("template") / "vardrum.db"
    migrations.upgrade(path)
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    """Which engine is behind the test. What has a database runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Databases:
    """Databases in the run's PostgreSQL, which is started for whoever asks first."""
    alone = worker_id == "master"
    folder = tmp_path_factory.getbasetemp()
    state = (folder if alone else folder.parent) / "postgres.json"
    admin = postgres_cluster.shared(state, until=os.getpid() if alone else os.getppid())
    return Databases(admin, worker_id)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a test: nothing of the machine's environment, data in a folder of its own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    return Settings(data=tmp_path, log_sample=0, login_threads=2)


@pytest.fixture
def new_backend(
    engine: str, settings: Settings, request: pytest.FixtureRequest
) -> Callable[..., Backend]:
    """Makes backends on the test's own empty, migrated database: one for each process of it."""
    if engine == "sqlite":
        shutil.copy(request.getfixturevalue("template"), settings.database_file)
        return partial(SqliteBackend, settings.database_file)
    databases: Databases = request.getfixturevalue("postgres")
    return partial(PostgresBackend, databases.empty())


@pytest.fixture
async def database(
    new_backend: Callable[[], Backend], clock: FrozenClock
) -> AsyncIterator[Database]:
    """A started database of the test's own, on each engine."""
    database = Database(new_backend(), clock)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def people(database: Database) -> People:
    """Makes patients, clinicians and clinics."""
    return People(database)


@pytest.fixture
def app(settings: Settings, database: Database) -> web.Application:
    """The HTTP application, without the client's files."""
    return create_app(settings, database)


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Api]:
    """A browser at the application, not logged in: see `Api.as_` and `Api.log_in`."""
    server = TestServer(app)
    await server.start_server()
    api = Api(app, server)
    yield api
    await api.close()
    await server.close()
