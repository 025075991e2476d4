"""Presence over several processes: whatever words are lost, all agree in the end."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.presence.elsewhere import (
    DEAD_AFTER,
    Beat,
    Bye,
    Change,
    Elsewhere,
    Everybody,
    Moved,
    words,
)

ANNA, BO = "anna", "bo"


def moved(number: int, account: str = ANNA, *, here: bool = True) -> Moved:
    return Moved(number=number, account=account, here=here)


def test_who_comes_and_goes_elsewhere() -> None:
    at = Elsewhere()
    assert at.hear("p", Everybody(number=0, accounts=[]), 0) == ([], False)
    assert at.hear("p", moved(1), 0) == ([(ANNA, True)], False)
    assert at.hear("p", moved(2, BO), 0) == ([(BO, True)], False)
    assert at.hear("p", moved(3, here=False), 0) == ([(ANNA, False)], False)
    # Told twice: heard once.
    assert at.hear("p", moved(3, here=False), 0) == ([], False)
    assert at.hear("p", Beat(number=3), 1) == ([], False)
    assert at.hear("p", Bye(), 2) == ([(BO, False)], False)
    assert at.hear("p", Bye(), 2) == ([], False)


def test_a_lost_word_is_found_out_and_the_list_asked_for() -> None:
    at = Elsewhere()
    at.hear("p", Everybody(number=0, accounts=[BO]), 0)
    assert at.hear("p", Beat(number=1), 0) == ([], True)
    # What follows can't be built upon until the list comes.
    assert at.hear("p", moved(2, BO, here=False), 0) == ([], True)
    assert at.hear("p", Everybody(number=2, accounts=[ANNA]), 0) == (
        [(ANNA, True), (BO, False)],
        False,
    )
    assert at.hear("p", moved(4, BO), 0) == ([], True)


def test_of_a_stranger_the_list_is_asked_for() -> None:
    at = Elsewhere()
    assert at.hear("p", moved(5), 0) == ([], True)
    assert at.hear("p", Beat(number=5), 0) == ([], True)
    assert at.hear("p", Everybody(number=5, accounts=[ANNA]), 0) == ([(ANNA, True)], False)
    assert at.hear("p", Beat(number=5), 0) == ([], False)


def test_who_falls_silent_is_dead_but_not_while_nobody_is_heard() -> None:
    at = Elsewhere()
    at.hear("p", Everybody(number=0, accounts=[ANNA]), 0)
    at.hear("q", Everybody(number=0, accounts=[BO]), 0)
    at.hear("q", Beat(number=0), DEAD_AFTER)
    assert at.bury(DEAD_AFTER) == []
    assert at.bury(DEAD_AFTER + 0.1) == [(ANNA, False)]
    assert len(at) == 1
    # The bus was away for an hour: nobody asked meanwhile, and all get their time anew.
    at.heard_again(3600)
    assert at.bury(3600 + DEAD_AFTER) == []
    # What was said meanwhile is not known.
    assert at.hear("q", moved(1), 3601) == ([], True)


def test_a_person_at_two_of_them_is_counted_at_each() -> None:
    at = Elsewhere()
    changes: list[Change] = []
    for process in "pq":
        changes += at.hear(process, Everybody(number=0, accounts=[ANNA]), 0)[0]
    assert changes == [(ANNA, True), (ANNA, True)]


@given(
    steps=st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.booleans()), max_size=40)
)
def test_whatever_is_lost_the_next_beat_mends(steps: list[tuple[str, bool, bool]]) -> None:
    at = Elsewhere()
    truth: set[str] = set()
    known: dict[str, int] = {}
    number = 0

    def apply(changes: list[Change]) -> None:
        for account, here in changes:
            known[account] = known.get(account, 0) + (1 if here else -1)

    def ask(must: bool) -> None:
        if must:
            apply(at.hear("p", Everybody(number=number, accounts=sorted(truth)), 0)[0])

    for account, here, lost in steps:
        if here == (account in truth):
            continue
        number += 1
        (truth.add if here else truth.discard)(account)
        if not lost:
            changes, must = at.hear("p", moved(number, account, here=here), 0)
            apply(changes)
            ask(must)
    changes, must = at.hear("p", Beat(number=number), 0)
    apply(changes)
    ask(must)
    assert {account for account, count in known.items() if count} == truth
    assert set(known.values()) <= {0, 1}


@pytest.mark.parametrize(
    "word", [{}, {"say": "shout"}, {"say": "moved", "number": 1}, {"say": "bye", "more": 1}, 7]
)
def test_what_is_no_word_is_refused(word: object) -> None:
    refused: Callable[[object], object] = words.validate_python
    with pytest.raises(ValueError, match="validation error"):
        refused(word)
