"""What `make e2e` makes of browser tests that fail, and that what they wait for can fail."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
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


def _texts(node: ast.AST, named: dict[str, ast.expr]) -> Iterator[str]:
    """The words of a string as it is written, with those of the strings that it names."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
        elif isinstance(part, ast.Name) and part.id in named:
            yield from _texts(named[part.id], named)


def waits_for_a_promise(source: str) -> list[int]:
    """The lines that hand `wait_for_function` a script whose answer is a promise.

    Playwright takes the promise itself for a yes, so such a line waits for nothing and never fails.
    """
    tree = ast.parse(source)
    named = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "wait_for_function"
        and re.search(r"\b(async|await|Promise|getStats)\b", " ".join(_texts(node.args[0], named)))
    ]


def test_no_browser_test_waits_for_a_promise() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    assert sum("wait_for_function(" in path.read_text() for path in files) > 10
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in waits_for_a_promise(path.read_text())
    }
    assert found == set(), "use `comes_true` in tests/e2e/watching.py"


@pytest.mark.parametrize(
    ("script", "waits"),
    [('"() => window.ready"', True), ('"async () => false"', False), ('f"() => {_ASKS}"', False)],
)
def test_a_promise_is_found_where_a_script_is_put_together(script: str, waits: bool) -> None:
    source = f"_ASKS = 'async () => 1'\ndef ask(page):\n    page.wait_for_function({script})\n"
    assert waits_for_a_promise(source) == ([] if waits else [3])
