"""The world in which slices of care are tested together, on each engine."""

from collections.abc import Callable, Iterator

import pytest

from tests.databases import Databases
from tests.server.queueing import ground
from tests.server.queueing.world import World


@pytest.fixture(scope="session")
def postgres_ground(postgres: Databases) -> Iterator[ground.Postgres]:
    """A connection to a database in which there are only worlds."""
    url = postgres.another()
    made = ground.Postgres(url)
    yield made
    made.end()
    postgres.drop(url)


@pytest.fixture
def new_world(engine: str, request: pytest.FixtureRequest) -> Callable[[], World]:
    """Makes fresh worlds; on PostgreSQL one is closed before the next."""
    if engine == "sqlite":
        return lambda: World(ground.Memory())
    shared: ground.Postgres = request.getfixturevalue("postgres_ground")
    return lambda: World(shared)


@pytest.fixture
def world(new_world: Callable[[], World]) -> Iterator[World]:
    """A fresh world."""
    made = new_world()
    yield made
    made.close()
