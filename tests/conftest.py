"""Fixtures for everybody: a clock that stands still, a database, an application, people."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
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
from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.settings import PREFIX, Settings
from tests.support import START, Api, People

# As in production: the default renderer would read source files on the event loop.
log.configure("json", "INFO")

hypothesis_settings.register_profile(
    "vardrum", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("vardrum")


@pytest.fixture(autouse=True)
def blockbuster(request: pytest.FixtureRequest) -> Iterator[BlockBuster | None]:
    """A test that blocks the event loop fails. Browser tests drive other processes instead."""
    if request.node.get_closest_marker("browser") is not None:
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
    """A migrated, empty database, made once for each worker."""
    path = tmp_path_factory.mktemp("template") / "vardrum.db"
    migrations.upgrade(path)
    return path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a test: nothing of the machine's environment, data in a folder of its own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    return Settings(data=tmp_path, log_sample=0, login_threads=2)


@pytest.fixture
def database_file(template: Path, settings: Settings) -> Path:
    """A fresh copy of the template."""
    shutil.copy(template, settings.database_file)
    return settings.database_file


@pytest.fixture
async def database(database_file: Path, clock: FrozenClock) -> AsyncIterator[Database]:
    """A started database of the test's own."""
    database = Database(database_file, clock)
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
