"""Events hold plain values and come back as they were."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.events import Event, decode, encode, register_event


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
