"""The routes of `notes` in an application, and a patient who may use them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from server.app import create_app
from server.kit import dispatch
from server.kit.db import Database
from server.kit.settings import Settings
from tests.server.kit.notes import calls, routes
from tests.support import Api, People


@pytest.fixture
async def api(settings: Settings, database: Database) -> AsyncIterator[Api]:
    """A browser at those routes, not logged in."""
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
    """A browser in which a patient is logged in."""
    return await api.as_(await people.patient())
