"""What the database holds at the end, as far as it is held against what people were told."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

import sqlalchemy as sa

from server.audit import service as audit
from server.kit.db import UnitOfWork
from server.kit.schema import outbox
from server.kit.settings import Settings
from server.main.database import read_beside
from server.messages.tables import messages
from server.queueing.tables import queue_tickets
from server.visits.tables import visits
from tests.server.queueing.counted import miscounted

#: Seconds from the middle of a run, which has minutes, to where a moved clock shows.
_MOVED = 1800.0

Queue = tuple[str, str]
#: By which a queue is sorted: level, arrival, id.
Key = tuple[int, Any, str]


@dataclass(frozen=True)
class Message:
    """A row of `messages`."""

    visit_id: str
    seq: int
    client_id: str | None
    sender: str
    body: str


@dataclass(frozen=True)
class Ticket:
    """A row of `queue_tickets`."""

    id: str
    queue: Queue
    key: Key
    state: str


@dataclass(frozen=True)
class Visit:
    """A row of `visits`."""

    id: str
    ticket_id: str
    state: str
    last_seq: int


@dataclass(frozen=True)
class TicketMoved:
    """An event of a ticket. `version` counts the changes of its queue."""

    kind: str
    ticket_id: str
    queue: Queue
    version: int
    state: str
    visit_id: str | None


@dataclass(frozen=True)
class VisitMoved:
    """An event of a visit."""

    visit_id: str
    version: int
    state: str


@dataclass(frozen=True)
class Stored:
    """All of it."""

    messages: list[Message]
    tickets: dict[str, Ticket]
    visits: dict[str, Visit]
    ticket_events: list[TicketMoved]
    visit_events: list[VisitMoved]
    #: Patients whose chain of the access log is broken, and how many lines it has in all.
    broken_chains: list[str]
    log_lines: int
    #: Where the counts of those who wait are not what waits.
    miscounted: list[str]
    #: Events that say another time than their neighbours: the clock had been moved.
    out_of_time: int = 0


def read(uow: UnitOfWork) -> Stored:
    """Everything, in one snapshot."""
    conn = uow.conn
    moved = conn.execute(
        sa.select(outbox.c.kind, outbox.c.data, outbox.c.at).order_by(outbox.c.id)
    ).all()
    middle = median(row.at.timestamp() for row in moved) if moved else 0.0
    of_tickets = [row for row in moved if row.kind.startswith("ticket.")]
    of_visits = [row for row in moved if row.kind in ("visit.called", "visit.changed")]
    log = audit.verify_all(uow)
    return Stored(
        messages=[
            Message(row.visit_id, row.seq, row.client_id, row.sender, row.body)
            for row in conn.execute(sa.select(messages).order_by(messages.c.visit_id, "seq"))
        ],
        tickets={
            row.id: Ticket(
                row.id, (row.clinic_id, row.profession), (row.level, row.arrived_at, row.id),
                row.state,
            )
            for row in conn.execute(sa.select(queue_tickets))
        },
        visits={
            row.id: Visit(row.id, row.ticket_id, row.state, row.last_seq)
            for row in conn.execute(sa.select(visits))
        },
        ticket_events=[
            TicketMoved(
                row.kind, row.data["ticket_id"], (row.data["clinic_id"], row.data["profession"]),
                row.data["version"], row.data["state"], row.data["visit_id"],
            )
            for row in of_tickets
        ],
        visit_events=[
            VisitMoved(row.data["visit_id"], row.data["version"], row.data["state"])
            for row in of_visits
        ],
        broken_chains=[each.patient_id for each in log.broken],
        log_lines=log.lines,
        miscounted=miscounted(conn),
        out_of_time=sum(abs(row.at.timestamp() - middle) > _MOVED for row in moved),
    )  # fmt: skip


async def stored(settings: Settings) -> Stored:
    """The database that the settings choose."""
    return await read_beside(settings, read)
