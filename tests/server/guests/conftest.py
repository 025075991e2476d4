"""A visit with a door."""

import pytest

from tests.server.guests.lobby import Lobby
from tests.server.queueing.world import World


@pytest.fixture
def lobby(world: World) -> Lobby:
    """Patient and clinician are there, and nobody else yet."""
    return Lobby(world)
