"""What every source file keeps to: small rooms, and nothing that is left for later."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 320
#: Written by `make types`, read by nobody.
GENERATED = "web-client/src/wire/generated.ts"
LEFT_FOR_LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def sources(*patterns: str) -> list[Path]:
    """The tracked files of these patterns that still exist."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = [ROOT / line for line in listing.stdout.splitlines()]
    return [path for path in found if path.is_file()]


@pytest.mark.parametrize("kind", ["py", "ts", "tsx", "css"])
def test_no_file_is_long(kind: str) -> None:
    written = [path for path in sources(f"*.{kind}") if path != ROOT / GENERATED]
    assert len(written) > 20
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in written
        if (count := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert long == {}, "split it by use case"


def test_nothing_is_left_for_later() -> None:
    """What is not done is said in the papers and in issues, not in the code."""
    here = Path(__file__)
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("*.py", "*.ts", "*.tsx", "*.css", "*.sh", "Makefile")
        if path != here
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LEFT_FOR_LATER.search(line)
    ]
    assert left == []


def test_no_test_is_skipped() -> None:
    """What cannot be had fails loudly; a skipped test is one that nobody misses."""
    here = Path(__file__)
    quiet = re.compile(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|skipif|xfail)\b|\.only\(")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("tests/*.py", "web-client/src/*.test.ts", "web-client/src/*.test.tsx")
        if path != here
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if quiet.search(line)
    ]
    assert found == []
