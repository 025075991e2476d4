"""A cluster's members end, hang and come back, and the others go on."""

from __future__ import annotations

import time

import pytest

from infra.cluster import Cluster
from infra.cluster.processes import alive
from tests.server.main.command import fetch

pytestmark = pytest.mark.cluster
PATIENCE = 60.0


def status(url: str, path: str) -> int:
    """What a GET is answered with."""
    return fetch(url + path)[0]


def soon(url: str, path: str, wanted: int) -> None:
    """Wait for an answer."""
    deadline = time.monotonic() + PATIENCE
    while (found := status(url, path)) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_members_end_hang_and_come_back(cluster: Cluster) -> None:
    names = {"postgres", "redis", "haproxy", "server-1", "server-2", "server-3", "media-1"}
    assert cluster.members.keys() == names
    assert cluster.ended() == []
    assert status(cluster.url, "/health/ready") == 200
    # Metrics are each server's own affair.
    assert b"vardrum_" in fetch(cluster.metrics_url("server-2"))[1]
    assert status(cluster.url, "/metrics") == 404

    # A server that is gone, with another that hangs: nobody who comes notices.
    former = cluster["server-1"].pid
    cluster.kill("server-1")
    assert (alive(former), cluster["server-1"].status) == (False, -9)
    assert [each.name for each in cluster.ended()] == ["server-1"]
    cluster.pause("server-2")
    assert {status(cluster.url, "/health/live") for _ in range(6)} == {200}
    cluster.resume("server-2")
    cluster.start("server-1")
    assert cluster["server-1"].pid != former

    # The database crashes: the pages are still there, and say so.
    cluster.kill("postgres")
    soon(cluster.url, "/health/ready", 503)
    assert status(cluster.url, "/") == 200
    cluster.start("postgres")
    soon(cluster.url, "/health/ready", 200)

    (worker,) = cluster.workers("media-1")
    cluster.kill("media-1")
    assert not alive(worker)
    for name in ("media-1", "redis", "haproxy"):
        if cluster["media-1"].running:
            cluster.kill(name)
        cluster.start(name)
    soon(cluster.url, "/health/ready", 200)
    # Asked to end, each does so by itself.
    cluster.restart("server-3")
    assert cluster.stop("server-3") < cluster["server-3"].stop_within
    assert cluster["server-3"].status == 0
    cluster.start("server-3")
    assert cluster.ended() == []
