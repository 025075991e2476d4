"""`make cluster` and `make cluster-down`, as people run them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cluster import processes
from infra.cluster.member import ROOT
from infra.cluster.ports import LOOPBACK, Ports
from infra.cluster.state import State
from tests.server.main.command import fetch

pytestmark = pytest.mark.cluster
# With a page in the built client's place.
_START = (
    "import sys, pathlib; from infra.cluster.__main__ import main; "
    "from tests.cluster.conftest import plan; "
    "raise SystemExit(main(sys.argv[2:], plan(pathlib.Path(sys.argv[1]))))"
)


class Command:
    """The command in a process of its own, with a folder for all its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = Ports().free()
        self.started: list[subprocess.Popen[str]] = []

    @property
    def state(self) -> State | None:
        """What it has written down."""
        return State.read(self.folder / "cluster" / "state.json")

    def run(self, what: str) -> subprocess.Popen[str]:
        """Start it: one server, no media."""
        page = self.folder / f"page-{len(self.started)}"
        command = [sys.executable, "-c", _START, str(page), what, "--port", str(self.port)]
        command += ["--servers", "1", "--media", "0", "--folder", str(self.folder / "cluster")]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.started.append(process)
        return process

    def to_its_end(self, what: str) -> tuple[int, str]:
        """Its status and what it said."""
        process = self.run(what)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def up(self) -> tuple[subprocess.Popen[str], str]:
        """A cluster that runs, and what it said."""
        process = self.run("up")
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                return process, said
        raise AssertionError(said)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """The command; what it has left behind is ended."""
    made = Command(tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
    if (state := made.state) is not None:
        state.sweep()


def test_up_and_down(command: Command) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, command.port))
        other.listen()
        status, said = command.to_its_end("up")
    assert (status, f"Port {command.port} is taken" in said) == (1, True), said

    process, said = command.up()
    assert f"http://patient.localhost:{command.port}" in said
    assert "maria.holmvik" in said
    assert fetch(f"http://{LOOPBACK}:{command.port}/health/ready")[0] == 200
    status, refused = command.to_its_end("up")
    assert (status, "runs already" in refused) == (1, True), refused

    # Who dies comes back.
    before = command.state
    assert before is not None
    assert before.members.keys() == {"postgres", "redis", "server-1", "haproxy"}
    processes.send([before.members["redis"][0]], signal.SIGKILL)
    assert process.stdout is not None
    while "redis is back" not in (line := process.stdout.readline()):
        assert line, "it ended"
    after = command.state
    assert after is not None
    assert after.members["redis"] != before.members["redis"]
    assert {**after.members, "redis": 0} == {**before.members, "redis": 0}

    assert command.to_its_end("down") == (0, "The cluster has ended.\n")
    said, _ = process.communicate(timeout=120)
    assert (process.returncode, said) == (0, "The cluster has ended.\n")
    assert not any(processes.alive(pid) for pid, _ in after.members.values())
    assert not after.postgres_data.exists()
    assert command.state is None
    assert command.to_its_end("down") == (0, "No cluster is running.\n")


def test_what_was_left_is_ended_and_nobody_else(tmp_path: Path) -> None:
    """Whoever looked after it was killed. A process with the id of a former one is left alone."""
    data = tmp_path / "postgres"
    data.mkdir()
    ours, other = (subprocess.Popen(["sleep", "600"]) for _ in range(2))
    try:
        born = processes.born(ours.pid), processes.born(other.pid)
        assert born[0] is not None
        assert born[1] is not None
        members = {"redis": (ours.pid, born[0]), "haproxy": (other.pid, born[1] - 1)}
        file = tmp_path / "state.json"
        State((other.pid, born[1] - 1), members, data, 8080).write(file)
        left = State.read(file)
        assert left is not None
        assert not left.kept
        assert left.sweep() == ["redis"]
        assert ours.wait() == -signal.SIGKILL
        assert other.poll() is None
        assert not data.exists()
    finally:
        for each in (ours, other):
            each.kill()
            each.wait()
