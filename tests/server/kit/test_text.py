"""Texts that people write, made safe to store; instants as text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.text import clean_text, iso, without_controls


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Feber  ", "Feber"),
        ("ett\r\ntvå\rtre\tfyra", "ett\ntvå\ntre\tfyra"),
        ("a\x00b\x07c\x1b[31md\x7f\x85e", "abc[31mde"),
        ("a\ud800b", "ab"),
        ("\u200fسلام", "\u200fسلام"),
        (" \x00\n ", ""),
        ("👩‍⚕️", "👩‍⚕️"),
    ],
)
def test_clean_text(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.fuzz
@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_becomes_storable(text: str) -> None:
    clean = without_controls(text)
    clean.encode("utf-8")
    assert "\x00" not in clean
    assert without_controls(clean) == clean


def test_iso() -> None:
    assert iso(datetime(2026, 3, 2, 12, tzinfo=UTC)) == "2026-03-02T12:00:00Z"
