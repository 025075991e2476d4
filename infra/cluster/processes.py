"""Processes and what they have started, by Linux's `/proc`."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything: state, parent, …; none: it is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether the process runs, or is stopped."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def born(pid: int) -> int | None:
    """When the process started, in the kernel's ticks: ids are given anew, with another birth."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def tree(pid: int) -> list[int]:
    """A process and all it has started, itself and parents first."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields and fields[0] not in "ZX":
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """A signal to each that is there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
