"""Clusters for tests: started once for a file, on ports and in folders of their own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cluster import Cluster, Plan
from tests.server.main.command import START


def plan(folder: Path, servers: int = 3, media: int = 1) -> Plan:
    """A cluster without the built client, a page in its place; media on loopback alone."""
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<title>V</title>")
    return Plan(
        servers=servers,
        media=media,
        settings={"media_address": "127.0.0.1", "login_threads": 1},
        vardrum=(sys.executable, "-c", START, str(folder)),
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three servers and a media node with demo people."""
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder / "cluster", plan(folder / "static")) as made:
        yield made
