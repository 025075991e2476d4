"""What `make e2e` makes of browser tests that fail."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
_OK, _FAILED, _INTERRUPTED = 0, 1, 2


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The runner, which remembers its failures in a folder of its own."""
    spec = importlib.util.spec_from_file_location("browser_tests", ROOT / "infra/browser_tests.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FAILED", tmp_path / "lastfailed")
    return module


@pytest.mark.parametrize(
    ("failures", "statuses", "runs", "status"),
    [
        (0, [_OK], 1, _OK),
        (2, [_FAILED, _OK], 2, _OK),
        (2, [_FAILED, _FAILED], 2, _FAILED),
        (4, [_FAILED, _OK], 2, _OK),
        (5, [_FAILED], 1, _FAILED),
        (1, [_INTERRUPTED], 1, _INTERRUPTED),
    ],
)
def test_a_few_are_tried_alone_and_more_are_not(
    runner: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    failures: int,
    statuses: list[int],
    runs: int,
    status: int,
) -> None:
    asked: list[tuple[str, ...]] = []

    def run(*arguments: str) -> int:
        asked.append(arguments)
        runner.FAILED.write_text(json.dumps({f"test_{n}": True for n in range(failures)}))
        return statuses[len(asked) - 1]

    monkeypatch.setattr(runner, "pytest", run)
    assert runner.main() == status
    assert len(asked) == runs
    # Nothing that failed in another run is tried, and what is tried is alone.
    assert "--cache-clear" in asked[0]
    if runs == 2:
        assert "--last-failed" in asked[1]
        assert "-n" not in asked[1]
