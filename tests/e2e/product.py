"""The product as a person starts it: one process, on free ports, over a data folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LOOPBACK = "127.0.0.1"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((_LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Product:
    """A running Vårdrum. `restart` keeps the ports and the data."""

    data: Path
    web_port: int
    media_port: int
    metrics_port: int
    log: Path
    extra: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def web(self) -> tuple[str, int]:
        return (_LOOPBACK, self.web_port)

    @property
    def media(self) -> tuple[str, int]:
        return (_LOOPBACK, self.media_port)

    def start(self) -> None:
        """Start it and wait until it says that it is ready (at most 30 s)."""
        env = dict(os.environ) | {
            "VARDRUM_PORT": str(self.web_port),
            "VARDRUM_DATA": str(self.data),
            "VARDRUM_MEDIA_ADDRESS": _LOOPBACK,
            "VARDRUM_MEDIA_PORT": str(self.media_port),
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
        deadline = time.monotonic() + 30
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the product did not start:\n{self.log.read_text()}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            url = f"http://{_LOOPBACK}:{self.web_port}/health/ready"
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

    def restart(self) -> None:
        """Stop and start again over the same data, ports and all."""
        self.stop()
        self.start()


def prepare(folder: Path, **extra: str) -> Product:
    """A product that is not started yet, with ports and a data folder of its own."""
    return Product(
        data=folder / "data",
        web_port=free_port(),
        media_port=free_port(socket.SOCK_DGRAM),
        metrics_port=free_port(),
        log=folder / "product.log",
        extra=extra,
    )
