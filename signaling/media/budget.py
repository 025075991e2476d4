"""How a receiver's link is shared among those who send to it, and what it is spared.

A sender is told what its worst receiver can take, but never less than a picture is worth: whose
link can't carry that much loses the cameras' pictures for a while, and pulls nobody else's down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signaling.media import rtcp, rtp, slots
from signaling.media.limits import FLOOR, HELD_FOR, LIVE_WINDOW, THIN_FOR, TOLD_BITRATE

if TYPE_CHECKING:
    from signaling.media.leg import Leg
    from signaling.media.uplink import Uplink


class Budget:
    """What one receiver's link carries. `allowed` is in bits a second, None while unknown."""

    __slots__ = ("_again_at", "_good_since", "_pause", "_thin_since", "allowed", "held")

    def __init__(self) -> None:
        self.allowed: int | None = None
        self.held = False
        self._thin_since: float | None = None
        self._good_since: float | None = None
        self._again_at = 0.0
        self._pause = HELD_FOR[0]

    def review(self, share: float | None, now: float, *, crowded: bool) -> bool:
        """Hold the pictures back, or try them again; whether that changed.

        `share` is what is left for each picture. Between two people nothing is held back: the
        sender gives way as far as it goes.
        """
        if self.held:
            if crowded and now < self._again_at:
                return False
            self.held = False
            self.allowed = self._thin_since = self._good_since = None
            return True
        if not crowded or share is None or share >= FLOOR:
            self._thin_since = None
            if self._good_since is None:
                self._good_since = now
            elif now - self._good_since > HELD_FOR[1]:
                self._pause = HELD_FOR[0]
            return False
        self._good_since = None
        if self._thin_since is None:
            self._thin_since = now
        if now - self._thin_since < THIN_FOR:
            return False
        self.held = True
        self._again_at = now + self._pause
        self._pause = min(2 * self._pause, HELD_FOR[1])
        return True


def share(receiver: Leg, now: float) -> float | None:
    """Bits a second for each picture that a receiver is sent; None while its link is unknown."""
    allowed = receiver.budget.allowed
    if allowed is None:
        return None
    pictures = sum(
        stream.payload_type == rtp.VP8
        and stream.source is not None
        and now - stream.source.heard < LIVE_WINDOW
        for stream in receiver.down.values()
    )
    return allowed / max(1, pictures)


def tell(sender: Leg, now: float) -> None:
    """Tell a sender how much it may send in all, in one REMB for what it sends now.

    For each picture, what the worst of its receivers has for it; sound alone has no need of limits,
    but a camera that is switched on next begins with what was said last.
    """
    live = [u for u in sender.up.values() if not u.retired and now - u.heard < LIVE_WINDOW]
    pictures = [u for u in live if u.section != slots.AUDIO]
    least = FLOOR if sender.seats.count() > 1 else 0
    told = [max(least, known) for u in pictures or live if (known := _worst(u, now)) is not None]
    if told:
        total = min(sum(told) if pictures else min(told), TOLD_BITRATE)
        sender.send_rtcp(rtcp.remb(int(total), [u.ssrc for u in pictures or live]))


def _worst(source: Uplink, now: float) -> float | None:
    shares = (share(stream.owner, now) for stream in source.streams)
    return min((known for known in shares if known is not None), default=None)
