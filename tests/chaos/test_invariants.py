"""Every invariant can be broken: each check complains of the one fault that it is there for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos import pictures
from tests.chaos.invariants import CHECKS
from tests.chaos.stored import Message, Stored, Ticket, TicketMoved, Visit, VisitMoved
from tests.robots.ledger import Board, Ledger, Line, Pictures, Place, Taken, Written

QUEUE = ("clinic", "doctor")
Run = tuple[list[Ledger], Stored]


def _moved(kind: str, ticket: str, version: int, state: str) -> TicketMoved:
    visit = f"v{ticket[1:]}" if state in ("called", "admitted", "done") else None
    return TicketMoved(f"ticket.{kind}", ticket, QUEUE, version, state, visit)


def good() -> Run:
    """A whole run of two patients and a clinician: t1 is seen, t2 leaves."""
    lines = [
        Message("v1", 1, None, "system", "joined.patient"),
        Message("v1", 2, "m1", "patient", "Hej"),
        Message("v1", 3, "m2", "patient", "Hej igen"),
    ]
    stored = Stored(
        messages=lines,
        tickets={
            "t1": Ticket("t1", QUEUE, (0, 1, "t1"), "done"),
            "t2": Ticket("t2", QUEUE, (0, 2, "t2"), "left"),
        },
        visits={"v1": Visit("v1", "t1", "ended", 3)},
        ticket_events=[
            _moved("joined", "t1", 1, "waiting"),
            _moved("joined", "t2", 2, "waiting"),
            _moved("called", "t1", 3, "called"),
            _moved("admitted", "t1", 4, "admitted"),
            _moved("left", "t2", 5, "left"),
            _moved("closed", "t1", 6, "done"),
        ],
        visit_events=[
            VisitMoved("v1", 1, "called"),
            VisitMoved("v1", 2, "in_progress"),
            VisitMoved("v1", 3, "ended"),
        ],
        broken_chains=[],
        log_lines=9,
        miscounted=[],
    )
    told = {row.seq: Line(row.seq, row.client_id, row.sender, row.body) for row in lines}
    first = Ledger(
        "astrid",
        written=[Written("v1", "m1", "Hej"), Written("v1", "m2", "Hej igen")],
        acknowledged={"m1": 2, "m2": 3},
        saw={"v1": dict(told)},
        joined=["t1"],
        places=[Place("t1", 2, 1, 2)],
        met=["v1"],
        journeys=1,
    )
    second = Ledger(
        "noah", joined=["t2"], left=["t2"], journeys=1,
        places=[Place("t2", 2, 2, 2), Place("t2", 3, 1, 1)],
    )  # fmt: skip
    clinician = Ledger(
        "maria",
        saw={"v1": dict(told)},
        boards=[Board(QUEUE, 2, ("t1", "t2"))],
        taken=[Taken("t1", "v1", False)],
        ended=["v1"],
    )
    return [first, second, clinician], stored


def test_a_good_run_meets_no_complaint() -> None:
    ledgers, stored = good()
    assert [each for check in CHECKS.values() for each in check(ledgers, stored)] == []


Break = Callable[[list[Ledger], Stored], Stored | None]


def _messages(change: Callable[[list[Message]], list[Message]]) -> Break:
    return lambda _ledgers, stored: replace(stored, messages=change(stored.messages))


def _tickets(name: str, **changed: object) -> Break:
    def change(_ledgers: list[Ledger], stored: Stored) -> Stored:
        new = replace(stored.tickets[name], **changed)  # type: ignore[arg-type]
        return replace(stored, tickets={**stored.tickets, name: new})

    return change


def _visits(**new: Visit) -> Break:
    return lambda _ledgers, stored: replace(stored, visits={**stored.visits, **new})


def _without(which: str) -> Break:
    def change(_ledgers: list[Ledger], stored: Stored) -> Stored:
        return replace(
            stored, tickets={name: row for name, row in stored.tickets.items() if name != which}
        )

    return change


def _events(change: Callable[[list[TicketMoved]], list[TicketMoved]]) -> Break:
    return lambda _ledgers, stored: replace(stored, ticket_events=change(stored.ticket_events))


def _ledger(number: int, change: Callable[[Ledger], object]) -> Break:
    def changed(ledgers: list[Ledger], _stored: Stored) -> None:
        change(ledgers[number])

    return changed


ONCE = "every acknowledged message is there once"
ORDER = "messages are in order, without a hole"
SEEN = "both saw the whole conversation"
TWICE = "no patient was taken twice"
LOST = "no patient was lost"
KEPT = "the order was kept, in every place and board told"
TABLE = "no state outside its table"
COUNTED = "how many wait is counted rightly"
LOG = "the access log's chains are whole"
SAME = "no answer contradicts another"
END = "every journey came to its end"

BROKEN: dict[str, tuple[str, Break]] = {
    "somebody who waits is not counted": (
        COUNTED, lambda _ledgers, stored: replace(stored, miscounted=["a block"])
    ),
    "a message is gone": (ONCE, _messages(lambda rows: rows[:-1])),
    "a message is doubled": (ONCE, _messages(lambda rows: [*rows, replace(rows[1], seq=4)])),
    "a message reads otherwise": (
        ONCE, _messages(lambda rows: [*rows[:2], replace(rows[2], body="!")])
    ),
    "a message has another number": (
        ONCE, _messages(lambda rows: [*rows[:2], replace(rows[2], seq=4)])
    ),
    "a message is of nobody": (
        ONCE, _messages(lambda rows: [*rows, Message("v1", 4, "x", "patient", "?")])
    ),
    "a message was refused and stored": (
        ONCE, _ledger(0, lambda ledger: ledger.refused.update(m2="visit.closed"))
    ),
    "there is a hole": (ORDER, _messages(lambda rows: [rows[0], rows[2]])),
    "the visit counts otherwise": (ORDER, _visits(v1=Visit("v1", "t1", "ended", 4))),
    "the later stands first": (
        ORDER,
        _messages(lambda rows: [rows[0], replace(rows[1], seq=3), replace(rows[2], seq=2)]),
    ),
    "one never saw a line": (SEEN, _ledger(2, lambda ledger: ledger.saw["v1"].pop(3))),
    "one saw another line": (
        SEEN, _ledger(2, lambda ledger: ledger.saw["v1"].update({3: Line(3, "m2", "patient", "!")}))
    ),
    "one saw what is not stored": (
        SEEN, _ledger(2, lambda ledger: ledger.saw["v1"].update({4: Line(4, "x", "patient", "!")}))
    ),
    "a ticket has two visits": (TWICE, _visits(v9=Visit("v9", "t1", "in_progress", 0))),
    "two were given one patient": (
        TWICE, _ledger(2, lambda ledger: ledger.taken.append(Taken("t1", "v9", False)))
    ),
    "an acknowledged ticket is gone": (LOST, _without("t2")),
    "a ticket waits still": (LOST, _tickets("t2", state="waiting")),
    "one who did not leave has left": (LOST, _ledger(1, lambda ledger: ledger.left.clear())),
    "a ticket is of nobody": (LOST, _ledger(1, lambda ledger: ledger.joined.clear())),
    "an ended visit goes on": (LOST, _visits(v1=Visit("v1", "t1", "in_progress", 3))),
    "the later was called first": (KEPT, _tickets("t1", key=(0, 3, "t1"))),
    "one was told another place": (
        KEPT, _ledger(1, lambda ledger: ledger.places.append(Place("t2", 3, 2, 2)))
    ),
    "one was shown another order": (
        KEPT, _ledger(2, lambda ledger: ledger.boards.append(Board(QUEUE, 2, ("t2", "t1"))))
    ),
    "two changes have one version": (
        KEPT, _events(lambda rows: [*rows, replace(rows[-1], version=5)])
    ),
    "a ticket made a forbidden move": (
        TABLE, _events(lambda rows: [*rows, _moved("called", "t2", 7, "called")])
    ),
    "a ticket began in the middle": (TABLE, _events(lambda rows: rows[1:])),
    "a ticket is not where it went": (TABLE, _tickets("t1", state="left")),
    "a visit made a forbidden move": (
        TABLE,
        lambda _, stored: replace(
            stored, visit_events=[*stored.visit_events, VisitMoved("v1", 4, "in_progress")]
        ),
    ),
    "a visit is not where it went": (TABLE, _visits(v1=Visit("v1", "t1", "documented", 3))),
    "a chain is broken": (LOG, lambda _, stored: replace(stored, broken_chains=["p"])),
    "there is no log": (LOG, lambda _, stored: replace(stored, log_lines=0)),
    "the server contradicted itself": (
        SAME, _ledger(0, lambda ledger: ledger.contradictions.append("!"))
    ),
    "somebody did not finish": (END, _ledger(0, lambda ledger: ledger.unfinished.append("!"))),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_each_check_complains_of_its_fault(fault: str) -> None:
    what, break_ = BROKEN[fault]
    ledgers, stored = good()
    assert CHECKS[what](ledgers, break_(ledgers, stored) or stored)


def test_every_check_is_broken_by_something() -> None:
    assert {what for what, _ in BROKEN.values()} == set(CHECKS)


def test_who_finishes_nothing_proves_nothing() -> None:
    ledgers, stored = good()
    for ledger in ledgers:
        ledger.journeys = 0
    assert CHECKS[END](ledgers, stored)


def test_a_picture_that_comes_back_is_timed_and_one_that_does_not_is_missed() -> None:
    flowing = [each / 10 for each in range(100)]
    back = Pictures("v1", 0.0, None, [*flowing, 12.5, 12.6])
    never = Pictures("v2", 0.0, 60.0, list(flowing))
    hung_up = Pictures("v3", 0.0, 11.0, list(flowing))
    not_yet = Pictures("v4", 9.99, None, [30.0])
    ledgers = [Ledger(name, pictures=[each]) for name, each in
               (("a", back), ("b", never), ("c", hung_up), ("d", not_yet))]  # fmt: skip
    after = pictures.after(10.0, ledgers, 60.0)
    assert [(each.who, each.after) for each in after] == [("a", 2.5), ("b", None), ("c", None)]
    assert pictures.seeing(ledgers, 10.0)
    assert not pictures.seeing(ledgers, 20.0)
    assert pictures.away(10.0, ledgers, 11.5)
    assert not pictures.away(10.0, ledgers[:1], 12.6)
    missed = pictures.forgotten([10.0], ledgers, 60.0)
    assert len(missed) == 1
    assert missed[0].startswith("b had no picture")
