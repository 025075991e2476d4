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


PAPERS = _tracked("*.md")


def test_the_papers_are_there() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in PAPERS}
    wanted = {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}
    assert wanted | {"docs/licences.md", "docs/rules.md", "signaling/PROTOCOL.md"} <= names
    assert all(f"({name}" in README for name in wanted - {"README.md"})


def test_every_make_target_that_the_papers_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    named = {
        name
        for paper in PAPERS
        for line in re.findall(r"(?:`|^)make ([^`#\n]+)", paper.read_text(), re.MULTILINE)
        for name in re.findall(r"[a-z][a-z0-9-]*(?![A-Za-z=])", re.sub(r"\S+=\S+", "", line))
    }
    assert {"run", "test", "help", "lint", "licences"} <= named
    assert named - targets == set()


def _anchors(paper: Path) -> set[str]:
    """The headings as links name them."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text(), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_in_the_papers_lead_somewhere(paper: Path) -> None:
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", paper.read_text()):
        if link.startswith(("https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = paper.parent / file if file else paper
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            missing.append(link)
    assert missing == []


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_the_papers_name_exist(paper: Path) -> None:
    """Whole paths in code marks; what holds a pattern, a placeholder or a command is none."""
    named = re.findall(
        r"`((?:server|signaling|web-client|tests|infra|docs|requirements)/[\w./-]+)`",
        paper.read_text(),
    )
    built = ("server/static", "web-client/node_modules")
    missing = [n for n in named if not n.startswith(built) and not (ROOT / n).exists()]
    assert missing == []


def test_decisions_have_their_number_and_their_parts() -> None:
    pages = _tracked("docs/adr/*.md")
    numbers = [int(page.name[:4]) for page in pages]
    assert len(set(numbers)) == len(numbers) > 5
    for page, number in zip(pages, numbers, strict=True):
        text = page.read_text()
        assert text.startswith(f"# {number}. "), page.name
        parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], page.name
        assert len(text.splitlines()) <= 60, f"{page.name}: one page"


def test_the_readme_says_what_is_not_tested() -> None:
    """Safari can't be run by our tests, and nobody should think that it was."""
    assert re.search(r"not\s+in Safari|Safari is not tested", README)


def test_the_readme_lists_every_setting() -> None:
    shown = README.split("<!-- settings -->\n")[1].split("<!-- /settings -->")[0].strip()
    assert shown == settings_table().strip(), "paste the output of `vardrum settings`"


def test_lock_files_carry_hashes_and_no_host() -> None:
    locks = [*_tracked("requirements/*.txt"), *_tracked("*package-lock.json")]
    assert len(locks) == 5
    for lock in locks:
        text = lock.read_text()
        assert "sha256:" in text or '"integrity": "sha512-' in text
        assert not re.search(r"--(extra-)?index-url|--find-links|\"resolved\": \"https?:", text)


def test_what_the_tests_install_also_runs() -> None:
    """`infra/venv.sh run` takes the environment of the tests as it is."""
    run, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / f"requirements/{kind}.txt").read_text(), re.MULTILINE))
        for kind in ("run", "dev")
    )
    assert len(run) > 20
    assert run - dev == set()


def test_lock_files_hold_what_the_project_asks_for() -> None:
    """A dependency added to pyproject.toml without `make lock` is noticed here, not at a user's."""
    asked = re.findall(
        r'^  "([a-z0-9-]+)[><=]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert len(asked) > 20
    locked = (ROOT / "requirements/dev.txt").read_text()
    assert [name for name in asked if f"\n{name}==" not in f"\n{locked}"] == []
