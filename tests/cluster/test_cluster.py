"""Members of a cluster end, hang and come back, in a deploy one by one; the others go on."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence

import aiohttp
import asyncpg
import pytest

from infra.cluster import Cluster
from infra.cluster.processes import alive
from server.kit.tasks import cancel, spawn
from tests.bench.clip import Clip, clip
from tests.robots import Crowd, Ledger, Part
from tests.server.main.command import fetch

pytestmark = pytest.mark.cluster
PATIENCE = 60.0


def restarted(
    cluster: Cluster,
) -> tuple[list[tuple[str, int | None]], list[tuple[float, float]]]:
    """Each server ends when asked, and is started again: how each ended, and from when to when.

    Status 0 says that it drained within two seconds; after that it cuts itself off, with another.
    """
    ended, replaced = [], []
    for server in cluster.servers:
        began = time.monotonic()
        cluster.stop(server.name)
        ended.append((server.name, server.status))
        replaced.append((began, time.monotonic()))
        cluster.start(server.name)
    return ended, replaced


async def stored(url: str) -> dict[str, list[tuple[int, str]]]:
    """The numbers and ids of all messages that people wrote, by visit."""
    conn = await asyncpg.connect(url)
    try:
        rows = await conn.fetch(
            "SELECT visit_id::text, seq, client_id::text FROM messages"
            " WHERE client_id IS NOT NULL ORDER BY visit_id, seq"
        )
    finally:
        await conn.close()
    found: dict[str, list[tuple[int, str]]] = {}
    for visit_id, seq, client_id in rows:
        found.setdefault(visit_id, []).append((seq, client_id))
    return found


def failures(ledgers: Sequence[Ledger]) -> Counter[str]:
    """What failed of what was asked.

    That a socket moves to another server is none, be it still greeting or waiting for an ack: what
    it asked goes again, there.
    """
    troubles: Counter[str] = sum((each.troubles for each in ledgers), Counter())
    moved = ("sockets lost", "no socket (ConnectionError)", "messages without an ack")
    # Of calls: a joining that met the move goes again, and so long the other side is silent; a
    # visit may end before the patient has heard so. What a call must not lose is its leg's place.
    in_calls = ("not joined", "legs gone silent", "legs lost (closed)")
    for each in [each for each in troubles if each in moved or each.startswith(in_calls)]:
        del troubles[each]
    return troubles


async def newcomers(url: str, failed: list[str]) -> None:
    """Pages and sockets are opened one after the other; each must be at the first attempt."""
    socket = "/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession(url) as http:
        while True:
            try:
                async with http.get("/api/v1/clinics") as answer:
                    await answer.read()
                    if answer.status != 200:
                        failed.append(f"a page: {answer.status}")
                async with http.ws_connect(socket):
                    pass
            except (aiohttp.ClientError, OSError) as error:
                failed.append(repr(error))
            await asyncio.sleep(0.01)


async def journeys(url: str, enough: asyncio.Event, ledgers: list[Ledger], ready: Clip) -> None:
    """Six patients and two doctors, again and again until it is enough; they see each other."""
    part = Part(journeys=1, messages=4, goes_away=0, leaves=0, returns=0, video=1.0, visit=8.0)
    for seed in itertools.count(1):
        crowd = Crowd([url], part, seed=seed, clip=ready)
        ledgers += crowd.ledgers
        await crowd.run()
        if enough.is_set():
            return


def acknowledged(ledgers: Sequence[Ledger]) -> int:
    """How many messages so far."""
    return sum(len(each.acknowledged) for each in ledgers)


def seen_while(ledgers: Sequence[Ledger], began: float, ended: float) -> int:
    """In how many calls, which went on before and after, the other's picture came throughout."""
    return sum(
        pictures.joined_at < began and any(at > ended for at in pictures.at)
        for each in ledgers
        for pictures in each.pictures
    )


@pytest.fixture(scope="module")
def ready() -> Clip:
    """What is sent in calls."""
    return clip(30)


async def test_nobody_notices_a_rolling_deploy(cluster: Cluster, ready: Clip) -> None:
    ledgers: list[Ledger] = []
    failed: list[str] = []
    enough = asyncio.Event()
    running = spawn(journeys(cluster.url, enough, ledgers, ready), "robots")
    while not (acknowledged(ledgers) and any(each.at for one in ledgers for each in one.pictures)):
        assert not running.done()
        await asyncio.sleep(0.05)
    coming = spawn(newcomers(cluster.url, failed), "newcomers")
    said_before = acknowledged(ledgers)
    ended, replaced = await asyncio.to_thread(restarted, cluster)
    said_after = acknowledged(ledgers)
    enough.set()
    await cancel(coming)
    await running

    assert ended == [("server-1", 0), ("server-2", 0), ("server-3", 0)]
    assert said_after > said_before
    assert sum(each.troubles["sockets lost"] for each in ledgers) > 0, "sockets moved"
    # Among them a leg that lost its media worker, or was replaced: calls go on.
    assert failures(ledgers) == {}
    assert sum(seen_while(ledgers, *each) for each in replaced) > 0
    assert failed == []
    assert [told for each in ledgers for told in each.unfinished + each.contradictions] == []
    there = await stored(cluster.database_url)
    for each in ledgers:
        for written in each.written:
            lines = there[written.visit_id]
            numbers = [seq for seq, client_id in lines if client_id == written.client_id]
            assert numbers == [each.acknowledged[written.client_id]]
        for visit_id, saw in each.saw.items():
            seen = [(line.seq, line.client_id) for _, line in sorted(saw.items()) if line.client_id]
            assert seen == there[visit_id], "both saw all of it, in order"


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
    assert cluster.ended() == []
