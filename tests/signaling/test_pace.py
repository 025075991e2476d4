"""A bucket never gives more than its burst and its rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.pace import TokenBucket


@pytest.mark.property
@given(st.lists(st.floats(0, 3), max_size=200))
def test_never_more_than_burst_and_rate(pauses: list[float]) -> None:
    now = 0.0
    bucket = TokenBucket(rate=2, burst=5, clock=lambda: now)
    taken = 0
    for pause in pauses:
        now += pause
        taken += bucket.take()
    assert taken <= 5 + 2 * now + 1e-6


def test_it_fills_again() -> None:
    now = 0.0
    bucket = TokenBucket(rate=1, burst=2, clock=lambda: now)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now = 1.5
    assert [bucket.take() for _ in range(2)] == [True, False]
