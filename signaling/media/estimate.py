"""When a receiver's estimate (REMB) limits its sender.

A sender knows its own link by transport-wide feedback; of its receiver's link it knows what REMB
says, and sends the lesser of both. But a browser's first estimate, five seconds in, is what has
arrived so far; it never exceeds one and a half times what arrives, and grows by 8 % a second at
most. Passed on as it is, it would hold a sender at the bitrate of its stillest moment, and the
first movement would be blurred for many seconds. So it is passed on when the receiver's link has
shown that it is the limit, until it has grown past what senders start with and has found no limit
for as long as it needs to find one.
"""

from signaling.media.limits import MAX_BITRATE, START_BITRATE

# Larger numbers are no estimates, and have no place in JSON.
_MOST = 1 << 32
# A receiver lowers its estimate only on congestion, to 0.85 of what arrives; and one that does
# not raise it while far more is sent than it says has a link that is full.
_LESS_THAN_BEFORE = 0.97
_FAR_LESS_THAN_SENT = 0.7
# Where browsers begin to give way to loss, and by how much of it.
_LOSSY = 0.1
_YIELD = 0.5
_LEAST = 50_000
# After a lowering a browser regains what it gave up in some ten seconds, and then lowers it again
# if that was the limit.
_HOLDS = 20.0


class Estimate:
    """One receiver's estimates. `loss` is the fraction of the video that it missed last."""

    __slots__ = ("_limited_at", "bitrate", "loss")

    def __init__(self) -> None:
        self.bitrate: int | None = None
        self.loss = 0.0
        self._limited_at: float | None = None

    def heard(self, bitrate: int, forwarded: float, now: float) -> int:
        """What to tell the sender when the receiver says `bitrate` and is sent `forwarded`.

        Both in bits a second, `now` in seconds. Loss, which a receiver's estimate ignores, lowers
        it as well.
        """
        bitrate = min(bitrate, _MOST)
        before, self.bitrate = self.bitrate, bitrate
        lossy = self.loss > _LOSSY
        lowered = before is not None and bitrate < before * _LESS_THAN_BEFORE
        rising = before is not None and bitrate > before
        full = not rising and bitrate < forwarded * _FAR_LESS_THAN_SENT
        if lossy or lowered or full:
            self._limited_at = now
        if lossy:
            return max(_LEAST, min(bitrate, int(forwarded * (1 - _YIELD * self.loss))))
        if self._limited_at is not None:
            if bitrate < START_BITRATE or now - self._limited_at < _HOLDS:
                return bitrate
            self._limited_at = None
        return max(bitrate, MAX_BITRATE)
