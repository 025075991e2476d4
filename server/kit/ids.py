"""Identifiers: UUIDv7 (RFC 9562 §5.7), so that ids made later also sort later."""

import re
import secrets
import threading
import time
import uuid

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A fresh id as text. Ids of one process are strictly rising, also within a millisecond.

    The 12 bits after the version hold the fraction of the millisecond (RFC 9562 §6.2, method 3).
    """
    global _last
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        stamp = _last = max(stamp, _last + 1)
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62
    return str(uuid.UUID(int=value | secrets.randbits(62)))


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an id (lower-case hex with dashes)."""
    return _FORM.fullmatch(text) is not None
