"""The stage, one for each test."""

from collections.abc import AsyncIterator, Callable

import pytest

from server.kit.backend import Backend
from server.kit.db import Database
from server.kit.settings import Settings
from tests.signaling.stage import Stage


@pytest.fixture
async def stage(settings: Settings, new_backend: Callable[[], Backend]) -> AsyncIterator[Stage]:
    stage = Stage(settings, Database(new_backend()))
    await stage.start()
    yield stage
    await stage.stop()
