"""Ids rise, and noise is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.ids import is_id, new_id


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
