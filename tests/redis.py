"""A Redis of one's own, on a free port of loopback, that can be killed, stopped and started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from types import TracebackType

PATIENCE = 20.0
_MISSING = (
    "The tests need Redis, and redis-server was not found. As root, run:\n"
    "  apt-get update && apt-get install -y redis-server"
)


class RedisMissing(RuntimeError):
    """There is no Redis here. It says what to type; the tests fail, they are not skipped."""


class RedisServer:
    """One server that keeps nothing on disk. As a context manager: started, and ended."""

    def __init__(self, password: str = "") -> None:
        self.port = _free_port()
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, as a setting says it."""
        login = f":{self._password}@" if self._password else ""
        return f"redis://{login}127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it takes connections."""
        program = shutil.which("redis-server")
        if program is None:
            raise RedisMissing(_MISSING)
        line = [program, "--port", str(self.port), "--bind", "127.0.0.1"]
        line += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        if self._password:
            line += ["--requirepass", self._password]
        self._process = subprocess.Popen(line, stdout=subprocess.DEVNULL, cwd="/")
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """It is gone, without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def stop(self) -> None:
        """It stands still, with every connection open."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It runs again, as if nothing had been."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.go_on()
        self.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
