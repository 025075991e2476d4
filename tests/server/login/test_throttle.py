"""Who guesses is slowed down, and forgotten in time."""

from datetime import UTC, datetime, timedelta

import pytest

from server.login.domain import LoginThrottled
from server.login.throttle import BURST, FORGOTTEN, Throttle

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_client_that_sprays_names_runs_dry_and_recovers() -> None:
    throttle = Throttle(free=5, longest=60)
    for number in range(int(BURST)):
        throttle.check(f"name{number}", "spray", NOW)
        throttle.failed(f"name{number}", "spray", NOW)
    with pytest.raises(LoginThrottled):
        throttle.check("another", "spray", NOW)
    throttle.check("another", "elsewhere", NOW)
    throttle.check("another", "spray", NOW + timedelta(seconds=2))


def test_failures_are_forgotten() -> None:
    throttle = Throttle(free=2, longest=60)
    for _ in range(2):
        throttle.failed("name", "client", NOW)
    with pytest.raises(LoginThrottled):
        throttle.check("name", "client", NOW)
    later = NOW + FORGOTTEN + timedelta(seconds=1)
    throttle.failed("name", "client", later)
    throttle.check("name", "client", later)
