"""Who opens which drawer of another slice, and whose private names: what layers cannot say."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("server", "signaling")
#: What a slice shows the others. Everything else is private: also `service_*`, which `service`
#: passes on, and whatever is added tomorrow.
SHOWN = {"service", "domain", "answers"}
#: No slices: what all stand on, what puts them together, their schema, the people of the demo.
NO_SLICE = {"kit", "app", "main", "migrations", "demo", "static"}
#: Who puts the slices together takes what they bring (routes, the login's parts), but never their
#: data: no door leads around a use case.
COMPOSERS = {"server.app", "server.main"}
DATA = re.compile(r"store(_.*)?|tables|payloads|service_.*")


def slices() -> set[str]:
    """The slices, as they lie in the tree."""
    return {
        path.name
        for path in (ROOT / "server").iterdir()
        if (path / "__init__.py").is_file() and path.name not in NO_SLICE
    }


def trespasses(graph: grimp.ImportGraph) -> list[str]:
    """The imports that enter a slice by another way than those that it shows."""
    found = []
    for module in sorted(graph.modules):
        root, slice_name, drawer = (*module.split("."), "", "")[:3]
        if root != "server" or slice_name not in slices():
            continue
        for importer in sorted(graph.find_modules_that_directly_import(module)):
            home = ".".join(importer.split(".")[:2])
            if home == f"server.{slice_name}":
                continue
            is_open = not DATA.fullmatch(drawer) if home in COMPOSERS else drawer in SHOWN
            if not is_open:
                found.append(f"{importer} imports {module}")
    return found


def test_a_slice_opens_only_its_own_drawers() -> None:
    assert trespasses(grimp.build_graph(*PACKAGES)) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("server.visits.service", "server.queueing.store"),
        ("server.visits.service_moves", "server.queueing.service_patient"),
        ("server.messages.service", "server.visits.payloads"),
        ("server.visits.routes", "server.queueing.routes"),
        ("server.messages.domain", "server.visits.errors"),
        ("server.login.service", "server.accounts"),
        ("server.demo", "server.login.passwords"),
        ("server.app.metrics", "server.queueing.store"),
        ("server.main.cli", "server.accounts.tables"),
        ("server.app.build", "server.visits.service_desk"),
        ("signaling.namespaces.sync", "server.visits.service_common"),
        ("signaling.auth", "server.login.sessions"),
    ],
)
def test_a_trespass_would_be_seen(importer: str, imported: str) -> None:
    graph = grimp.build_graph(*PACKAGES)
    assert {importer, imported} <= graph.modules
    graph.add_import(importer=importer, imported=imported)
    assert trespasses(graph) == [f"{importer} imports {imported}"]


def test_every_slice_stands_in_the_contracts() -> None:
    """Layers hold only for the containers that they name."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    inside = next(each for each in contracts if each["name"] == "inside a slice")
    assert set(inside["containers"]) == {f"server.{name}" for name in slices()}
    assert inside["exhaustive"]
    assert [each["name"] for each in contracts if "ignore_imports" in each] == []


def private_imports(path: Path) -> list[str]:
    """Imports of names or modules that begin with one underscore, from another room."""
    here = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            reached = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = (node.module or "").split(".")
            reached = [[*start, alias.name] for alias in node.names]
        else:
            continue
        for parts in reached:
            private = [n for n, part in enumerate(parts) if re.match(r"_(?!_)", part)]
            # A private module is open to its own package, a private name to nobody else.
            shared = private and tuple(parts[: private[0]]) == here and len(parts) > private[0] + 1
            if private and not shared:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {'.'.join(parts)}")
    return found


def test_private_names_stay_private() -> None:
    sources = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert len(sources) > 100
    trespassing = [line for path in sources for line in private_imports(path)]
    # The one module that may know the inside of aiortc and of what it stands on.
    door = "signaling/media/_aiortc_compat.py:"
    assert [line for line in trespassing if not line.startswith(door)] == []
    assert len([line for line in trespassing if line.startswith(door)]) >= 1
