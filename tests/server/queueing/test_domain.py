"""A ticket's life, duty and the estimate, decided purely."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.actor import Profession
from server.queueing import domain
from server.queueing.domain import (
    Channel,
    Communication,
    DutyOff,
    DutyState,
    IllegalMove,
    RequeuedOnce,
    Ticket,
    TicketState,
    Wait,
)
from server.queueing.rules import rules_at

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = rules_at(NOW)
TICKET = Ticket(
    id="t",
    patient_id="p",
    clinic_id="c",
    profession=Profession.DOCTOR,
    reason="Feber",
    channel=Channel.VIDEO,
    communication=Communication.SPEECH,
    state=TicketState.WAITING,
    level=0,
    arrived_at=NOW,
    not_before=None,
    requeues=0,
    taken_by=None,
    visit_id=None,
    closed_at=None,
    handling_seconds=None,
    version=1,
)
MOVES: dict[str, Callable[[Ticket], Ticket]] = {
    "called": lambda t: domain.called(t, "d", "v"),
    "admitted": domain.admitted,
    "left": lambda t: domain.left(t, NOW),
    "no_show": lambda t: domain.no_show(t, NOW),
    "done": lambda t: domain.done(t, NOW, timedelta(minutes=7)),
    "returned": domain.returned,
    "unanswered": lambda t: domain.unanswered(t, NOW, RULES),
}
# Written by hand from docs/rules.md, so that a slip in the table shows.
ALLOWED: dict[TicketState, set[str]] = {
    TicketState.WAITING: {"called", "left"},
    TicketState.CALLED: {"admitted", "left", "no_show", "returned", "unanswered"},
    TicketState.ADMITTED: {"done"},
    TicketState.LEFT: set(),
    TicketState.NO_SHOW: set(),
    TicketState.DONE: set(),
}


@pytest.mark.property
@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=15))
def test_a_ticket_walked_at_random(moves: list[str]) -> None:
    ticket = TICKET
    for move in moves:
        before = ticket
        if move not in ALLOWED[before.state]:
            with pytest.raises(IllegalMove) as caught:
                MOVES[move](before)
            assert caught.value.extra == {"state": before.state.value}
            continue
        try:
            ticket = MOVES[move](before)
        except RequeuedOnce:
            assert move == "unanswered"
            assert before.requeues == RULES.requeues
            continue
        assert ticket.place_key == before.place_key
        assert (ticket.state in domain.OPEN) is (ticket.closed_at is None)
        taken = ticket.state in {TicketState.CALLED, TicketState.ADMITTED}
        assert not taken or (ticket.taken_by, ticket.visit_id) == ("d", "v")
        if ticket.state is TicketState.WAITING:
            assert ticket.taken_by is ticket.visit_id is None


def test_no_answer_rests_and_keeps_the_arrival() -> None:
    back = domain.unanswered(domain.called(TICKET, "d", "v"), NOW, RULES)
    assert (back.requeues, back.not_before) == (1, NOW + timedelta(minutes=10))
    with pytest.raises(RequeuedOnce):
        domain.unanswered(domain.called(back, "d", "w"), NOW, RULES)


def test_a_return_does_not_rest() -> None:
    back = domain.returned(domain.called(TICKET, "d", "v"))
    assert back == TICKET


def test_done_keeps_the_handling_time() -> None:
    admitted = domain.admitted(domain.called(TICKET, "d", "v"))
    assert domain.done(admitted, NOW, timedelta(minutes=7)).handling_seconds == 420
    assert domain.done(admitted, NOW, timedelta(seconds=-3)).handling_seconds == 0


@pytest.mark.property
@given(st.lists(st.sampled_from(list(DutyState)), max_size=10))
def test_duty_walked_at_random(states: list[DutyState]) -> None:
    allowed = {
        DutyState.OFF: {DutyState.ON},
        DutyState.ON: {DutyState.PAUSED, DutyState.OFF},
        DutyState.PAUSED: {DutyState.ON, DutyState.OFF},
    }
    now = DutyState.OFF
    for then in states:
        if then in allowed[now]:
            now = domain.duty_to(now, then)
            assert now is then
        else:
            with pytest.raises(DutyOff):
                domain.duty_to(now, then)


TEN_MINUTES = [600] * 5


@pytest.mark.parametrize(
    ("ahead", "samples", "staff", "is_open", "expected"),
    [
        (4, TEN_MINUTES, 2, True, Wait(15, 30)),
        (0, TEN_MINUTES, 2, True, Wait(0, 5)),
        (4, TEN_MINUTES[:4], 2, True, None),
        (4, TEN_MINUTES, 0, True, None),
        (4, TEN_MINUTES, 2, False, None),
        (4, [], 0, False, None),
        # The median shrugs at the one who took a whole day.
        (4, [600, 600, 600, 86_400, 600], 2, True, Wait(15, 30)),
    ],
)
def test_the_estimate(
    ahead: int, samples: list[int], staff: int, is_open: bool, expected: Wait | None
) -> None:
    assert domain.estimate(ahead, samples, staff, is_open, RULES) == expected


@pytest.mark.property
@given(
    st.integers(0, 300),
    st.lists(st.integers(0, 7200), min_size=5, max_size=60),
    st.integers(1, 30),
)
def test_the_estimate_is_a_range_that_grows(ahead: int, samples: list[int], staff: int) -> None:
    here = domain.estimate(ahead, samples, staff, True, RULES)
    behind = domain.estimate(ahead + 1, samples, staff, True, RULES)
    assert here is not None
    assert behind is not None
    assert 0 <= here.low_minutes < here.high_minutes
    assert here.low_minutes <= behind.low_minutes
    assert here.high_minutes <= behind.high_minutes


def test_only_the_newest_samples_count() -> None:
    old = [36_000] * 100
    newest = [600] * RULES.sample_window
    assert domain.typical_minutes(newest + old, RULES) == 10


def test_the_place_sorts_by_level_then_arrival() -> None:
    later = replace(TICKET, id="a", arrived_at=NOW + timedelta(seconds=1))
    urgent = replace(later, id="b", level=-1)
    assert sorted([later, TICKET, urgent], key=lambda t: t.place_key) == [urgent, TICKET, later]


def test_rules_hold_from_their_day() -> None:
    assert rules_at(datetime(1999, 1, 1, tzinfo=UTC)) == RULES
    assert RULES.answer_within == timedelta(minutes=5)
