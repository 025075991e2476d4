"""The clock of tests."""

from datetime import UTC, datetime, timedelta

import pytest

from server.kit.clock import Clock, FrozenClock, utc_now


def test_the_clock_moves_only_when_told() -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(timedelta(minutes=5))
    assert clock.now() == datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
    assert abs(Clock().now() - utc_now()) < timedelta(seconds=5)
    with pytest.raises(ValueError, match="aware"):
        FrozenClock(datetime(2026, 1, 1))  # noqa: DTZ001
