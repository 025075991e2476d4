"""`make e2e`: the browser tests, several at a time; what fails beside the others is tried alone.

Each test has a product and two browsers of its own that encode and decode pictures in software. On
a machine that is full one of them may get no time for seconds, which is no fault of the product.
So a few that fail are run once more, one at a time, and count as they end then; that they did not
pass at first is said. More than a few are a fault, and are not tried again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
#: At most so many are tried again.
A_FEW = 4
#: pytest's exit status when tests failed, and nothing else went wrong.
TESTS_FAILED = 1


def pytest(*arguments: str) -> int:
    """pytest's exit status for the browser tests."""
    command = [sys.executable, "-m", "pytest", "-m", "browser", "-p", "no:randomly", *arguments]
    return subprocess.run([*command, "tests/e2e"], cwd=ROOT, check=False).returncode


def failed() -> list[str]:
    """The tests that failed last."""
    try:
        return sorted(json.loads(FAILED.read_text()))
    except FileNotFoundError:
        return []


def main() -> int:
    """Run them; the exit status."""
    # A visit waits more than it computes, but two browsers each are what three cores carry.
    workers = 3 if len(os.sched_getaffinity(0)) > 3 else 2
    status = pytest("--cache-clear", "-n", str(workers), "--dist", "worksteal", "--durations", "25")
    first = failed()
    if status != TESTS_FAILED or not 0 < len(first) <= A_FEW:
        return status
    told = "\n  ".join(["", f"{len(first)} failed beside the others and are tried alone:", *first])
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()
    return pytest("--last-failed", "--last-failed-no-failures", "none")


if __name__ == "__main__":
    sys.exit(main())
