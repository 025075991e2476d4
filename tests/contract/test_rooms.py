"""A slice opens only its own drawers: what import-linter's layers cannot say."""

from __future__ import annotations

import grimp

PRIVATE = {"store", "tables", "payloads", "routes"}
#: The process builders collect every slice's routes; migrations need every slice's tables.
COLLECTORS = ("server.app", "server.migrations")


def test_a_slice_opens_only_its_own_drawers() -> None:
    graph = grimp.build_graph("server", "signaling")
    trespasses = [
        f"{importer} imports {module}"
        for module in sorted(graph.modules)
        if len(parts := module.split(".")) == 3 and parts[0] == "server" and parts[2] in PRIVATE
        for importer in sorted(graph.find_modules_that_directly_import(module))
        if not importer.startswith((f"server.{parts[1]}.", *COLLECTORS))
    ]
    assert trespasses == []


def test_the_rooms_are_there() -> None:
    """The check above can fail only while it looks at something."""
    graph = grimp.build_graph("server", "signaling")
    drawers = [m for m in graph.modules if m.rsplit(".", 1)[-1] in PRIVATE]
    assert len(drawers) > 15
