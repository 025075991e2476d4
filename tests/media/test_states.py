"""The table of a leg's states, and what time makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.leg import Leg
from signaling.media.states import MOVES, IllegalMove, LegState, check_move, due

ENDS = {LegState.FAILED, LegState.CLOSED}


@pytest.mark.property
@given(st.lists(st.sampled_from(LegState), max_size=30))
def test_a_leg_walks_only_along_the_table(wishes: list[LegState]) -> None:
    told: list[LegState] = []
    leg = Leg("leg", "visit", "patient", 0.0, lambda leg: told.append(leg.state))
    for wish in wishes:
        before = leg.state
        if wish is before:
            leg.to(wish, 1.0)
        elif wish in MOVES[before]:
            leg.to(wish, 1.0)
            assert told[-1] is wish
        else:
            with pytest.raises(IllegalMove):
                leg.to(wish, 1.0)
            assert leg.state is before
    assert all(state not in ENDS for state in told[:-1])


@pytest.mark.property
@given(
    st.sampled_from(LegState),
    st.floats(0, 100),
    st.floats(0, 100),
    st.floats(0, 200),
)
def test_time_asks_only_for_legal_moves(
    state: LegState, since: float, heard: float, now: float
) -> None:
    move = due(state, since=since, heard=heard, now=now)
    if move is not None:
        check_move(state, move)


def test_the_delays() -> None:
    connected, disconnected = LegState.CONNECTED, LegState.DISCONNECTED
    assert due(connected, since=0, heard=0, now=5) is None
    assert due(connected, since=0, heard=0, now=5.1) is disconnected
    assert due(disconnected, since=5, heard=20, now=21) is connected
    assert due(disconnected, since=5, heard=0, now=29.9) is None
    assert due(disconnected, since=5, heard=0, now=30.1) is LegState.FAILED
    # A restart at 29 s gives the peer time to use it.
    assert due(disconnected, since=29, heard=0, now=40) is None
    assert due(LegState.NEW, since=0, heard=0, now=31) is LegState.FAILED
    assert due(LegState.CONNECTING, since=0, heard=30, now=31) is LegState.FAILED
