"""Ports of loopback that nobody uses."""

from __future__ import annotations

import contextlib
import secrets
import socket

LOOPBACK = "127.0.0.1"
# Below what the kernel hands out by itself (from 32768): a port that is free while its member is
# restarted is not taken by somebody's outgoing connection in between.
_RANGE = range(12_000, 32_000)


class Ports:
    """Gives each port once."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def free(self, kind: socket.SocketKind = socket.SOCK_STREAM, count: int = 1) -> int:
        """The first of so many consecutive ports that are free now."""
        while True:
            first = secrets.choice(_RANGE)
            wanted = range(first, first + count)
            if self._given.isdisjoint(wanted) and all(is_free(port, kind) for port in wanted):
                self._given.update(wanted)
                return first


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether somebody could listen there."""
    with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
        # As servers do: connections that just ended there are in nobody's way.
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
        return True
    return False


def answers(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=2).close()
    except OSError:
        return False
    return True
