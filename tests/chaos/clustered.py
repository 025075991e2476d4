"""The product as a cluster: three servers behind haproxy, PostgreSQL, Redis, two media nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from pydantic import SecretStr

from infra.cluster import Cluster, Member, Plan
from server.kit.settings import Settings
from tests.chaos.clock import Shift
from tests.chaos.embedded import vardrum
from tests.chaos.schedule import Kind


class Clustered:
    """Everything on loopback, started by itself."""

    name = "cluster"

    def __init__(self, folder: Path) -> None:
        self.shift = Shift(folder / "ahead")
        plan = Plan(
            settings={
                "media_address": "127.0.0.1", "login_threads": 1, "log_sample": 0,
                # Read by `tests.chaos.vardrum`, not by the product.
                "chaos": self.shift.path,
            },
            vardrum=vardrum(folder),
        )  # fmt: skip
        self._cluster = Cluster(folder / "cluster", plan)
        self.members: Mapping[str, Member] = self._cluster.members
        self.port = self._cluster.port
        self.settings = Settings(
            data=folder / "data", database_url=SecretStr(self._cluster.database_url)
        )

    def __enter__(self) -> Clustered:
        self._cluster.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._cluster.down()

    @property
    def targets(self) -> Mapping[Kind, Sequence[str]]:
        """Everything there is. The disk is filled under what keeps something."""
        servers = tuple(each.name for each in self._cluster.servers)
        nodes = tuple(each.name for each in self._cluster.nodes)
        others = ("postgres", "redis", "haproxy")
        return {
            Kind.KILL: (*servers, *nodes, *others),
            Kind.FREEZE: (*servers, *nodes, *others),
            Kind.RESTART: (*servers, *nodes, *others),
            Kind.KILL_WORKER: nodes,
            Kind.FREEZE_WORKER: nodes,
            Kind.FULL_DISK: ("postgres",),
            Kind.CUT: ("",),
            Kind.DELAY: ("",),
            Kind.CLOCK: ("",),
        }

    def workers(self, name: str) -> list[int]:
        """The media workers of a node."""
        return self._cluster.workers(name) if self.members[name].running else []
