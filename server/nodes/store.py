"""Queries on media nodes: sync functions on a connection, the same on both engines."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from server.kit.statement import Built, Statement, Upsert
from server.nodes.domain import Node
from server.nodes.tables import media_nodes, media_visits

_n, _v = media_nodes.c, media_visits.c


def _upsert(insert: Callable[[sa.Table], Upsert]) -> Built:
    row = insert(media_nodes)
    told = {each.name: row.excluded[each.name] for each in media_nodes.c if each.name != "id"}
    return row.on_conflict_do_update(index_elements=["id"], set_=told)


_BEAT = Statement(_upsert)
_LEAVE = Statement(sa.delete(media_nodes).where(_n.id == sa.bindparam("node")))
_ALL = Statement(sa.select(media_nodes).order_by(_n.id))
_PUT = Statement(
    lambda insert: insert(media_visits).on_conflict_do_nothing().returning(_v.visit_id)
)
_HELD = Statement(
    sa.select(_v.node_id).where(_v.visit_id == sa.bindparam("visit")).with_for_update()
)
_MOVE = Statement(
    sa.update(media_visits)
    .where(_v.visit_id == sa.bindparam("visit"))
    .values(node_id=sa.bindparam("node"), placed_at=sa.bindparam("at"))
)
_FORGET_NODES = Statement(sa.delete(media_nodes).where(_n.seen_at < sa.bindparam("before")))
_FORGET_VISITS = Statement(sa.delete(media_visits).where(_v.placed_at < sa.bindparam("before")))


def beat(conn: sa.Connection, node: Node) -> None:
    """Note that the node is there, and how it is."""
    _BEAT.run(
        conn, id=node.id, address=node.address, capacity=node.capacity, legs=node.legs,
        draining=node.draining, seen_at=node.seen_at,
    )  # fmt: skip


def leave(conn: sa.Connection, node_id: str) -> None:
    """The node is no more."""
    _LEAVE.run(conn, node=node_id)


def nodes(conn: sa.Connection) -> list[Node]:
    """All that ever told of themselves and did not leave, alive or not."""
    return [Node(**row) for row in _ALL.rows(conn)]


def put(conn: sa.Connection, visit_id: str, node_id: str, at: datetime) -> bool:
    """Put a visit on a node. False: it is on one already."""
    found = _PUT.value(conn, visit_id=visit_id, node_id=node_id, placed_at=at)
    return found is not None


def held_by(conn: sa.Connection, visit_id: str) -> str:
    """The node that a visit was put on, locked against other units."""
    found: str = _HELD.value(conn, visit=visit_id)
    return found


def move(conn: sa.Connection, visit_id: str, node_id: str, at: datetime) -> None:
    """Put a visit that is held on another node."""
    _MOVE.run(conn, visit=visit_id, node=node_id, at=at)


def forget_before(conn: sa.Connection, before: datetime) -> None:
    """Delete what nobody asks for any more."""
    _FORGET_NODES.run(conn, before=before)
    _FORGET_VISITS.run(conn, before=before)
