"""Who is there: several tabs are one person, eight seconds without a socket are an absence."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.clock import utc_now
from signaling.presence.timeouts import OFFLINE_AFTER, Presence, closed, decide, opened
from signaling.presence.tracker import PresenceTracker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_first_socket_is_told_and_the_second_is_not() -> None:
    first = decide(opened(Presence()), NOON)
    assert (first.changed, first.state.online) == (True, True)
    second = decide(opened(first.state), NOON)
    assert (second.changed, second.state.online) == (False, True)


def test_a_reload_is_no_absence() -> None:
    here = decide(opened(Presence()), NOON).state
    gone = decide(closed(here, NOON), NOON)
    assert gone.state.online
    assert gone.wake_at == NOON + OFFLINE_AFTER
    back = decide(opened(gone.state), NOON + timedelta(seconds=7))
    assert not back.changed
    assert back.wake_at is None


def test_eight_seconds_are_an_absence() -> None:
    here = decide(opened(Presence()), NOON).state
    gone = decide(closed(here, NOON), NOON + OFFLINE_AFTER)
    assert gone.changed
    assert gone.state == Presence()


@pytest.mark.property
@given(st.lists(st.one_of(st.sampled_from(["open", "close"]), st.integers(0, 20_000)), max_size=60))
def test_told_changes_alternate_and_agree_with_the_sockets(steps: list[str | int]) -> None:
    now, state, told, sockets, empty_since = NOON, Presence(), [], 0, NOON - timedelta(days=1)
    for step in steps:
        if step == "open":
            state, sockets = opened(state), sockets + 1
        elif step == "close":
            state = closed(state, now)
            if sockets == 1:
                empty_since = now
            sockets = max(0, sockets - 1)
        elif isinstance(step, int):
            now += timedelta(milliseconds=step)
        decision = decide(state, now)
        state = decision.state
        if decision.changed:
            told.append(state.online)
        assert state.online == (sockets > 0 or (bool(told) and now < empty_since + OFFLINE_AFTER))
        assert (decision.wake_at is not None) == (state.online and sockets == 0)
        assert decide(state, now).changed is False
    assert all(left != right for left, right in pairwise(told))
    assert told[:1] in ([], [True])


async def test_the_tracker_waits_before_it_tells() -> None:
    told: list[tuple[str, bool]] = []
    tracker = PresenceTracker(
        utc_now,
        lambda account, online: told.append((account, online)),
        grace=timedelta(milliseconds=60),
    )
    tracker.opened("a")
    tracker.opened("a")
    tracker.closed("a")
    await asyncio.sleep(0.1)
    assert told == [("a", True)]
    tracker.closed("a")
    assert tracker.is_online("a")
    assert not tracker.has_socket("a")
    await asyncio.sleep(0.02)
    tracker.opened("a")
    tracker.closed("a")
    assert told == [("a", True)]
    await asyncio.sleep(0.15)
    assert told == [("a", True), ("a", False)]
    assert not tracker.is_online("a")
    tracker.stop()
