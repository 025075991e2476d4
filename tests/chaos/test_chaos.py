"""The short form of `make chaos`, and that its parts do what they say."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos import commits
from tests.chaos.schedule import Kind, schedule
from tests.e2e.product import ROOT

#: Another than the one that `make chaos` draws each time: what is green once stays comparable.
_SEED = 5


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=420,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


@pytest.mark.chaos
def test_whatever_breaks_nothing_acknowledged_is_lost_or_doubled() -> None:
    said = _run(
        "tests.chaos", "--arm", "embedded", "--seed", str(_SEED), "--seconds", "14",
        "--every", "1.5", "--patients", "3",
        # How fast it is back is for a machine that does nothing else: `make chaos` says it.
        "--goal", "60",
    )  # fmt: skip
    (done,) = (line for line in said.splitlines() if "faults were done" in line)
    assert [kind for kind in Kind if kind not in done] == []
    assert "held   a media worker's death took a picture away, and it came back" in said


@pytest.mark.chaos
def test_a_process_killed_while_it_commits_has_kept_what_it_acknowledged() -> None:
    assert "0 complaints" in _run("tests.chaos.commits", "--kills", "20", "--seed", str(_SEED))


def test_a_write_that_is_missing_doubled_or_torn_is_found(tmp_path: Path) -> None:
    path = tmp_path / "written.db"
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE written (number INTEGER, content INTEGER)")
    conn.execute("INSERT INTO written VALUES (1, ?)", (commits.content(1),))
    conn.commit()
    assert commits.complaints(path, {1}) == []
    assert commits.complaints(path, {1, 2}) == ["2 was acknowledged and is lost"]
    conn.execute("INSERT INTO written VALUES (1, 7)")
    conn.commit()
    conn.close()
    assert commits.complaints(path, {1}) == ["1 writes are there twice", "1 holds 7"]


def test_a_seed_gives_the_same_faults_again_and_another_others() -> None:
    targets = {Kind.KILL: ("a", "b"), Kind.FREEZE: ("a", "b"), Kind.CUT: ("",)}
    first = schedule(1, 60, 2, targets)
    assert first == schedule(1, 60, 2, targets)
    assert first != schedule(2, 60, 2, targets)
    assert {fault.kind for fault in first} == set(targets)
    assert all(0 < fault.at < 60 for fault in first)


@pytest.mark.parametrize("seed", range(50))
def test_any_seed_has_every_kind_of_fault_and_a_long_run_has_each_for_everybody(seed: int) -> None:
    targets = {
        Kind.KILL: ("server-1", "server-2", "postgres", "redis"),
        Kind.FREEZE: ("server-1", "postgres"),
        Kind.KILL_WORKER: ("media-1",),
        Kind.CLOCK: ("",),
    }
    assert {fault.kind for fault in schedule(seed, 4 * 1.5, 1.5, targets)} == set(targets)
    # A worker and the clock are hit twice.
    faults = schedule(seed, 10 * 1.5, 1.5, targets)
    assert {(each.kind, each.target) for each in faults} == {
        (kind, target) for kind, whom in targets.items() for target in whom
    }
    assert {each.amount for each in faults if each.kind is Kind.CLOCK} == {3600.0, -3600.0}
    assert [each.at for each in faults] == sorted(each.at for each in faults)
