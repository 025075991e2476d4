"""The product under load, as an operator starts it: processes of their own, real ports.

What a day needs of it is little: where it answers, its processes, and its database when it has
stopped. A cluster has the same.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.cluster import Cluster, Plan, processes
from server import migrations
from server.kit.database_url import parse
from server.kit.db import Database
from server.kit.postgres import PostgresBackend
from server.kit.sqlite import SqliteBackend
from tests.bench.process import cpu_seconds
from tests.bench.report import ROOT

_SAID = re.compile(rb"Patients: +http://[^:\s]+:(\d+)")


@dataclass(frozen=True, slots=True)
class Running:
    """A product that answers on a loopback port."""

    port: int
    #: The processes whose time counts, now. Children that forward media are among them.
    processes: Callable[[], list[int]]

    def cpu(self) -> float:
        """Processor time of all of its processes so far, in seconds."""
        return sum(map(cpu_seconds, self.processes()))


class Product(Protocol):
    """One way to run it, in a fresh place of its own."""

    name: str

    def database(self) -> AbstractAsyncContextManager[Database]:
        """Its database, opened while it does not run."""
        ...

    def running(self) -> AbstractAsyncContextManager[Running]:
        """Start it, and stop it."""
        ...


Opened = Callable[[Path], AbstractAsyncContextManager[Product]]


class Embedded:
    """`vardrum serve` over SQLite, with its media worker."""

    name = "embedded"

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """`folder`: for the database and the log. `settings`: more of them."""
        self._folder = folder
        self._settings = dict(settings or {})

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        path = self._folder / "vardrum.db"
        database = Database(SqliteBackend(path, prepare=migrations.upgrade))
        await database.start()
        try:
            yield database
        finally:
            await database.stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        with (self._folder / "log").open("ab") as log:
            server = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.main", "serve",
                cwd=ROOT,
                env=os.environ | {
                    "VARDRUM_DATA": str(self._folder),
                    "VARDRUM_HOST": "127.0.0.1",
                    "VARDRUM_PORT": "0",
                    "VARDRUM_METRICS_PORT": "0",
                    "VARDRUM_MEDIA_ADDRESS": "127.0.0.1",
                    # For clients that say in a header where they come from.
                    "VARDRUM_TRUSTED_PROXIES": "127.0.0.1/32",
                    "VARDRUM_LOG_FORMAT": "json",
                    "PYTHONPATH": str(self._as_installed()),
                } | self._settings,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )  # fmt: skip
        try:
            yield Running(await _port(server), lambda: family(server.pid))
        finally:
            if server.returncode is None:
                server.send_signal(signal.SIGTERM)
                await server.wait()

    def _as_installed(self) -> Path:
        """Hides what only our own tools bring, and structlog loads where it is: 5 MB a process."""
        folder = self._folder / "hidden"
        folder.mkdir(exist_ok=True)
        (folder / "rich.py").write_text("raise ImportError\n")
        return folder


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Product]:
    """One process over SQLite, in the folder."""
    yield Embedded(folder)


class _Clustered:
    """Three servers behind haproxy, over PostgreSQL and Redis, with two media nodes."""

    name = "cluster"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        # PostgreSQL runs, and so do the servers: they have nothing to do.
        database = Database(PostgresBackend(parse(self._cluster.database_url)))
        await database.start()
        try:
            yield database
        finally:
            await database.stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        members = self._cluster.members.values()
        yield Running(
            self._cluster.port,
            lambda: [pid for each in members for pid in family(each.pid)],
        )


@asynccontextmanager
async def clustered(folder: Path) -> AsyncIterator[Product]:
    """All of `make cluster`, as durable as the embedded product, from here to the end."""
    # The socket of PostgreSQL lies in it, whose path must be short.
    cluster = Cluster(folder, Plan(demo=False, durable=True))
    await asyncio.to_thread(cluster.up)
    try:
        yield _Clustered(cluster)
    finally:
        await asyncio.to_thread(cluster.down)


async def _port(server: asyncio.subprocess.Process) -> int:
    assert server.stdout is not None
    async with asyncio.timeout(120):
        while line := await server.stdout.readline():
            if found := _SAID.search(line):
                return int(found[1])
    raise RuntimeError(f"vardrum serve ended with {await server.wait()}; see its log")


def family(pid: int) -> list[int]:
    """The process and all that it started."""
    return processes.tree(pid)
