"""The stage, one for each test; or several servers."""

from collections.abc import AsyncIterator, Callable

import pytest

from server.kit.backend import Backend
from server.kit.db import Database
from server.kit.settings import Settings
from tests.signaling.cluster import Call, Cluster
from tests.signaling.stage import Stage


@pytest.fixture
async def stage(settings: Settings, new_backend: Callable[[], Backend]) -> AsyncIterator[Stage]:
    stage = Stage(settings, Database(new_backend()))
    await stage.start()
    yield stage
    await stage.stop()


@pytest.fixture
async def cluster(settings: Settings, new_backend: Callable[[], Backend]) -> AsyncIterator[Cluster]:
    cluster = Cluster(settings, new_backend())
    yield cluster
    await cluster.stop()


@pytest.fixture
async def call(cluster: Cluster) -> Call:
    return await Call(cluster).start()
