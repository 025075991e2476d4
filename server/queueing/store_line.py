"""How many wait, and where somebody stands among them, from the counts of blocks (ADR 30).

What is read grows with the blocks, of which a queue has one for some hundred people, and not with
the people.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from server.kit.actor import Profession
from server.kit.statement import Statement
from server.queueing.domain import Ticket
from server.queueing.tables import queue_blocks, queue_heads, queue_tickets

_t, _h, _b = queue_tickets.c, queue_heads.c, queue_blocks.c
_CLINIC = sa.bindparam("clinic", type_=_t.clinic_id.type)
_PROFESSION = sa.bindparam("of_profession", type_=_t.profession.type)
# Written out, not bound: with a parameter neither engine can use the partial index.
_WAITING = _t.state == sa.literal_column("'waiting'")
_IN_LINE = sa.and_(_t.clinic_id == _CLINIC, _t.profession == _PROFESSION, _WAITING)
_BLOCKS = sa.and_(_b.clinic_id == _CLINIC, _b.profession == _PROFESSION)
_LEVEL = sa.bindparam("of_level", type_=_t.level.type)
_ARRIVED = sa.bindparam("arrived", type_=_t.arrived_at.type)
_TICKET = sa.bindparam("ticket", type_=_t.id.type)
_SUM = sa.select(sa.func.coalesce(sa.func.sum(_b.waiting), sa.literal_column("0")))
# The block that the ticket's arrival falls into.
_OWN = (
    sa.select(sa.func.max(_b.since))
    .where(_BLOCKS, _b.level == _LEVEL, _b.since <= _ARRIVED)
    .scalar_subquery()
)
_COUNT = sa.select(sa.func.count()).select_from(queue_tickets)
_BLOCKS_BEFORE = _SUM.where(
    _BLOCKS, sa.tuple_(_b.level, _b.since) < sa.tuple_(_LEVEL, _OWN)
).scalar_subquery()
_IN_OWN_BEFORE = _COUNT.where(
    _IN_LINE,
    _t.level == _LEVEL,
    _t.arrived_at >= _OWN,
    sa.tuple_(_t.arrived_at, _t.id) < sa.tuple_(_ARRIVED, _TICKET),
).scalar_subquery()
_TOTAL = _SUM.where(_BLOCKS)
_WAITING_TOTAL = Statement(
    _SUM.where(_BLOCKS).with_only_columns(_SUM.selected_columns[0].label("total"))
)
_STANDING = Statement(
    sa.select(
        sa.select(_h.version)
        .where(_h.clinic_id == _CLINIC, _h.profession == _PROFESSION)
        .scalar_subquery()
        .label("version"),
        (_BLOCKS_BEFORE + _IN_OWN_BEFORE).label("ahead"),
        _TOTAL.scalar_subquery().label("total"),
        _COUNT.where(_t.id == _TICKET, _WAITING).scalar_subquery().label("waits"),
    )
)
_ALL_BLOCKS = Statement(
    sa.select(_b.level, _b.since, _b.waiting).where(_BLOCKS).order_by(_b.level, _b.since)
)
_FROM = sa.bindparam("since", type_=_t.arrived_at.type)
_OF_BLOCK = sa.select(_t.id).where(_IN_LINE, _t.level == _LEVEL, _t.arrived_at >= _FROM)
_LAST_BLOCK = Statement(_OF_BLOCK.order_by(_t.arrived_at, _t.id))
_BLOCK = Statement(
    _OF_BLOCK.where(_t.arrived_at < sa.bindparam("until", type_=_t.arrived_at.type)).order_by(
        _t.arrived_at, _t.id
    )
)


def _queue(clinic_id: str, profession: Profession) -> dict[str, Any]:
    return {"clinic": clinic_id, "of_profession": profession}


def waiting_total(conn: sa.Connection, clinic_id: str, profession: Profession) -> int:
    """How many wait."""
    return int(_WAITING_TOTAL.value(conn, **_queue(clinic_id, profession)))


@dataclass(frozen=True, slots=True)
class Standing:
    """A queue as one of its tickets sees it, at one moment."""

    version: int
    ahead: int
    total: int
    waits: bool
    """Whether the ticket itself is among those who wait; if not, nothing else is said."""


def standing(conn: sa.Connection, ticket: Ticket) -> Standing:
    """Where the ticket stands. What it is ordered by never changes: any reading of it will do."""
    level, arrived_at, ticket_id = ticket.place_key
    row = _STANDING.row(
        conn,
        **_queue(ticket.clinic_id, ticket.profession),
        of_level=level,
        arrived=arrived_at,
        ticket=ticket_id,
    )
    if row is None:
        raise AssertionError("counting always gives a row")
    if not row["waits"]:
        # Nobody may be left in what was the ticket's block.
        return Standing(0, 0, 0, waits=False)
    return Standing(row["version"] or 0, int(row["ahead"]), int(row["total"]), waits=True)


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a level's line."""

    level: int
    since: datetime
    until: datetime | None
    ahead: int
    """How many wait before it."""
    waiting: int


def blocks(conn: sa.Connection, clinic_id: str, profession: Profession) -> list[Block]:
    """All of a queue, the first before the others."""
    rows = _ALL_BLOCKS.rows(conn, **_queue(clinic_id, profession))
    found: list[Block] = []
    ahead = 0
    for row, following in zip_longest(rows, rows[1:]):
        ends = following is not None and following["level"] == row["level"]
        until = following["since"] if following is not None and ends else None
        found.append(Block(row["level"], row["since"], until, ahead, row["waiting"]))
        ahead += row["waiting"]
    return found


def ahead_of(
    conn: sa.Connection,
    clinic_id: str,
    profession: Profession,
    line: Sequence[Block],
    tickets: Sequence[Ticket],
) -> dict[str, int]:
    """How many wait before each of the tickets, of those that still do.

    Only the blocks are read that one of them is in.
    """
    queue = _queue(clinic_id, profession)
    starts = [(block.level, block.since) for block in line]
    theirs: dict[int, set[str]] = defaultdict(set)
    for ticket in tickets:
        # Before all: it came back since the blocks were read, and the next hint tells it.
        theirs[bisect_right(starts, ticket.place_key[:2]) - 1].add(ticket.id)
    found: dict[str, int] = {}
    for number, ids in theirs.items():
        if number < 0:
            continue
        block = line[number]
        of_block = {**queue, "of_level": block.level, "since": block.since}
        if block.until is None:
            rows = _LAST_BLOCK.rows(conn, **of_block)
        else:
            rows = _BLOCK.rows(conn, **of_block, until=block.until)
        for before, row in enumerate(rows, block.ahead):
            if row["id"] in ids:
                found[row["id"]] = before
    return found
