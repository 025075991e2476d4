"""`docs/licences.md` is fresh and whole, and nothing gets in that is not allowed."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "licences.md").read_text()


@pytest.fixture(scope="module")
def licences() -> dict[str, Any]:
    """What `infra/licences.py` defines; it is a script and no package."""
    return runpy.run_path(str(ROOT / "infra" / "licences.py"))


def _listed(*marks: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Name and version → licence and reason, from the paper's tables of these marks."""
    found = {}
    for mark in marks:
        table = PAPER.split(f"<!-- {mark} -->\n")[1].split(f"<!-- /{mark} -->")[0]
        for row in table.splitlines()[2:]:
            name, version, licence, why = row.strip("| ").split(" | ")
            found[name, version] = (licence, why)
    return found


def test_the_paper_lists_what_runs_in_the_server(licences: dict[str, Any]) -> None:
    locked = {
        (package.name, package.version): (package.licence, package.why)
        for package in licences["python_packages"]("run")
    }
    pins = re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)
    assert set(locked) == set(pins)
    assert _listed("server") == locked, "make licences"


def test_the_paper_lists_what_the_client_is_made_of(licences: dict[str, Any]) -> None:
    locked = {
        (package.name, package.version): (package.licence, package.why)
        for package in licences["npm_packages"](production=True)
    }
    assert len(locked) > 20
    assert _listed("browser", "beside") == locked, "make licences"
    # React's code ends in the client; what parses its texts when it is built does not.
    assert "react-dom" in {name for name, _ in _listed("browser")}
    assert "moo" in {name for name, _ in _listed("beside")}


def test_everything_has_a_reason() -> None:
    for (name, _), (_, why) in _listed("server", "browser", "beside").items():
        assert re.fullmatch(r"for \S.*|(?!for ).{5,}", why), name


def test_nothing_is_in_that_is_not_allowed(licences: dict[str, Any]) -> None:
    assert licences["strangers"]() == []


@pytest.mark.parametrize(
    ("expression", "passes"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-3.0-or-later OR MIT", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND GPL-3.0-or-later", False),
        ("(MIT OR GPL-2.0-only) AND AGPL-3.0-only", False),
        ("MIT and/or GPL", False),
        ("(MIT", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_what_is_allowed(licences: dict[str, Any], expression: str, passes: bool) -> None:
    assert licences["allowed"](expression) is passes


def test_libraries_inside_wheels_are_known(licences: dict[str, Any]) -> None:
    """A wheel that brings a new library is noticed; those of PyAV are GPL in part, and said."""
    known = licences["FACTS"]["bundled"]
    found = licences["bundled_libraries"]()
    assert "av" in found
    strangers = [
        f"{wheel}: {file}"
        for wheel, files in found.items()
        for file in files
        if not file.startswith(tuple(known.get(wheel, {"nothing known": ()})))
    ]
    assert strangers == []
    table = PAPER.split("<!-- bundled -->")[1].split("<!-- /bundled -->")[0]
    for libraries in known.values():
        for name, licence in libraries.values():
            assert f"| {name} | {licence} |" in table
