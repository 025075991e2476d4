"""Media nodes: they tell of themselves, and servers agree through here on who holds a visit."""

from collections.abc import Sequence
from dataclasses import replace

from server.kit.db import UnitOfWork
from server.nodes import store
from server.nodes.domain import KEPT, Node, Placement, is_alive, takes


def beat(uow: UnitOfWork, node: Node) -> None:
    """A node is there now, whatever its own `seen_at` says."""
    store.beat(uow.conn, replace(node, seen_at=uow.now))


def leave(uow: UnitOfWork, node_id: str) -> None:
    """A node ends."""
    store.leave(uow.conn, node_id)


def alive(uow: UnitOfWork) -> list[Node]:
    """The nodes that were heard of lately, also those that drain."""
    return [node for node in store.nodes(uow.conn) if is_alive(node, uow.now)]


def place(
    uow: UnitOfWork, visit_id: str, usable: Sequence[str], full: str | None = None
) -> Placement:
    """Where a visit is, for every server the same; if nowhere yet, the first of `usable`.

    A visit whose node died or drains is put on the first as well, and so is one that was put on
    `full`, which had no room for it. `usable` are ids of nodes, best first, one at least.
    """
    if store.put(uow.conn, visit_id, usable[0], uow.now):
        return Placement(usable[0], fresh=True)
    held_by = store.held_by(uow.conn, visit_id)
    taking = {node.id for node in store.nodes(uow.conn) if takes(node, uow.now)}
    if held_by in taking and held_by != full:
        return Placement(held_by, fresh=False)
    store.move(uow.conn, visit_id, usable[0], uow.now)
    return Placement(usable[0], fresh=True)


def forget_old(uow: UnitOfWork) -> None:
    """Forget visits and nodes of yesterday."""
    store.forget_before(uow.conn, uow.now - KEPT)
