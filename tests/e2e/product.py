"""The product as a person starts it: one process, on free ports, over a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LOOPBACK = "127.0.0.1"


# Below what the kernel hands out by itself (from 32768): a port that is free while the product
# is restarted is not taken by somebody's outgoing connection in between.
_PORTS = range(12_000, 32_000)
_ATTEMPTS = 5
_TAKEN = re.compile("is taken by another program|Address already in use")


class NotStarted(RuntimeError):
    """The product ended, or did not get ready; with its log."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody listens on now."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind((_LOOPBACK, port))
            return port


@dataclass
class Product:
    """A running Vårdrum. `restart` keeps the ports and the data."""

    data: Path
    web_port: int
    media_port: int
    metrics_port: int
    log: Path
    web_host: str
    media_addresses: Sequence[str]
    extra: dict[str, str]
    media_workers: int = 1
    process: subprocess.Popen[bytes] | None = None

    @property
    def web(self) -> tuple[str, int]:
        return (self.web_host, self.web_port)

    @property
    def media(self) -> list[tuple[str, int]]:
        ports = range(self.media_port, self.media_port + self.media_workers)
        return [(address, port) for port in ports for address in self.media_addresses]

    @property
    def media_tcp(self) -> list[tuple[str, int]]:
        """Where it takes media over TCP: nowhere, unless a test says so among its settings."""
        first = self.extra.get("VARDRUM_MEDIA_TCP_PORT")
        ports = range(int(first), int(first) + self.media_workers) if first else ()
        return [(address, port) for port in ports for address in self.media_addresses]

    def start(self) -> None:
        """Start it and wait until it says that it is ready (at most 90 s)."""
        env = dict(os.environ) | {
            "VARDRUM_HOST": self.web_host,
            "VARDRUM_PORT": str(self.web_port),
            "VARDRUM_DATA": str(self.data),
            "VARDRUM_MEDIA_ADDRESS": ",".join(self.media_addresses),
            "VARDRUM_MEDIA_PORT": str(self.media_port),
            "VARDRUM_MEDIA_WORKERS": str(self.media_workers),
            "VARDRUM_METRICS_PORT": str(self.metrics_port),
            **self.extra,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.main", "serve", "--demo"],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 90
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise NotStarted(f"the product did not start:\n{self.log.read_text()}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            host = f"[{self.web_host}]" if ":" in self.web_host else self.web_host
            url = f"http://{host}:{self.web_port}/health/ready"
            with urllib.request.urlopen(url, timeout=2) as answer:  # our own address
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> float:
        """Ask it to stop, as Ctrl-C does; the seconds that took. Kills it after 10 s."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began

    def kill(self) -> None:
        """End it as a power cut does; return when it is gone, its media worker or not."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def media_worker(self, number: int = 0) -> int:
        """The process id of the media worker that runs now; waits for one (at most 30 s)."""
        assert self.process is not None
        deadline = time.monotonic() + 90
        port = str(self.media_port + number)
        while not (found := _children(self.process.pid, "signaling.worker", port)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"there is no media worker:\n{self.log.read_text()}")
            time.sleep(0.1)
        (pid,) = found
        return pid

    def kill_media_worker(self, number: int = 0) -> int:
        """End the media worker as a crash does; its process id."""
        pid = self.media_worker(number)
        os.kill(pid, signal.SIGKILL)
        return pid

    def restart(self) -> None:
        """Stop and start again over the same data, ports and all."""
        self.stop()
        self.start()


def _children(parent: int, *arguments: str) -> list[int]:
    """The living children of a process with these arguments, by Linux's `/proc`."""
    wanted = {argument.encode() for argument in arguments}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name in brackets may hold anything; the fields after it are state and parent.
            state, ppid, *_ = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:  # ended while we looked
            continue
        if int(ppid) == parent and state != "Z" and wanted.issubset(command):
            found.append(int(folder.name))
    return found


def alive(pid: int) -> bool:
    """Whether the process runs still."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def prepare(
    folder: Path,
    web_host: str = _LOOPBACK,
    media_addresses: Sequence[str] = (_LOOPBACK,),
    media_workers: int = 1,
    **extra: str,
) -> Product:
    """A product that is not started yet, with ports and a data folder of its own."""
    return Product(
        data=folder / "data",
        web_port=free_port(),
        media_port=free_port(socket.SOCK_DGRAM),
        metrics_port=free_port(),
        log=folder / "product.log",
        web_host=web_host,
        media_addresses=media_addresses,
        extra=extra,
        media_workers=media_workers,
    )


def started(
    folder: Path,
    web_host: str = _LOOPBACK,
    media_addresses: Sequence[str] = (_LOOPBACK,),
    media_workers: int = 1,
    **extra: str,
) -> Product:
    """A product that runs. Somebody may take a port that was free a moment ago: then on others."""
    for attempt in range(1, _ATTEMPTS + 1):
        product = prepare(folder, web_host, media_addresses, media_workers, **extra)
        try:
            product.start()
        except NotStarted as error:
            if attempt == _ATTEMPTS or not _TAKEN.search(str(error)):
                raise
        else:
            return product
    raise AssertionError("unreachable")
