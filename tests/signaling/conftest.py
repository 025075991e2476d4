"""The stage, one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.kit.settings import Settings
from tests.signaling.stage import Stage


@pytest.fixture
async def stage(settings: Settings, database_file: Path) -> AsyncIterator[Stage]:
    assert database_file == settings.database_file
    stage = Stage(settings)
    await stage.start()
    yield stage
    await stage.stop()
