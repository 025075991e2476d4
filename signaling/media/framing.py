"""Datagrams in a TCP stream, each behind its length in 16 bits (RFC 4571, RFC 6544). Pure.

Nothing that a stranger sends may cost more than a frame of the size that he is allowed: what is
kept is never more than the part of one frame that came so far.
"""

from signaling.media.limits import DATAGRAM

HEAD = 2


class FrameTooLong(Exception):
    """The other end announced a frame beyond the limit: nothing after it can be read."""


class FrameBuffer:
    """Cuts a byte stream into frames."""

    __slots__ = ("_at", "_data")

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0

    def __len__(self) -> int:
        """Bytes that wait."""
        return len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        """Take what came; then ask for frames until there are none."""
        del self._data[: self._at]
        self._at = 0
        self._data += data

    def next_into(self, view: memoryview | bytearray, most: int = DATAGRAM) -> int:
        """The size of the next frame, which is in `view` then; -1 when none is whole.

        Raises `FrameTooLong` as soon as one announces more than `most` octets. Empty frames, which
        RFC 4571 allows, mean nothing and are passed over.
        """
        data = self._data
        while len(data) - self._at >= HEAD:
            start = self._at + HEAD
            size = data[start - 2] << 8 | data[start - 1]
            if size > most:
                raise FrameTooLong
            if len(data) < start + size:
                break
            self._at = start + size
            if size:
                view[:size] = data[start : start + size]
                return size
        return -1


def framed(datagram: bytes | bytearray | memoryview) -> bytes:
    """A datagram as a frame. Its length must fit in 16 bits."""
    return b"".join((len(datagram).to_bytes(HEAD, "big"), datagram))
