"""Whether what is counted in blocks is what waits."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import datetime

import sqlalchemy as sa

from server.queueing.tables import queue_blocks, queue_tickets

_Line = tuple[str, str, int]


def miscounted(conn: sa.Connection) -> list[str]:
    """Complaints; none: each block holds as many as wait in its stretch of the line."""
    b, t = queue_blocks.c, queue_tickets.c
    says: dict[tuple[_Line, datetime | None], int] = {}
    starts: dict[_Line, list[datetime]] = defaultdict(list)
    for row in conn.execute(sa.select(queue_blocks).order_by(b.since)):
        line = (row.clinic_id, row.profession, row.level)
        starts[line].append(row.since)
        says[line, row.since] = row.waiting
    waits: Counter[tuple[_Line, datetime | None]] = Counter()
    line_of = sa.select(t.clinic_id, t.profession, t.level, t.arrived_at)
    for row in conn.execute(line_of.where(t.state == "waiting")):
        line = (row.clinic_id, row.profession, row.level)
        at = bisect_right(starts[line], row.arrived_at) - 1
        waits[line, starts[line][at] if at >= 0 else None] += 1
    return [
        f"the block {key} says {says.get(key)}, and {waits[key]} wait there"
        for key in says.keys() | waits.keys()
        if says.get(key) != waits[key]
    ]
