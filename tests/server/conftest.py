"""The world in which slices of care are tested together."""

from collections.abc import Iterator

import pytest

from tests.server.queueing.world import World


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh world."""
    made = World()
    yield made
    made.close()
