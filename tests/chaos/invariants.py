"""What must be true after the faults, read from the database and from what each robot saw. Pure.

Each check gives its complaints; none: it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from server.queueing.domain import OPEN
from tests.chaos import history
from tests.chaos.stored import Message, Stored
from tests.robots.ledger import Ledger

Ledgers = Sequence[Ledger]


def messages_once(ledgers: Ledgers, stored: Stored) -> list[str]:
    """Every acknowledged message is there, once, as it was written and under its number."""
    complaints = []
    by_id: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for row in stored.messages:
        if row.client_id is not None:
            by_id[row.visit_id, row.client_id].append(row)
    known = set()
    for ledger in ledgers:
        for one in ledger.written:
            known.add((one.visit_id, one.client_id))
            rows = by_id.get((one.visit_id, one.client_id), [])
            seq = ledger.acknowledged.get(one.client_id)
            if len(rows) > 1:
                complaints.append(f"message {one.client_id} is there {len(rows)} times")
            if seq is not None and [(row.seq, row.body) for row in rows] != [(seq, one.body)]:
                complaints.append(f"message {one.client_id}, acknowledged as {seq}, is {rows}")
            if one.client_id in ledger.refused and rows:
                complaints.append(f"message {one.client_id} was refused and is there")
    complaints += [f"nobody wrote message {each}" for each in by_id.keys() - known]
    return complaints


def messages_in_order(ledgers: Ledgers, stored: Stored) -> list[str]:
    """Numbers without a hole; each person's lines in the order in which they were written."""
    complaints = []
    seqs: dict[str, list[int]] = defaultdict(list)
    for row in stored.messages:
        seqs[row.visit_id].append(row.seq)
    for visit_id, found in seqs.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            complaints.append(f"the lines of visit {visit_id} are numbered {sorted(found)}")
        visit = stored.visits.get(visit_id)
        if visit is None or visit.last_seq != len(found):
            complaints.append(f"visit {visit_id} has {len(found)} lines and says {visit}")
    number = {row.client_id: row.seq for row in stored.messages}
    for ledger in ledgers:
        before: dict[str, int] = {}
        for one in ledger.written:
            seq = number.get(one.client_id)
            if seq is None:
                continue
            if seq < before.get(one.visit_id, 0):
                complaints.append(f"{ledger.who} wrote {one.client_id} later than line {seq + 1}")
            before[one.visit_id] = seq
    return complaints


def messages_seen(ledgers: Ledgers, stored: Stored) -> list[str]:
    """Both saw the whole conversation, and nothing else."""
    there: dict[str, dict[int, tuple[str | None, str, str]]] = defaultdict(dict)
    for row in stored.messages:
        there[row.visit_id][row.seq] = (row.client_id, row.sender, row.body)
    complaints = []
    for ledger in ledgers:
        for visit_id, lines in ledger.saw.items():
            seen = {seq: (line.client_id, line.sender, line.body) for seq, line in lines.items()}
            complaints += [
                f"{ledger.who} saw line {seq} of visit {visit_id} as {seen.get(seq)}; "
                f"stored is {there[visit_id].get(seq)}"
                for seq in sorted(seen.keys() | there[visit_id].keys())
                if seen.get(seq) != there[visit_id].get(seq)
            ]
    return complaints


def nobody_twice(ledgers: Ledgers, stored: Stored) -> list[str]:
    """No patient was given to two: again only after having been put back."""
    complaints = []
    undone = {"returned", "no_response"}
    held = Counter(visit.ticket_id for visit in stored.visits.values() if visit.state not in undone)
    complaints += [f"ticket {each} has {n} visits" for each, n in held.items() if n > 1]
    returned = {visit for ledger in ledgers for visit in ledger.returned}
    told: dict[str, set[str]] = defaultdict(set)
    for ledger in ledgers:
        for taken in ledger.taken:
            visit = stored.visits.get(taken.visit_id)
            if visit is None or visit.ticket_id != taken.ticket_id:
                complaints.append(
                    f"{ledger.who} was given visit {taken.visit_id}, which is {visit}"
                )
            if taken.visit_id not in returned:
                told[taken.ticket_id].add(taken.visit_id)
    complaints += [
        f"ticket {ticket} was given away as {sorted(visits)}"
        for ticket, visits in told.items()
        if len(visits) > 1
    ]
    return complaints


