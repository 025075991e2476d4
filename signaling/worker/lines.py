"""JSON lines over a stream: one message a line, of bounded length."""

from collections.abc import Iterator

# Twice the largest session description, escaped.
MAX_LINE = 256 * 1024
# What a worker answers: more than the counters of all the legs that one may have.
MAX_ANSWER = 1024 * 1024


class LineTooLong(Exception):
    """The other end sent a line beyond the limit; it was skipped."""


class LineBuffer:
    """Cuts a byte stream into lines; what is too long is skipped up to its end."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> Iterator[bytes | LineTooLong]:
        """The lines that are complete now, without their ends; empty ones are left out."""
        self._rest += data
        while (end := self._rest.find(b"\n")) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            if self._skipping:
                self._skipping = False
            elif end > self._limit:
                yield LineTooLong()
            elif line.strip():
                yield line
        if len(self._rest) > self._limit:
            self._rest.clear()
            if not self._skipping:
                self._skipping = True
                yield LineTooLong()
