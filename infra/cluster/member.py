"""One process of a cluster: started, stopped, killed and frozen, as often as one likes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.cluster import processes
from infra.cluster.programs import RunAs

ROOT = Path(__file__).resolve().parents[2]
#: Seconds until a member is ready on a machine that is full.
START_WITHIN = 120.0


class NotStarted(RuntimeError):
    """A member ended, or did not get ready; with the end of its log."""


@dataclass
class Member:
    """A process by its name. Whatever happens to it, its ports and its data stay the same."""

    name: str
    command: Sequence[str]
    log: Path
    #: Asked again and again while it starts.
    ready: Callable[[Member], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    run_as: RunAs = field(default_factory=RunAs)
    #: What asks it to end, and seconds that it may take.
    asked_by: signal.Signals = signal.SIGTERM
    stop_within: float = 10.0
    #: The port that it listens on, and that of its metrics.
    port: int = 0
    metrics_port: int = 0
    #: Its own, for a member that keeps something.
    data: Path | None = None
    started_at: int = 0
    """How long its log was when it was last started."""
    _process: subprocess.Popen[bytes] | None = None
    _ended: int | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises `RuntimeError` when it does not run."""
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether there is a process, frozen or not."""
        self._look()
        return self._process is not None

    @property
    def status(self) -> int | None:
        """How it ended the last time, as `subprocess` counts (-9: SIGKILL)."""
        return None if self.running else self._ended

    @property
    def said(self) -> str:
        """What it wrote since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self.started_at)
            return log.read().decode(errors="replace")

    def _look(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._ended, self._process = self._process.returncode, None

    def launch(self) -> None:
        """Start the process; `await_ready` waits for it."""
        if self.running:
            raise RuntimeError(f"{self.name} runs already")
        plain = {name: text for name, text in os.environ.items() if not name.startswith("VARDRUM_")}
        with self.log.open("ab") as log:
            self.started_at = log.tell()
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env={**plain, **self.environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # Ctrl-C in the terminal is for whoever started the cluster, who ends it in order.
                start_new_session=True, **self.run_as,
            )  # fmt: skip

    def await_ready(self, within: float = START_WITHIN) -> None:
        """Wait until it does its work. Raises `NotStarted`."""
        deadline = time.monotonic() + within
        while self.running and time.monotonic() < deadline:
            if self.ready(self):
                return
            time.sleep(0.05)
        how = "did not get ready" if self.running else f"ended with status {self._ended}"
        raise NotStarted(f"{self.name} {how}:\n{self.said[-3000:]}")

    def ask_to_end(self) -> None:
        """Send what asks it to end, and don't wait."""
        if self.running:
            # One that is frozen hears nothing.
            self.resume()
            processes.send([self.pid], self.asked_by)

    def await_end(self, within: float | None = None) -> bool:
        """Wait until it has ended; False: it had to be killed."""
        if self._process is None:
            return True
        try:
            self._process.wait(self.stop_within if within is None else within)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return not self.running

    def kill(self) -> None:
        """SIGKILL to it and to all it has started; return when they are gone."""
        if not self.running or self._process is None:
            return
        doomed = processes.tree(self._process.pid)
        processes.send(doomed, signal.SIGKILL)
        self._process.wait()
        # The children are nobody's to wait for; the kernel needs a moment for them.
        while any(processes.alive(pid) for pid in doomed):
            time.sleep(0.01)
        self._look()

    def pause(self) -> None:
        """Freeze it (SIGSTOP), with all it has started."""
        processes.send(processes.tree(self.pid), signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        processes.send(processes.tree(self.pid), signal.SIGCONT)
