"""What a sender is told of its receiver's estimate (REMB).

A browser's first estimate, five seconds in, is what has arrived so far, and it never exceeds one
and a half times what arrives. Of a still picture little arrives: passed on as it is, the estimate
would hold the sender there, and the first movement would be blurred for seconds. So an estimate
that shows no congestion is not passed on below the bitrate that senders start with.
"""

from signaling.media.limits import START_BITRATE

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


class Estimate:
    """One receiver's estimates. `loss` is the fraction of the video that it missed last."""

    __slots__ = ("bitrate", "congested", "loss")

    def __init__(self) -> None:
        self.bitrate: int | None = None
        self.congested = False
        self.loss = 0.0

    def heard(self, bitrate: int, forwarded: float) -> int:
        """What to tell the sender when the receiver says `bitrate` and is sent `forwarded`.

        Both in bits a second. Once congestion has shown, the receiver's word holds until it has
        climbed past the start by itself; loss, which a receiver's estimate ignores, lowers it.
        """
        bitrate = min(bitrate, _MOST)
        before, self.bitrate = self.bitrate, bitrate
        if self.loss > _LOSSY:
            self.congested = True
            return max(_LEAST, min(bitrate, int(forwarded * (1 - _YIELD * self.loss))))
        lowered = before is not None and bitrate < before * _LESS_THAN_BEFORE
        rising = before is not None and bitrate > before
        full = not rising and bitrate < forwarded * _FAR_LESS_THAN_SENT
        self.congested = bitrate < START_BITRATE and (self.congested or lowered or full)
        return bitrate if self.congested else max(bitrate, START_BITRATE)