def nobody_lost(ledgers: Ledgers, stored: Stored) -> list[str]:
    """Whoever got a place was called, or gave it up, and nobody stands there any more."""
    complaints = []
    left = {ticket for ledger in ledgers for ticket in ledger.left}
    joined = {ticket for ledger in ledgers for ticket in ledger.joined}
    for ticket_id in joined:
        ticket = stored.tickets.get(ticket_id)
        if ticket is None:
            complaints.append(f"ticket {ticket_id} was acknowledged and is not there")
        elif ticket.state in OPEN:
            complaints.append(f"ticket {ticket_id} is still {ticket.state}")
        elif (ticket.state == "left") != (ticket_id in left):
            complaints.append(f"ticket {ticket_id} is {ticket.state}; left: {ticket_id in left}")
    complaints += [f"nobody asked for ticket {each}" for each in stored.tickets.keys() - joined]
    for ledger in ledgers:
        for visit_id in ledger.ended:
            visit = stored.visits.get(visit_id)
            if visit is None or visit.state != "ended":
                complaints.append(f"visit {visit_id} was ended and is {visit}")
        for visit_id in ledger.returned:
            visit = stored.visits.get(visit_id)
            if visit is None or visit.state != "returned":
                complaints.append(f"visit {visit_id} was given back and is {visit}")
    return complaints


def order_unchanged(ledgers: Ledgers, stored: Stored) -> list[str]:
    """Who came first was called first; every place and board told is the one of that moment."""
    chosen = {each.visit_id for ledger in ledgers for each in ledger.taken if each.chosen}
    standings, complaints = history.replay(stored, chosen)
    for ledger in ledgers:
        for place in ledger.places:
            ticket = stored.tickets.get(place.ticket_id)
            order = standings[ticket.queue].at(place.version) if ticket else ()
            true = (order.index(place.ticket_id) + 1 if place.ticket_id in order else 0, len(order))
            if (place.place, place.total) != true:
                complaints.append(f"{ledger.who} was told {place}; it was {true}")
        for board in ledger.boards:
            standing = standings.get(board.queue)
            order = standing.at(board.version) if standing else ()
            if board.waiting != order:
                complaints.append(f"{ledger.who} was shown {board}; it was {order}")
    return complaints


def states_in_table(_ledgers: Ledgers, stored: Stored) -> list[str]:
    """Tickets and visits went only where their tables lead."""
    return history.ticket_moves(stored) + history.visit_moves(stored)


def counted(_ledgers: Ledgers, stored: Stored) -> list[str]:
    """How many wait is counted as many as they are."""
    return stored.miscounted


def log_whole(_ledgers: Ledgers, stored: Stored) -> list[str]:
    """The access log's chains are whole, and there are some."""
    if not stored.log_lines:
        return ["there is no line in the access log"]
    return [f"the chain of patient {each} is broken" for each in stored.broken_chains]


def no_contradiction(ledgers: Ledgers, _stored: Stored) -> list[str]:
    """The server never said two things about one."""
    return [each for ledger in ledgers for each in ledger.contradictions]


def all_finished(ledgers: Ledgers, _stored: Stored) -> list[str]:
    """Everybody got through."""
    complaints = [f"{each.who}: {what}" for each in ledgers for what in each.unfinished]
    if not sum(ledger.journeys for ledger in ledgers):
        complaints.append("nobody finished a journey")
    return complaints


#: What each says of itself when it holds.
CHECKS: dict[str, Callable[[Ledgers, Stored], list[str]]] = {
    "every acknowledged message is there once": messages_once,
    "messages are in order, without a hole": messages_in_order,
    "both saw the whole conversation": messages_seen,
    "no patient was taken twice": nobody_twice,
    "no patient was lost": nobody_lost,
    "the order was kept, in every place and board told": order_unchanged,
    "no state outside its table": states_in_table,
    "how many wait is counted rightly": counted,
    "the access log's chains are whole": log_whole,
    "no answer contradicts another": no_contradiction,
    "every journey came to its end": all_finished,
}
