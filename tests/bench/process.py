"""Processes of the benchmark: on which cores they run, and what they cost."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path


def cores() -> tuple[set[int], list[int]]:
    """The core of the server under test, and the ones of those who make its load."""
    first, *rest = sorted(os.sched_getaffinity(0))
    return {first}, rest or [first]


def pin(pid: int, to: Iterable[int]) -> None:
    """Let every thread of a process run on these cores only; its later ones do as well."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), to)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_of_dead(pid: int) -> float:
    """User and system time of the process's children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int) -> int:
    """What the process holds, its share of what it shares with others (PSS)."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    assert found is not None
    return int(found[1])
