"""Write `docs/licences.md`: whose work runs in Vårdrum, under which licence, and why it is here.

`make licences` builds the client (whose build lists what ends in the browser) and runs this. The
words of the paper are written by hand; only the tables between its marks are made here. What is
allowed in, and what packages don't say of themselves, stands in `licences.toml`.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAPER = ROOT / "docs" / "licences.md"
NOTICES = ROOT / "server" / "static" / "licences.txt"
FACTS = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text())
ALLOWED = frozenset(FACTS["allowed"])


@dataclass(frozen=True, slots=True)
class Package:
    """A package of one of the two worlds; ``licence`` is an SPDX expression."""

    name: str
    version: str
    licence: str
    wanted_by: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """Our reason, or who brought it along."""
        return FACTS["why"].get(self.name) or "for " + ", ".join(self.wanted_by)


def spdx(name: str, said: Iterable[str]) -> str:
    """The licence as an SPDX expression, from the first thing that the package says of it."""
    words = next((each for each in said if each), "unknown")
    licence: str = FACTS["read"].get(name) or FACTS["same"].get(words.lower(), words)
    return licence


def allowed(expression: str) -> bool:
    """Whether the SPDX expression can be met with what is in ``ALLOWED``."""
    tokens = expression.replace("(", " ( ").replace(")", " ) ").split()

    def either() -> bool:
        passes = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            passes = both() or passes
        return passes

    def both() -> bool:
        passes = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            passes = one() and passes
        return passes

    def one() -> bool:
        first = tokens.pop(0) if tokens else ""
        if first != "(":
            return first in ALLOWED
        passes = either()
        return bool(tokens) and tokens.pop(0) == ")" and passes

    return either() and not tokens


def python_packages(kind: str) -> set[Package]:
    """What `requirements/<kind>.txt` holds, as it is installed here."""
    text = (ROOT / "requirements" / f"{kind}.txt").read_text()
    found = set()
    for block in re.split(r"\n(?=[a-z0-9])", text):
        head = re.match(r"([a-z0-9][a-z0-9._-]*)==(\S+)", block)
        if head is None:
            continue
        name, version = head.groups()
        via = re.findall(r"^    # (?:via )?\s*([a-z0-9][a-z0-9._-]*)$", block, re.MULTILINE)
        said = importlib.metadata.metadata(name)
        classified = [
            line.rpartition(" :: ")[2]
            for line in said.get_all("Classifier", [])
            if line.startswith("License")
        ]
        plain = [*said.get_all("License-Expression", []), *said.get_all("License", [])]
        # Several classifiers may mean "and" or "or": somebody has to read (see licences.toml).
        licence = spdx(name, [*plain, " and/or ".join(classified)])
        found.add(Package(name, version, licence, tuple(each for each in via if each != "via")))
    return found


def npm_packages(*, production: bool) -> set[Package]:
    """What the client's lock file holds: what its own code imports, or the tools that build it."""
    lock = json.loads((ROOT / "web-client" / "package-lock.json").read_text())["packages"]
    inside = _reached(lock)
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for path in inside:
        for name in lock[path].get("dependencies", {}):
            if path:
                wanted[name].append(_name(path))
    found = set()
    for path, entry in lock.items():
        if path and (path in inside) is production:
            name = _name(path)
            licence = spdx(name, [entry.get("license", "")])
            by = tuple(sorted(set(wanted[name])))
            found.add(Package(name, entry["version"], licence, by))
    return found


def _name(path: str) -> str:
    return path.rpartition("node_modules/")[2]


def _reached(lock: dict[str, dict[str, dict[str, str]]]) -> set[str]:
    """The paths in the lock that the client's own dependencies lead to, and itself ("")."""
    seen: set[str] = set()
    line = [""]
    while line:
        path = line.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in lock[path].get("dependencies", {}):
            line += _where(lock, path, name)
    return seen


def _where(lock: dict[str, dict[str, dict[str, str]]], path: str, name: str) -> list[str]:
    """Node's rule: the nearest `node_modules` upwards that has it."""
    while True:
        candidate = f"{path}/node_modules/{name}".lstrip("/")
        if candidate in lock:
            return [candidate]
        if not path:
            return []
        path = path.rpartition("/node_modules/")[0] if "/node_modules/" in path else ""


def in_the_browser() -> set[str]:
    """The packages of which something ends in the client, as its build lists them."""
    if not NOTICES.is_file():
        raise SystemExit("Build the client first: make licences does both.")
    return set(re.findall(r"^## (\S+) - ", NOTICES.read_text(), re.MULTILINE))


def bundled_libraries() -> dict[str, set[str]]:
    """The files of libraries inside the wheels that are installed here, by wheel."""
    site = Path(str(importlib.metadata.distribution("av").locate_file("")))
    wheels = (folder for folder in site.glob("*.libs") if folder.is_dir())
    return {
        folder.name.removesuffix(".libs"): {file.name for file in folder.iterdir()}
        for folder in wheels
    }


def _table(head: str, rows: Iterable[str]) -> str:
    columns = head.count("|") + 1
    return "\n".join([f"| {head} |", "|" + " --- |" * columns, *rows]) + "\n"


def _rows(packages: Iterable[Package]) -> list[str]:
    return [
        f"| {each.name} | {each.version} | {each.licence} | {each.why} |"
        for each in sorted(packages, key=lambda each: (each.name, each.version))
    ]


def _families(packages: Iterable[Package]) -> str:
    by_licence: defaultdict[str, set[str]] = defaultdict(set)
    for each in packages:
        by_licence[each.licence].add(each.name)
    rows = [
        f"| {licence} | {len(names)} | {', '.join(sorted(names)[:12])}{' …' * (len(names) > 12)} |"
        for licence, names in sorted(by_licence.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return _table("licence | packages | which", rows)


def _bundled() -> str:
    rows = [
        f"| {wheel} | {name} | {licence} |"
        for wheel, libraries in FACTS["bundled"].items()
        for name, licence in sorted(set(map(tuple, libraries.values())))
    ]
    return _table("wheel | library | licence", rows)


def tables(browser: set[str]) -> dict[str, str]:
    """The paper's tables, by their mark."""
    run, client = python_packages("run"), npm_packages(production=True)
    names = {each.name for each in run}
    tools = {each for each in python_packages("dev") if each.name not in names}
    head = "package | version | licence | why"
    return {
        "server": _table(head, _rows(run)),
        "browser": _table(head, _rows(each for each in client if each.name in browser)),
        "beside": _table(head, _rows(each for each in client if each.name not in browser)),
        "bundled": _bundled(),
        "tools-python": _families(tools),
        "tools-npm": _families(npm_packages(production=False)),
    }


def filled(paper: str, made: dict[str, str]) -> str:
    """The paper with fresh tables between its marks."""
    for mark, table in made.items():
        begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
        before, _, rest = paper.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAPER} lost the marks of its table {mark}.")
        paper = f"{before}{begin}{table}{end}{after}"
    return paper


def strangers() -> list[str]:
    """What is in, or builds what is in, under a licence that is not allowed."""
    every = python_packages("run") | python_packages("dev")
    every |= npm_packages(production=True) | npm_packages(production=False)
    return sorted(f"{each.name} ({each.licence})" for each in every if not allowed(each.licence))


def main() -> int:
    """Write the paper; 1 when something is in that is not allowed."""
    PAPER.write_text(filled(PAPER.read_text(), tables(in_the_browser())))
    if found := strangers():
        sys.stderr.write(f"infra/licences.toml does not allow: {', '.join(found)}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
