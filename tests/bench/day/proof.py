"""What must hold after a day at any speed, read from the database when the product has stopped."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.audit import service as audit
from server.kit.db import UnitOfWork
from server.login.tables import sessions
from server.messages.tables import messages
from server.queueing.tables import queue_tickets
from server.visits.tables import visits
from tests.bench.report import Report
from tests.server.queueing.counted import miscounted

Line = tuple[str, str, str, int]
#: Of a ticket whose patient was called, came, or was there.
_TAKEN = {"called", "admitted", "done"}


@dataclass
class Promised:
    """What clients were told had been done."""

    #: Ids of tickets.
    entries: list[str] = field(default_factory=list)
    #: Ticket, visit, and the clinician who was told.
    claims: list[tuple[str, str, str]] = field(default_factory=list)
    #: Visit, writer, client id, number.
    lines: list[Line] = field(default_factory=list)
    logins: int = 0


@dataclass(frozen=True)
class Found:
    """How many of each are wrong; `logged` are lines of the access log."""

    lost: int
    twice: int
    untold: int
    overtaken: int
    lines_lost: int
    lines_doubled: int
    gaps: int
    miscounted: int
    chains_broken: int
    logged: int
    sessions: int


def examine(uow: UnitOfWork, promised: Promised) -> Found:
    """Compare what was promised with what is stored."""
    stored = {
        row.id: row
        for row in uow.conn.execute(
            sa.select(
                queue_tickets.c.id, queue_tickets.c.clinic_id, queue_tickets.c.state,
                queue_tickets.c.arrived_at, queue_tickets.c.version, queue_tickets.c.visit_id,
                queue_tickets.c.taken_by,
            )
        )
    }  # fmt: skip
    visited = Counter(uow.conn.scalars(sa.select(visits.c.ticket_id)))
    told = {ticket: (visit, doctor) for ticket, visit, doctor in promised.claims}
    twice = sum(count > 1 for count in visited.values()) + len(promised.claims) - len(told)
    lost = untold = 0
    for ticket in promised.entries:
        row = stored.get(ticket)
        waits = row is not None and row.state == "waiting" and ticket not in told
        taken = row is not None and row.state in _TAKEN and visited[ticket] == 1
        lost += not waits and not taken
    for ticket, (visit, doctor) in told.items():
        row = stored.get(ticket)
        untold += row is None or (row.visit_id, row.taken_by) != (visit, doctor)
    report = audit.verify_all(uow)
    found = _lines(uow, promised.lines)
    return Found(
        lost=lost,
        twice=twice,
        untold=untold,
        overtaken=_overtaken(stored.values()),
        lines_lost=found[0],
        lines_doubled=found[1],
        gaps=found[2],
        miscounted=len(miscounted(uow.conn)),
        chains_broken=len(report.broken),
        logged=report.lines,
        sessions=uow.conn.scalar(sa.select(sa.func.count()).select_from(sessions)) or 0,
    )


def _overtaken(tickets: Iterable[Any]) -> int:
    """How many were called while somebody who had come before them still waited.

    A called ticket has the version that its queue got with the call, so these are in their order.
    """
    queues: dict[str, list[tuple[int, tuple[datetime, str]]]] = defaultdict(list)
    waiting: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for ticket in tickets:
        place = (ticket.arrived_at, ticket.id)
        if ticket.state == "called":
            queues[ticket.clinic_id].append((ticket.version, place))
        elif ticket.state == "waiting":
            waiting[ticket.clinic_id].append(place)
    wrong = 0
    for clinic, called in queues.items():
        places = [place for _, place in sorted(called)]
        wrong += sum(first > second for first, second in itertools.pairwise(places))
        if waiting[clinic]:
            wrong += max(places) > min(waiting[clinic])
    return wrong


def _lines(uow: UnitOfWork, promised: list[Line]) -> tuple[int, int, int]:
    """Acknowledged lines that are not there as they were, that are there twice, and gaps."""
    rows = uow.conn.execute(
        sa.select(
            messages.c.visit_id, messages.c.sender_account, messages.c.client_id, messages.c.seq
        )
    ).all()
    stored = {(row.visit_id, row.sender_account, row.client_id): row.seq for row in rows}
    lost = sum(stored.get((visit, who, key)) != seq for visit, who, key, seq in promised)
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.visit_id].append(row.seq)
    gaps = sum(sorted(each) != list(range(1, len(each) + 1)) for each in numbers.values())
    # What the system says of a visit has no writer and no key; its number is its own.
    written = [row for row in rows if row.client_id is not None]
    doubled = len(written) - sum(key is not None for _visit, _who, key in stored)
    return lost, doubled, gaps


def hold(report: Report, arm: str, found: Found, promised: Promised) -> None:
    """Say of each whether it held."""
    for what, held in {
        "no patient is taken twice": not found.twice,
        "no patient is lost": not found.lost,
        "each clinician was told what is stored": not found.untold,
        "nobody was called before who had come before": not found.overtaken,
        "every acknowledged message is there, with its number": not found.lines_lost,
        "no message is there twice": not found.lines_doubled,
        "no conversation has a gap": not found.gaps,
        "how many wait is counted rightly": not found.miscounted,
        "the access log's chains are whole": not found.chains_broken and found.logged > 0,
        "nobody was told of a session that is not stored": found.sessions >= promised.logins,
    }.items():
        report.holds(f"{arm}: {what}", held)
