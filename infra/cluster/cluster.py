"""The cluster put together: its members by name, and what may be done to them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from infra.cluster import processes
from infra.cluster.entrance import haproxy
from infra.cluster.member import Member
from infra.cluster.plan import Plan
from infra.cluster.ports import LOOPBACK, Ports
from infra.cluster.product import Shared, media, server
from infra.cluster.storage import Postgres, redis

# When all end there is nowhere for a call to move to: a node need not wait for it.
_NODES_END_WITHIN = 3.0


class Cluster:
    """PostgreSQL, Redis, haproxy, servers and media nodes, on ports of loopback.

    Members are called "postgres", "redis", "haproxy", "server-1" … and "media-1" …. All of this
    blocks: from an event loop, call it in a thread.
    """

    def __init__(self, folder: Path, plan: Plan | None = None) -> None:
        """Choose ports and passwords; nothing is started. Logs are written into `folder`."""
        self.plan = plan = plan or Plan()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        ports = Ports()
        self._postgres = Postgres(folder, plan, ports)
        stored, self.redis_url = redis(folder, ports)
        shared = Shared(self._postgres.url, self.redis_url, secrets.token_hex(32))
        self.servers = [
            server(f"server-{number}", folder, plan, ports, shared)
            for number in range(1, plan.servers + 1)
        ]
        self.nodes = [
            media(f"media-{number}", folder, plan, ports, shared)
            for number in range(1, plan.media + 1)
        ]
        entrance = haproxy(folder, plan.port or ports.free(), self.servers)
        every = (self._postgres.member, stored, *self.servers, *self.nodes, entrance)
        self.members = {each.name: each for each in every}
        #: Called whenever a process was started.
        self.on_change: Callable[[], None] = lambda: None

    def __enter__(self) -> Cluster:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.down()

    def __getitem__(self, name: str) -> Member:
        return self.members[name]

    @property
    def database_url(self) -> str:
        """The address of the database, for who looks into it."""
        return self._postgres.url

    @property
    def postgres_data(self) -> Path:
        """What PostgreSQL stores, removed at the end."""
        return self._postgres.folder

    @property
    def port(self) -> int:
        """Where browsers go: haproxy's port on loopback."""
        return self.members["haproxy"].port

    @property
    def url(self) -> str:
        """Where browsers go, without an audience's name."""
        return f"http://{LOOPBACK}:{self.port}"

    def server_url(self, name: str) -> str:
        """A server's own address, past haproxy."""
        return f"http://{LOOPBACK}:{self.members[name].port}"

    def metrics_url(self, name: str) -> str:
        """A server's metrics."""
        return f"http://{LOOPBACK}:{self.members[name].metrics_port}/metrics"

    def up(self) -> None:
        """Start all of it. Raises `NotStarted`, with nothing left running."""
        try:
            self._postgres.initialise()
            self._begin("postgres", "redis")
            self._postgres.create()
            # The first brings the database to this release; the others find it done.
            self._begin(*(each.name for each in self.servers[:1]))
            others = [each.name for each in (*self.servers[1:], *self.nodes)]
            self._begin(*others, "haproxy")
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """End all of it, in the order in which nobody misses anybody, and remove the data."""
        for members, within in (
            ([self.members["haproxy"], *self.servers], None),
            (self.nodes, _NODES_END_WITHIN),
            ([self.members["redis"], self.members["postgres"]], None),
        ):
            for each in members:
                each.ask_to_end()
            for each in members:
                each.await_end(within)
        self._postgres.remove()

    def start(self, name: str) -> None:
        """Start a member that ended, on the same ports and data, and wait until it is ready."""
        self._begin(name)

    def stop(self, name: str, within: float | None = None) -> float:
        """Ask a member to end (a server drains, a node moves its calls away): seconds it took.

        One that has not ended after `within` seconds is killed; its `status` tells (-9).
        """
        began = time.monotonic()
        member = self.members[name]
        member.ask_to_end()
        member.await_end(within)
        return time.monotonic() - began

    def restart(self, name: str) -> float:
        """Stop and start, as a deploy does: the seconds that stopping took."""
        took = self.stop(name)
        self.start(name)
        return took

    def kill(self, name: str) -> None:
        """SIGKILL to a member and to all it has started."""
        self.members[name].kill()

    def pause(self, name: str) -> None:
        """Freeze a member and all it has started, as a machine that hangs does."""
        self.members[name].pause()

    def resume(self, name: str) -> None:
        """Let a frozen member go on."""
        self.members[name].resume()

    def workers(self, name: str) -> list[int]:
        """The process ids of a media node's workers."""
        return processes.tree(self.members[name].pid)[1:]

    def ended(self) -> list[Member]:
        """The members that do not run."""
        return [each for each in self.members.values() if not each.running]

    def _begin(self, *names: str) -> None:
        members: Iterable[Member] = [self.members[name] for name in names]
        for each in members:
            each.launch()
        self.on_change()
        for each in members:
            each.await_ready()
