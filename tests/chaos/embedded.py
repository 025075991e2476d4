"""The product as one process over SQLite, with its media worker."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from infra.cluster import Member, processes
from infra.cluster.ports import LOOPBACK, Ports
from server.kit.settings import Settings
from tests.chaos.clock import Shift
from tests.chaos.schedule import Kind
from tests.chaos.starting import start

_SERVER = "server"


class Embedded:
    """One server on ports and in a folder of its own."""

    name = "embedded"

    def __init__(self, folder: Path) -> None:
        ports = Ports()
        self.shift = Shift(folder / "ahead")
        self.settings = Settings(data=folder / "data")
        self.port = ports.free()
        environment = {
            "VARDRUM_CHAOS": str(self.shift.path),
            "VARDRUM_HOST": LOOPBACK,
            "VARDRUM_PORT": str(self.port),
            "VARDRUM_METRICS_PORT": "-1",
            "VARDRUM_MEDIA_ADDRESS": LOOPBACK,
            "VARDRUM_DATA": str(self.settings.data),
            "VARDRUM_LOG_FORMAT": "json",
            "VARDRUM_LOG_SAMPLE": "0",
            "VARDRUM_LOGIN_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        command = (*vardrum(folder), "serve", "--demo")
        self.server = Member(
            _SERVER, command, folder / "server.log", _is_ready,
            environment=environment, port=self.port,
        )  # fmt: skip
        self.members: Mapping[str, Member] = {_SERVER: self.server}

    def __enter__(self) -> Embedded:
        start(self.server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.server.ask_to_end()
        self.server.await_end()

    @property
    def targets(self) -> Mapping[Kind, Sequence[str]]:
        """Everything there is."""
        outside = (Kind.CUT, Kind.DELAY, Kind.CLOCK)
        return {kind: ("" if kind in outside else _SERVER,) for kind in Kind}

    def workers(self, _name: str) -> list[int]:
        """Its media workers."""
        return processes.tree(self.server.pid)[1:] if self.server.running else []


def vardrum(folder: Path) -> tuple[str, ...]:
    """How `vardrum` is run: with a page in the place of the client, and the clock that moves."""
    page = folder / "page"
    page.mkdir()
    (page / "index.html").write_text("<title>V</title>")
    return sys.executable, "-m", "tests.chaos.vardrum", "--page", str(page)


def _is_ready(member: Member) -> bool:
    try:
        url = f"http://{LOOPBACK}:{member.port}/health/ready"
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
