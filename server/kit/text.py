"""Texts: what people write, made safe to store and to show, and instants as text."""

import unicodedata
from datetime import UTC, datetime

_KEPT = frozenset("\n\t")


def without_controls(text: str) -> str:
    """The text without control characters; line ends become newlines.

    They are dropped, not refused: nobody can see them, so nobody could correct them, and a worried
    person who pastes from somewhere must not lose what was written. Dropped are control characters
    other than newline and tab (NUL can't be stored by PostgreSQL) and lone surrogates (they are no
    UTF-8).
    """
    if text.isprintable():  # nearly always
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char for char in text if char in _KEPT or unicodedata.category(char) not in {"Cc", "Cs"}
    )


def clean_text(text: str) -> str:
    """The text without control characters and without white space around it."""
    return without_controls(text).strip()


def iso(moment: datetime) -> str:
    """An instant as ISO 8601 in UTC with ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
