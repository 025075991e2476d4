"""PostgreSQL that restarts under a running program."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from server.kit.clock import FrozenClock
from server.kit.database_url import DatabaseUrl
from server.kit.db import Database
from server.kit.errors import Busy
from server.kit.postgres import PostgresBackend
from tests.postgres import Cluster
from tests.server.kit.counted import count, numbers

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[DatabaseUrl, Callable[[], None], Callable[[], None]]]:
    with Cluster(durable=True) as cluster:
        yield cluster.create("mine"), cluster.stop, cluster.start


async def test_a_server_that_restarts_is_busy_meanwhile_and_loses_nothing(
    own: tuple[DatabaseUrl, Callable[[], None], Callable[[], None]], clock: FrozenClock
) -> None:
    url, stop, start = own
    database = Database(PostgresBackend(url), clock)
    await database.start()
    await database.write(count, 1)
    await asyncio.to_thread(stop)
    with pytest.raises(Busy):
        await database.write(count, 2)
    with pytest.raises(Busy):
        await database.read(numbers)
    await asyncio.to_thread(start)
    assert await database.write(count, 3) == 3
    assert await database.read(numbers) == [1, 3]
    await asyncio.to_thread(stop)
    # Stopping without a server loses nothing either: what was not marked is told again.
    await database.stop()
