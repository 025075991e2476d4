"""A TURN server (coturn) on loopback: relays for a browser that can't send UDP itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .product import free_port

_HOST = "127.0.0.1"
_MANY = 200


@dataclass(frozen=True)
class Turn:
    """Where it answers, over TCP alone, and from which UDP ports it relays."""

    url: str
    secret: str
    relays_from: range


@contextmanager
def running(folder: Path) -> Iterator[Turn]:
    """A TURN server that takes short-lived credentials made with its secret."""
    program = shutil.which("turnserver") or "/usr/bin/turnserver"
    port, first, secret = free_port(), free_port(socket.SOCK_DGRAM), "a secret of this test"
    ports = range(first, first + _MANY)
    log = folder / "turn.log"
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [
                program, "-n", "--no-cli", "--no-tls", "--no-dtls", "--no-udp",
                "--allow-loopback-peers", "--fingerprint", "--use-auth-secret",
                f"--static-auth-secret={secret}", "--realm=vardrum",
                f"--listening-ip={_HOST}", f"--listening-port={port}", f"--relay-ip={_HOST}",
                f"--min-port={ports[0]}", f"--max-port={ports[-1]}",
                "--log-file=stdout", f"--pidfile={folder / 'turn.pid'}",
                f"--userdb={folder / 'turndb'}", "--no-multicast-peers",
            ],
            stdout=lines, stderr=lines, cwd=folder,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not _listens(port):
            assert process.poll() is None, f"the TURN server ended:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the TURN server is silent:\n{log.read_text()}"
            time.sleep(0.1)
        yield Turn(f"turn:{_HOST}:{port}?transport=tcp", secret, ports)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((_HOST, port)) == 0
