"""The papers are tested: every setting in the table, every command real, no host in a lock."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from server.kit.settings import settings_table

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def _tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / line for line in listing.stdout.splitlines()]


def test_every_make_target_that_the_papers_name_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    papers = [README, (ROOT / "ARCHITECTURE.md").read_text()]
    named = {
        name
        for paper in papers
        for name in re.findall(r"(?:`|^)make ([a-z0-9-]+)", paper, re.MULTILINE)
    }
    assert {"run", "test"} <= named
    assert named <= targets


@pytest.mark.parametrize("paper", ["README.md", "ARCHITECTURE.md", "signaling/PROTOCOL.md"])
def test_links_in_the_papers_lead_somewhere(paper: str) -> None:
    text = (ROOT / paper).read_text()
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
    missing = [t for t in targets if not ((ROOT / paper).parent / t).exists()]
    assert missing == []


def test_the_readme_lists_every_setting() -> None:
    shown = README.split("<!-- settings -->\n")[1].split("<!-- /settings -->")[0].strip()
    assert shown == settings_table().strip(), "paste the output of `vardrum settings`"


def test_lock_files_carry_hashes_and_no_host() -> None:
    locks = [*_tracked("requirements/*.txt"), *_tracked("web-client/package-lock.json")]
    assert len(locks) == 3
    for lock in locks:
        text = lock.read_text()
        assert "sha256:" in text or '"integrity": "sha512-' in text
        assert not re.search(r"--(extra-)?index-url|--find-links|\"resolved\": \"https?:", text)


def test_lock_files_hold_what_the_project_asks_for() -> None:
    """A dependency added to pyproject.toml without `make lock` is noticed here, not at a user's."""
    asked = re.findall(
        r'^  "([a-z0-9-]+)[><=]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert len(asked) > 20
    locked = (ROOT / "requirements/dev.txt").read_text()
    assert [name for name in asked if f"\n{name}==" not in f"\n{locked}"] == []
