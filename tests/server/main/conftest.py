"""The command in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.main.command import Vardrum


@pytest.fixture
def vardrum(tmp_path: Path) -> Iterator[Vardrum]:
    """The command; what it started is killed at the end."""
    made = Vardrum(tmp_path)
    yield made
    for process in made.running:
        if process.poll() is None:
            process.kill()
            process.communicate()
