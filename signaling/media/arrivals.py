"""When each packet of a sender arrived: transport-wide congestion control, which ends here.

draft-holmer-rmcat-transport-wide-cc-extensions-01. A sender numbers all its packets across its
streams and repairs; it is told which of them came, and when, to a quarter of a millisecond. From
that it finds its bitrate itself: loss that comes with no growing delay is no congestion. Only the
sender's own link is told of: what a receiver's link does is for REMB to say.

The number of a packet and its time are noted in `waiting` for each packet, which must be cheap;
all else is done some ten times a second.
"""

import struct
from collections.abc import Iterator, Sequence

from signaling.media import rtcp
from signaling.media.limits import MAX_ARRIVALS_APART, MAX_ARRIVALS_GAP, OUTAGE, OUTAGE_LOST
from signaling.media.rtp import nearest

# Time counts in quarters of a millisecond, and a message's own in 64 ms: 256 of them.
_TICKS = 4000
_HEAD = struct.Struct("!HHL")
_MISSING, _SMALL, _LARGE = range(3)
_RUN, _SINGLES, _PAIRS = 8191, 14, 7

# (extended number, ticks)
Arrival = tuple[int, int]


class Arrivals:
    """What came from one sender and was not told yet. `due` is when it should be, in seconds."""

    __slots__ = ("_messages", "_next", "_told", "due", "waiting")

    def __init__(self) -> None:
        #: The 16-bit transport-wide number of each packet, and when it came, in seconds.
        self.waiting: list[tuple[int, float]] = []
        self.due = 0.0
        self._next: int | None = None
        self._told = 0
        self._messages = 0

    def tell(self, media_ssrc: int) -> bytes:
        """All that waits as one RTCP compound, empty when nothing does; then nothing waits.

        A message goes on where the one before ended, and so tells of the lost ones too. A packet
        that came after its successors had been told of gets a message of its own, because one
        that spanned both would call the lost ones in between lost once more.
        """
        found = self._extended()
        if not found:
            return b""
        start = min(found) if self._next is None else self._next
        first = min(found)
        if first >= start + OUTAGE_LOST and found[first] - self._told >= OUTAGE * _TICKS:
            # A link that was gone is not congested: what it lost is not told of at all.
            start = first
        self._told = max(found.values())
        self._next = max(start, max(found) + 1)
        ordered = sorted(found.items())
        late = [(arrival[0], [arrival]) for arrival in ordered if arrival[0] < start]
        fresh = list(_split(start, ordered[len(late) :]))
        return b"".join(
            rtcp.transport_feedback(media_ssrc, self._detail(base, run))
            for base, run in late[-MAX_ARRIVALS_APART:] + fresh[-MAX_ARRIVALS_APART:]
        )

    def _extended(self) -> dict[int, int]:
        """What waits, by extended number; the first arrival counts when one came twice."""
        waiting, self.waiting = self.waiting, []
        found: dict[int, int] = {}
        # Far above zero, so that what came before the first has a number as well.
        highest = (1 << 16) if self._next is None else self._next - 1
        if self._next is None and waiting:
            highest += waiting[0][0]
        for number, at in waiting:
            extended = nearest(number, highest)
            highest = max(highest, extended)
            found.setdefault(extended, int(at * _TICKS))
        return found

    def _detail(self, base: int, run: list[Arrival]) -> bytes:
        """Everything after the SSRCs: about `base` and what follows, to the last that came."""
        count = run[-1][0] - base + 1
        reference = run[0][1] >> 8
        statuses: list[list[int]] = []
        deltas = bytearray()
        expected, last = base, reference << 8
        for number, ticks in run:
            if number > expected:
                statuses.append([_MISSING, number - expected])
            delta = ticks - last
            if 0 <= delta < 256:
                status = _SMALL
                deltas.append(delta)
            else:
                status = _LARGE
                deltas += delta.to_bytes(2, "big", signed=True)
            if statuses and statuses[-1][0] == status:
                statuses[-1][1] += 1
            else:
                statuses.append([status, 1])
            expected, last = number + 1, ticks
        head = _HEAD.pack(base & 0xFFFF, count, (reference & 0xFFFFFF) << 8 | self._messages)
        self._messages = (self._messages + 1) & 0xFF
        chunks = b"".join(chunk.to_bytes(2, "big") for chunk in _chunks(statuses))
        detail = head + chunks + deltas
        return detail + bytes(-len(detail) % 4)


def _split(base: int, arrivals: Sequence[Arrival]) -> Iterator[tuple[int, list[Arrival]]]:
    """Runs that one message each can tell of, and the number with which its telling begins.

    A new one begins where the time between two packets has no room in a delta (8 s), or their
    number none in the count.
    """
    run: list[Arrival] = []
    expected = base
    for number, ticks in arrivals:
        anew = number - expected > MAX_ARRIVALS_GAP
        if run and (anew or number - base >= 0xFFFF or not -0x8000 <= ticks - run[-1][1] < 0x8000):
            yield base, run
            run, base = [], expected
        if anew:
            base = number
        run.append((number, ticks))
        expected = number + 1
    if run:
        yield base, run


def _chunks(statuses: list[list[int]]) -> Iterator[int]:
    """Runs of equal statuses, [status, length], as 16-bit chunks (section 3.1.3 and 3.1.4)."""
    at = 0
    while at < len(statuses):
        status, length = statuses[at]
        window = _window(statuses, at)
        large = _LARGE in window
        if length >= _SINGLES or len(window) <= length or (large and length >= _PAIRS):
            taken = min(length, _RUN)
            yield status << 13 | taken
        elif large:
            taken = min(_PAIRS, len(window))
            yield 0xC000 | _packed(window[:_PAIRS], _PAIRS, 2)
        else:
            taken = len(window)
            yield 0x8000 | _packed(window, _SINGLES, 1)
        while taken:
            step = min(taken, statuses[at][1])
            statuses[at][1] -= step
            taken -= step
            at += not statuses[at][1]


def _window(statuses: list[list[int]], at: int) -> list[int]:
    """The next statuses, as many as a chunk has room for."""
    window: list[int] = []
    while at < len(statuses) and len(window) < _SINGLES:
        status, length = statuses[at]
        window += [status] * min(length, _SINGLES - len(window))
        at += 1
    return window


def _packed(symbols: list[int], room: int, bits: int) -> int:
    value = 0
    for symbol in symbols:
        value = value << bits | symbol
    return value << bits * (room - len(symbols))
