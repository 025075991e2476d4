"""The table of a leg's states, walked at random."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.rooms.call_states import (
    GRACE,
    CallState,
    Detached,
    IllegalMove,
    after_media,
    move,
    overdue,
)
from signaling.rooms.media_port import MediaState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.property
@given(st.lists(st.sampled_from([*CallState, *get_args(MediaState)]), max_size=50))
def test_a_walk_never_leaves_the_table(steps: list[str]) -> None:
    state = CallState.OFFERED
    for step in steps:
        before = state
        if isinstance(step, CallState):
            try:
                state = move(state, step)
            except IllegalMove:
                assert state is before
        else:
            state = after_media(state, step)  # type: ignore[arg-type]
        if before is CallState.CLOSED:
            assert state is CallState.CLOSED
        if before is not CallState.OFFERED:
            assert state is not CallState.OFFERED


@pytest.mark.parametrize("state", [each for each in CallState if each is not CallState.CLOSED])
def test_failed_media_closes_whatever_was(state: CallState) -> None:
    assert after_media(state, "failed") is CallState.CLOSED


def test_a_short_loss_is_an_interruption() -> None:
    state = after_media(CallState.CONNECTING, "connected")
    assert state is CallState.LIVE
    state = after_media(state, "disconnected")
    assert state is CallState.INTERRUPTED
    assert after_media(state, "connected") is CallState.LIVE


@given(st.sampled_from(CallState), st.booleans(), st.integers(0, 59_999))
def test_nothing_is_overdue_within_the_grace(state: CallState, online: bool, after: int) -> None:
    leg = Detached(state, NOON, online)
    assert not overdue(leg, NOON + timedelta(milliseconds=after))


def test_after_the_grace_only_flowing_media_of_somebody_present_keeps_a_leg() -> None:
    late = NOON + GRACE
    assert overdue(Detached(CallState.LIVE, NOON, owner_online=False), late)
    assert overdue(Detached(CallState.INTERRUPTED, NOON, owner_online=True), late)
    assert not overdue(Detached(CallState.LIVE, NOON, owner_online=True), late)
