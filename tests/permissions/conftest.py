"""The arena, one for each test."""

from collections.abc import AsyncIterator

import pytest

from server.kit.db import Database
from server.kit.settings import Settings
from tests.permissions.arena import Arena, build


@pytest.fixture
async def arena(database: Database, settings: Settings) -> AsyncIterator[Arena]:
    made = await build(database, settings)
    yield made
    await made.close()
    await made.server.close()
