"""What of a cluster would be left when whoever started it is killed; so that it can be ended."""

from __future__ import annotations

import json
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from infra.cluster import processes
from infra.cluster.cluster import Cluster

#: Process ids are given anew: one is the same only with the same birth.
Known = tuple[int, int]


@dataclass(frozen=True)
class State:
    """Who runs, as written down in a file."""

    keeper: Known
    members: dict[str, Known]
    postgres_data: Path
    port: int

    @classmethod
    def read(cls, path: Path) -> State | None:
        """What was written, if anything was."""
        try:
            told = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        members = {name: (pid, born) for name, (pid, born) in told["members"].items()}
        pid, born = told["keeper"]
        return cls((pid, born), members, Path(told["postgres_data"]), told["port"])

    @classmethod
    def of(cls, cluster: Cluster, keeper: int) -> State:
        """How it is now."""
        known = {each.name: _known(each.pid) for each in cluster.members.values() if each.running}
        return cls(_known(keeper), known, cluster.postgres_data, cluster.port)

    def write(self, path: Path) -> None:
        """Write it down, whole or not at all."""
        told = {
            "keeper": self.keeper,
            "members": self.members,
            "postgres_data": str(self.postgres_data),
            "port": self.port,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".new")
        made.write_text(json.dumps(told, indent=2) + "\n")
        made.replace(path)

    @property
    def kept(self) -> bool:
        """Whether somebody looks after it."""
        return _is_there(self.keeper)

    def end_keeper(self, within: float = 90.0) -> bool:
        """Ask whoever looks after it to end it all; False: it did not in that time."""
        processes.send([self.keeper[0]], signal.SIGTERM)
        deadline = time.monotonic() + within
        while self.kept and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.kept

    def sweep(self) -> list[str]:
        """End what is left without a keeper, and remove what it stored; the names of whom."""
        left = {name: known for name, known in self.members.items() if _is_there(known)}
        doomed = [pid for known in left.values() for pid in processes.tree(known[0])]
        processes.send(doomed, signal.SIGKILL)
        while any(processes.alive(pid) for pid in doomed):
            time.sleep(0.05)
        shutil.rmtree(self.postgres_data, ignore_errors=True)
        return sorted(left)


def _known(pid: int) -> Known:
    return pid, processes.born(pid) or 0


def _is_there(known: Known) -> bool:
    pid, born = known
    return processes.alive(pid) and processes.born(pid) == born
