"""Ids, clock, events, errors, settings."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from server.kit.clock import Clock, FrozenClock, utc_now
from server.kit.errors import Busy, Conflict, DomainError
from server.kit.events import Event, decode, encode, register_event
from server.kit.ids import is_id, new_id
from server.kit.settings import Settings, settings_table


def test_ids_rise_and_have_their_form() -> None:
    made = [new_id() for _ in range(2000)]
    assert made == sorted(set(made))
    assert all(is_id(each) and each[14] == "7" and each[19] in "89ab" for each in made)


@given(st.text(max_size=40))
@pytest.mark.fuzz
def test_noise_is_no_id(text: str) -> None:
    assert not is_id(text)
    assert not is_id(new_id() + text[:1]) or not text
    assert not is_id(new_id().upper()) or new_id().upper() == new_id()


def test_the_clock_moves_only_when_told() -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(timedelta(minutes=5))
    assert clock.now() == datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
    assert abs(Clock().now() - utc_now()) < timedelta(seconds=5)
    with pytest.raises(ValueError, match="aware"):
        FrozenClock(datetime(2026, 1, 1))  # noqa: DTZ001


@register_event
@dataclass(frozen=True, slots=True)
class Fact(Event):
    """An event of these tests."""

    kind: ClassVar[str] = "test.fact"
    text: str
    number: int
    yes: bool
    maybe: str | None = None


@given(st.text(), st.integers(), st.booleans(), st.none() | st.text())
@pytest.mark.property
def test_events_come_back_as_they_were(
    text: str, number: int, yes: bool, maybe: str | None
) -> None:
    fact = Fact(text, number, yes, maybe)
    assert decode("test.fact", encode(fact)) == fact


def test_two_events_of_one_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="two events"):

        @register_event
        @dataclass(frozen=True, slots=True)
        class Other(Event):
            kind: ClassVar[str] = "test.fact"


def test_an_event_holds_plain_values_only() -> None:
    odd: Any = [1]
    with pytest.raises(TypeError, match="no text, number or boolean"):
        encode(Fact("a", odd, True))


def test_an_error_carries_its_meaning() -> None:
    class QueueShut(Conflict):
        code = "test.shut"

    error = QueueShut("Come back.", next_opening="2026-01-01T07:00:00Z")
    assert error.problem() == {
        "type": "about:blank",
        "title": "Not possible now",
        "status": 409,
        "code": "test.shut",
        "detail": "Come back.",
        "next_opening": "2026-01-01T07:00:00Z",
    }
    assert isinstance(error, DomainError)
    assert error.headers() == {}
    assert Busy(retry_after=3).headers() == {"Retry-After": "3"}
    # An extra can't pretend to be another problem.
    assert Conflict("x", status=200).problem()["status"] == 409


def test_settings_come_from_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.port == 8080
    monkeypatch.setenv("VARDRUM_PORT", "9000")
    monkeypatch.setenv("VARDRUM_MEDIA_ADDRESS", "10.0.0.1, fd00::1")
    monkeypatch.setenv("VARDRUM_DEMO", "1")
    read = Settings()
    assert (read.port, read.media_address, read.demo) == (9000, ("10.0.0.1", "fd00::1"), True)
    monkeypatch.setenv("VARDRUM_PORT", "99999")
    with pytest.raises(ValidationError):
        Settings()
    monkeypatch.setenv("VARDRUM_PORT", "9000")
    monkeypatch.setenv("VARDRUM_TRUSTED_PROXIES", "somewhere")
    with pytest.raises(ValidationError):
        Settings()


def test_every_setting_is_described() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"`VARDRUM_{name.upper()}`" in table
