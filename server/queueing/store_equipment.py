"""Queries on tests of equipment: the newest of each ticket. Built once (ADR 16)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.kit.statement import Row, Statement, values_of
from server.queueing.equipment import (
    Camera,
    Equipment,
    Microphone,
    Network,
    Speaker,
    Tested,
    Transport,
)
from server.queueing.tables import queue_ticket_equipment

_e = queue_ticket_equipment.c
_CHANGING = [column.name for column in _e if column.name != "ticket_id"]


def _put(insert: Any) -> Any:
    new = insert(queue_ticket_equipment)
    return new.on_conflict_do_update(
        index_elements=["ticket_id"], set_={name: new.excluded[name] for name in _CHANGING}
    )


_PUT = Statement(_put)
_OF = Statement(
    sa.select(queue_ticket_equipment).where(
        _e.ticket_id.in_(sa.bindparam("tickets", expanding=True))
    )
)


_ONE = Statement(sa.select(queue_ticket_equipment).where(_e.ticket_id == sa.bindparam("ticket")))


def put(conn: sa.Connection, ticket_id: str, equipment: Equipment, at: datetime) -> None:
    """Keep a test in the place of the one before."""
    _PUT.run(conn, ticket_id=ticket_id, tested_at=at, **values_of(equipment))


def of(conn: sa.Connection, ticket_ids: Collection[str]) -> dict[str, Tested]:
    """The newest test of each of the tickets that has one."""
    if not ticket_ids:
        return {}
    rows = _OF.rows(conn, tickets=sorted(ticket_ids))
    return {row["ticket_id"]: _tested(row) for row in rows}


def one(conn: sa.Connection, ticket_id: str) -> Tested | None:
    """The newest test of a ticket."""
    row = _ONE.row(conn, ticket=ticket_id)
    return _tested(row) if row else None


def _tested(row: Row) -> Tested:
    return Tested(
        Equipment(
            camera=Camera(row["camera"]),
            microphone=Microphone(row["microphone"]),
            speaker=Speaker(row["speaker"]),
            network=Network(row["network"]),
            round_trip_ms=row["round_trip_ms"],
            loss_percent=row["loss_percent"],
            up_kbps=row["up_kbps"],
            down_kbps=row["down_kbps"],
            transport=Transport(row["transport"]) if row["transport"] else None,
        ),
        row["tested_at"],
    )
