"""Waits between attempts, and the two limits of a session."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit import tail
from server.kit.actor import Audience
from server.login.domain import Lifetime, Session, backoff
from server.login.sessions import UNHEARD

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@given(st.integers(0, 10_000), st.integers(1, 50), st.integers(1, 600))
@pytest.mark.property
def test_waits_grow_and_never_lock_out(failures: int, free: int, longest: int) -> None:
    wait = backoff(failures, free, longest)
    assert 0 <= wait <= longest
    assert wait == 0 if failures < free else wait >= 1
    assert backoff(failures + 1, free, longest) >= wait


@given(
    st.timedeltas(timedelta(seconds=1), timedelta(days=1)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=1)),
    st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), max_size=10),
)
@pytest.mark.property
def test_a_session_lives_within_both_limits(
    idle: timedelta, absolute: timedelta, steps: list[timedelta]
) -> None:
    lifetime = Lifetime(idle, absolute)
    now = NOW
    session = Session("s", "a", Audience.PATIENT, NOW, NOW, NOW + absolute)
    for step in steps:
        before, now = now, now + step
        assert session.alive(now, lifetime) == (step < idle and now < NOW + absolute)
        if not session.alive(now, lifetime):
            return
        session = Session("s", "a", Audience.PATIENT, NOW, now, NOW + absolute)
        assert before <= now


def test_nobody_is_believed_for_more_than_a_second_after_the_last_look() -> None:
    """What ends a session, or takes rights away, holds everywhere within a second."""
    assert tail.LOOK_SECONDS + tail.REST_SECONDS < tail.ABREAST_SECONDS <= 1
    assert timedelta(seconds=1) >= UNHEARD
