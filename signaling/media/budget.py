"""How a receiver's link is shared among those who send to it, and what it is spared.

A sender is told what its worst receiver can take, but never less than a picture is worth: whose
link can't carry that much loses the cameras' pictures for a while, and pulls nobody else's down.

To who does not hear, the picture of somebody who signs is the speech. Such pictures are preferred:
they get what signing takes before the others get anything, and are held back last.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from signaling.media import rtcp, rtp, slots
from signaling.media.limits import FLOOR, HELD_FOR, LIVE_WINDOW, SIGNED, THIN_FOR, TOLD_BITRATE

if TYPE_CHECKING:
    from signaling.media.leg import Leg
    from signaling.media.uplink import Uplink

# The part of what a link carries above which it is full: the rest a sender leaves by itself.
FULL = 0.8


class Held(IntEnum):
    """Which cameras' pictures a receiver is not sent just now."""

    NONE = 0
    OTHERS = 1
    """All but the preferred."""
    ALL = 2


class Shares(NamedTuple):
    """Bits a second for each picture that a receiver is sent; None where there is none such."""

    preferred: float | None
    others: float | None

    @property
    def least(self) -> float:
        """What the worst of them gets."""
        return min((each for each in self if each is not None), default=FLOOR)


class Budget:
    """What one receiver's link carries. `allowed` is in bits a second, None while unknown."""

    __slots__ = ("_again_at", "_good_since", "_pause", "_stepped", "_thin_since", "allowed", "held")

    def __init__(self) -> None:
        self.allowed: int | None = None
        self.held = Held.NONE
        self._stepped = False
        self._thin_since: float | None = None
        self._good_since: float | None = None
        self._again_at = 0.0
        self._pause = HELD_FOR[0]

    def review(self, shares: Shares | None, now: float, *, crowded: bool) -> bool:
        """Hold pictures back, or try them again; whether that changed.

        Between two people nothing is held back: the sender gives way as far as it goes.
        """
        if self.held and (not crowded or now >= self._again_at):
            self._ease(now, crowded=crowded)
            return True
        if self.held is Held.ALL:
            return False
        if not crowded or shares is None or shares.least >= FLOOR:
            self._thin_since = None
            if self.held or self._good_since is None:
                self._good_since = now
            elif now - self._good_since > HELD_FOR[1]:
                self._pause = HELD_FOR[0]
            return False
        self._good_since = None
        if self._thin_since is None:
            self._thin_since = now
        if now - self._thin_since < THIN_FOR:
            return False
        self._hold(shares, now)
        return True

    def _hold(self, shares: Shares, now: float) -> None:
        self._stepped = self.held is Held.OTHERS
        both = shares.preferred is not None and shares.others is not None
        self.held = Held.OTHERS if both and not self._stepped else Held.ALL
        self._thin_since = None
        self._again_at = now + self._pause
        self._pause = min(2 * self._pause, HELD_FOR[1])

    def _ease(self, now: float, *, crowded: bool) -> None:
        """Back the way it came: the preferred are tried first, and the others a pause later."""
        self.held = Held.OTHERS if crowded and self.held and self._stepped else Held.NONE
        self._stepped = False
        self._again_at = now + self._pause
        self.allowed = self._thin_since = self._good_since = None


def spares(receiver: Leg, mid: int, sender: Leg) -> bool:
    """Whether a receiver is not sent this sender's picture just now, to spare its link."""
    held = receiver.budget.held
    if held is Held.NONE or not slots.is_camera(mid):
        return False
    return held is Held.ALL or not sender.preferred


def hold(receiver: Leg) -> None:
    """Let go of the pictures that a receiver is spared."""
    for mid, stream in receiver.down.items():
        source = stream.source or stream.awaited
        if source is not None and spares(receiver, mid, source.owner):
            stream.detach()


def shares(receiver: Leg, now: float) -> Shares | None:
    """How a receiver's link is shared among the pictures; None while it is unknown."""
    allowed = receiver.budget.allowed
    if allowed is None:
        return None
    preferred = others = 0
    for stream in receiver.down.values():
        source = stream.source
        if source is None or stream.payload_type != rtp.VP8 or now - source.heard >= LIVE_WINDOW:
            continue
        if _is_preferred(source):
            preferred += 1
        else:
            others += 1
    if not preferred:
        return Shares(None, allowed / max(1, others))
    first = min(allowed / preferred, max(SIGNED, allowed / (preferred + others)))
    return Shares(first, (allowed - first * preferred) / others if others else None)


def _is_preferred(source: Uplink) -> bool:
    # A screen is read at leisure, whosever it is.
    return source.owner.preferred and source.section == slots.CAMERA


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
    known = [found for stream in source.streams if (found := shares(stream.owner, now)) is not None]
    parts = [found.preferred if _is_preferred(source) else found.others for found in known]
    return min((part for part in parts if part is not None), default=None)
