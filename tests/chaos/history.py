"""The queues' history told once more from the events, step by step. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from server.queueing.domain import _NEXT as TICKET_NEXT
from server.queueing.domain import TicketState
from server.visits.domain import _NEXT as VISIT_NEXT
from server.visits.domain import VisitState
from tests.chaos.stored import Queue, Stored, Ticket, TicketMoved

WAITING = TicketState.WAITING.value


@dataclass
class Standing:
    """Who waited in one queue, in order, after each of its changes."""

    versions: list[int] = field(default_factory=list)
    orders: list[tuple[str, ...]] = field(default_factory=list)

    def at(self, version: int) -> tuple[str, ...]:
        """The order when the queue had this version."""
        found = bisect_right(self.versions, version)
        return self.orders[found - 1] if found else ()


def _may_follow(table: Mapping[str, Collection[str]], before: str | None, state: str) -> bool:
    if before is None:
        return True
    return state == before or state in table.get(before, ())


_TICKETS: dict[str, list[str]] = {
    state.value: [each.value for each in following] for state, following in TICKET_NEXT.items()
}
_VISITS: dict[str, list[str]] = {
    state.value: [each.value for each in following] for state, following in VISIT_NEXT.items()
}


def ticket_moves(stored: Stored) -> list[str]:
    """Complaints about tickets that went where no arrow leads, or are not where they went."""
    complaints: list[str] = []
    state: dict[str, str] = {}
    for event in sorted(stored.ticket_events, key=lambda each: (each.queue, each.version)):
        before = state.get(event.ticket_id)
        if before is None and event.state != WAITING:
            complaints.append(f"ticket {event.ticket_id} begins as {event.state}")
        if not _may_follow(_TICKETS, before, event.state):
            complaints.append(f"ticket {event.ticket_id} went from {before} to {event.state}")
        state[event.ticket_id] = event.state
    complaints += [
        f"ticket {ticket.id} is {ticket.state}, its events end with {state.get(ticket.id)}"
        for ticket in stored.tickets.values()
        if state.get(ticket.id) != ticket.state
    ]
    complaints += [f"ticket {each} has events and no row" for each in state.keys() - stored.tickets]
    return complaints


def visit_moves(stored: Stored) -> list[str]:
    """The same of visits."""
    complaints: list[str] = []
    state: dict[str, str] = {}
    for event in sorted(stored.visit_events, key=lambda each: (each.visit_id, each.version)):
        before = state.get(event.visit_id)
        if before is None and event.state != VisitState.CALLED.value:
            complaints.append(f"visit {event.visit_id} begins as {event.state}")
        if not _may_follow(_VISITS, before, event.state):
            complaints.append(f"visit {event.visit_id} went from {before} to {event.state}")
        state[event.visit_id] = event.state
    complaints += [
        f"visit {visit.id} is {visit.state}, its events end with {state.get(visit.id)}"
        for visit in stored.visits.values()
        if state.get(visit.id) != visit.state
    ]
    complaints += [f"visit {each} has events and no row" for each in state.keys() - stored.visits]
    return complaints


def replay(stored: Stored, chosen: Collection[str]) -> tuple[dict[Queue, Standing], list[str]]:
    """Every queue after each change; complaints about who was called before their turn.

    `chosen` are visits whose patient a clinician chose, also from the middle of the queue.
    """
    complaints: list[str] = []
    standings: dict[Queue, Standing] = {}
    by_queue: dict[Queue, list[TicketMoved]] = defaultdict(list)
    for event in stored.ticket_events:
        by_queue[event.queue].append(event)
    for queue, events in by_queue.items():
        standing = standings[queue] = Standing()
        waiting: dict[str, Ticket] = {}
        for event in sorted(events, key=lambda each: each.version):
            order = _order(waiting)
            ticket = stored.tickets.get(event.ticket_id)
            by_turn = event.kind == "ticket.called" and event.visit_id not in chosen
            if by_turn and order and order[0] != event.ticket_id:
                complaints.append(
                    f"{event.ticket_id} was called before {order[0]}, who stood first"
                )
            if event.state == WAITING and ticket is not None:
                waiting[event.ticket_id] = ticket
            else:
                waiting.pop(event.ticket_id, None)
            if standing.versions and standing.versions[-1] == event.version:
                complaints.append(f"two changes of queue {queue} have version {event.version}")
            standing.versions.append(event.version)
            standing.orders.append(_order(waiting))
    return standings, complaints


def _order(waiting: Mapping[str, Ticket]) -> tuple[str, ...]:
    return tuple(sorted(waiting, key=lambda each: waiting[each].key))
