"""Identifiers: UUIDv7 (RFC 9562 §5.7), so that ids made later also sort later."""

import os
import re
import secrets
import threading
import time

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Random bytes are drawn by the page: each draw is a call of the system, before which the
# interpreter lets another thread go first, and that one may work for milliseconds.
_DRAWN = 4096
_WIDTH = 8
_lock = threading.Lock()
_last = 0
_drawn = memoryview(b"")


def _forget() -> None:
    """In a forked child: what its parent drew is its parent's."""
    global _drawn
    _drawn = memoryview(b"")


os.register_at_fork(after_in_child=_forget)


def new_id() -> str:
    """A fresh id as text. Ids of one process are strictly rising, also within a millisecond.

    The 12 bits after the version hold the fraction of the millisecond (RFC 9562 §6.2, method 3).
    """
    global _last, _drawn
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        stamp = _last = max(stamp, _last + 1)
        if not _drawn:
            _drawn = memoryview(secrets.token_bytes(_DRAWN))
        chance, _drawn = int.from_bytes(_drawn[:_WIDTH]) >> 2, _drawn[_WIDTH:]
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | chance
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an id (lower-case hex with dashes)."""
    return _FORM.fullmatch(text) is not None
