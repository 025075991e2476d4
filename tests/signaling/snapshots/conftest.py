"""The stage of the snapshot tests: its clock leaps, so that each moment is its own."""

from collections.abc import AsyncIterator, Callable

import pytest

from server.kit.backend import Backend
from server.kit.db import Database
from server.kit.settings import Settings
from tests.signaling.snapshots.cast import LeapingClock
from tests.signaling.stage import Stage


@pytest.fixture
def clock() -> LeapingClock:
    return LeapingClock()


@pytest.fixture
async def stage(
    settings: Settings, new_backend: Callable[[], Backend], clock: LeapingClock
) -> AsyncIterator[Stage]:
    stage = Stage(settings, Database(new_backend(), clock))
    await stage.start()
    yield stage
    await stage.stop()
