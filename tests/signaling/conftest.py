"""The stage, one for each test; or several servers."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from server.kit.backend import Backend
from server.kit.db import Database
from server.kit.postgres import PostgresBackend
from server.kit.redis_bus import RedisBus
from server.kit.settings import Settings
from tests.redis import RedisServer
from tests.signaling.cluster import Call, Cluster
from tests.signaling.stage import Stage, eventually
from tests.signaling.town import PATIENCE, Town


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


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
async def town(
    settings: Settings,
    new_backend: Callable[[], Backend],
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Town]:
    monkeypatch.setattr("server.kit.redis_bus.BEAT", 0.2)
    monkeypatch.setattr("server.kit.redis_bus.SILENT_AFTER", 1.0)
    monkeypatch.setattr("server.kit.redis_bus.ANSWER_WITHIN", 1.0)
    first = new_backend()
    assert isinstance(first, PostgresBackend)
    buses = RedisBus(redis.url, "town"), RedisBus(redis.url, "town")
    for bus in buses:
        bus.start()
    a = Stage(settings, Database(first), bus=buses[0])
    b = Stage(settings, Database(PostgresBackend(first.url)), bus=buses[1])
    await a.start()
    b.clinic = a.clinic
    await b.start()
    await eventually(lambda: all(bus.up for bus in buses), PATIENCE)
    yield Town(a, b, redis)
    for stage in (b, a):
        await stage.stop()
    for bus in buses:
        await bus.stop()
