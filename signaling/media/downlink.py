"""The stream that a receiver is given in one slot: its numbering, and what it may be sent again.

It outlives its sources: when the sender rejoins with a new SSRC, or somebody else takes the slot,
it keeps its own SSRC and its numbers go on rising. Its ledger holds the security invariant: under
one SSRC a sequence number is never used for two different byte strings, which would reuse a GCM
nonce (RFC 7714 section 8.3).

Sequence numbers here are extended: they count on past 65535 (RFC 3550 appendix A.1).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from signaling.media import rtp
from signaling.media.limits import CACHE, RESEND_INTERVAL
from signaling.media.rtp import nearest

if TYPE_CHECKING:
    from signaling.media.leg import Leg
    from signaling.media.uplink import Uplink

_MASK = CACHE - 1
_FRAME = 3_000  # at least a thirtieth of a second lies between two sources of video


class Downlink:
    """One stream to a receiver: its numbering and its ledger.

    What it sends again comes from its source's packets, under the RTX stream's numbers. For a peer
    without RTX it keeps copies of its own: those go out as they were, byte for byte.
    """

    __slots__ = (
        "_base", "_last_timestamp", "_ledger", "_marks", "_resent", "_rtx_sequence", "_shift",
        "_ts_shift", "awaited", "clock_rate", "copies", "fraction_lost", "given_up", "highest",
        "jitter", "octets", "owner", "packets", "payload_type", "reported", "round_trip",
        "rtx_ssrc", "sent_at", "source", "sr_middle", "sr_sent_at", "ssrc", "timestamp",
        "waits_since",
    )  # fmt: skip

    def __init__(
        self, owner: Leg, ssrc: int, payload_type: int, rtx_ssrc: int | None = None
    ) -> None:
        self.owner = owner
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.payload_type = payload_type
        self.clock_rate = rtp.CLOCK_RATES[payload_type]
        self.source: Uplink | None = None
        self.awaited: Uplink | None = None
        self.waits_since: float | None = None
        # A random start below 2**15 lets the receiver guess the rollover count right.
        self.highest = secrets.randbelow(1 << 14)
        #: What is lost up to here is not sent again: a keyframe was asked for instead.
        self.given_up = -1
        self._marks = (self.highest, self.highest)
        self.timestamp = 0
        self._base = 0
        self._shift = 0
        self._ts_shift = 0
        self._last_timestamp: int | None = None
        # Most slots of most legs are never used: their memory comes with their first source.
        self._ledger: list[int] = []
        self._resent: list[float] = []
        #: Not empty when what leaves must be handed to `copy`: read for every packet.
        self.copies: list[bytes | None] = []
        self._rtx_sequence = secrets.randbelow(1 << 14)
        self.sent_at = 0.0
        self.packets = 0
        self.octets = 0
        self.sr_middle = 0
        self.sr_sent_at = 0.0
        self.round_trip: float | None = None
        self.fraction_lost = 0
        #: The highest number that the peer's last report names, and what was lost by then.
        self.reported: tuple[int, int] | None = None
        self.jitter = 0

    def follow(self, source: Uplink) -> None:
        """Wait for a source to begin with; what this stream was sent until now ends here."""
        if source is self.source or source is self.awaited:
            return
        self.detach()
        self.awaited = source
        source.waiting.append(self)

    def detach(self) -> None:
        """Leave the source, or the wait for one; the numbers stay."""
        if self.source is not None:
            self.source.streams.remove(self)
            self.source = None
        if self.awaited is not None:
            self.awaited.waiting.remove(self)
            self.awaited = None
        self.waits_since = None

    def attach(self, source: Uplink, extended: int, timestamp: int, now: float) -> None:
        """Take packets from `source` from `extended` on, as the continuation of what was sent."""
        self.detach()
        if not self._ledger:
            self._ledger = [-1] * CACHE
            if self.payload_type == rtp.VP8:
                self._resent = [-1e9] * CACHE
        if self.payload_type == rtp.VP8 and self.rtx_ssrc is None and not self.copies:
            self.copies = [None] * CACHE
        self.source = source
        source.streams.append(self)
        self.fraction_lost = 0
        self._base = extended
        self._shift = self.highest + 1 - extended
        if self._last_timestamp is not None:
            passed = max(int((now - self.sent_at) * self.clock_rate), _FRAME)
            self._ts_shift = (self._last_timestamp + passed - timestamp) & 0xFFFFFFFF

    def take(self, extended: int, timestamp: int, size: int, now: float) -> int | None:
        """Count a packet of the source as sent; its number here, or None if it must not be sent.

        None for what was sent before, for what is too old to know, and for packets of the source
        from before it was attached: their numbers belong to the source before. `timestamp` then
        holds the packet's timestamp on this stream's own timeline.
        """
        if extended < self._base:
            return None
        outgoing = extended + self._shift
        slot = outgoing & _MASK
        self.timestamp = (timestamp + self._ts_shift) & 0xFFFFFFFF
        if outgoing > self.highest:
            self.highest = outgoing
            self._last_timestamp = self.timestamp
        elif outgoing <= self.highest - CACHE or self._ledger[slot] == outgoing:
            return None
        self._ledger[slot] = outgoing
        if self._resent:
            self._resent[slot] = -1e9
        self.packets += 1
        self.octets += size
        self.sent_at = now
        return outgoing

    def arrived(self, sequence: int, lost: int) -> tuple[int, int]:
        """How many of our packets a report tells of since the one before, and how many came.

        `sequence` is the highest that came, `lost` what the peer misses in all. It also misses what
        never left: a number that the sender's own link lost is no loss of this one.
        """
        highest = nearest(sequence, self.highest)
        before, self.reported = self.reported, (highest, lost)
        if before is None or highest <= before[0]:
            return 0, 0
        missed, span = lost - before[1], highest - before[0]
        if missed <= 0:
            return span, span
        if span >= CACHE:  # which of so many left is not known any more
            return 0, 0
        ledger = self._ledger
        sent = sum(ledger[n & _MASK] == n for n in range(before[0] + 1, highest + 1))
        return sent, min(sent, span - missed)

    def shift_timestamp(self, timestamp: int) -> int:
        """A timestamp of the source on this stream's own timeline."""
        return (timestamp + self._ts_shift) & 0xFFFFFFFF

    def copy(self, outgoing: int, packet: bytes) -> None:
        """Keep the bytes that leave, in the clear, for a peer without RTX."""
        self.copies[outgoing & _MASK] = packet

    def upstream_number(self, outgoing: int) -> int | None:
        """The source's extended number behind one of ours, if this source can know it."""
        extended = outgoing - self._shift
        if self.source is None or extended < self._base or outgoing > self.highest:
            return None
        if outgoing <= self.highest - CACHE:
            return None
        return extended

    def second(self) -> None:
        """To be called once a second, so that it is known what was sent a second ago."""
        self._marks = (self._marks[1], self.highest)

    def lacked_long(self, outgoing: int) -> bool:
        """Whether this packet of the present source was sent at least a second ago."""
        return self._base <= outgoing - self._shift and outgoing <= self._marks[0]

    def holds(self, outgoing: int) -> bool:
        """Whether the packet of this number is still here to be sent again."""
        if self.rtx_ssrc is None:
            slot = outgoing & _MASK
            return bool(self.copies) and self._ledger[slot] == outgoing
        extended = self.upstream_number(outgoing)
        return (
            extended is not None
            and self.source is not None
            and self.source.recall(extended) is not None
        )

    def may_resend(self, outgoing: int, now: float) -> bool:
        """Whether this packet was not resent a moment ago; notes that it is now."""
        slot = outgoing & _MASK
        least, usual, most = RESEND_INTERVAL
        pause = usual if self.round_trip is None else min(max(self.round_trip, least), most)
        if now - self._resent[slot] < pause:
            return False
        self._resent[slot] = now
        return True

    def again(self, outgoing: int, stamp: int) -> bytes | bytearray | None:
        """What to send for a number that was lost: in the clear, ready to be sealed.

        None unless it `holds` it. With RTX (RFC 4588) it goes under that stream's next
        number; without, it is the packet that left, stamp and all.
        """
        if self.rtx_ssrc is None:
            return self.copies[outgoing & _MASK] if self.holds(outgoing) else None
        extended = self.upstream_number(outgoing)
        if extended is None or self.source is None:
            return None
        packet = self.source.recall(extended)
        if packet is None:
            return None
        wrapped = rtp.wrap_rtx(packet, self.rtx_ssrc, self._rtx_sequence + 1, outgoing & 0xFFFF)
        if wrapped is None:
            return None
        self._rtx_sequence += 1
        timestamp = self.shift_timestamp(int.from_bytes(packet[4:8], "big"))
        wrapped[4:8] = timestamp.to_bytes(4, "big")
        # A stale stamp would look to the receiver like a delay of the link.
        rtp.rewrite_extensions(wrapped, len(wrapped), stamp)
        return wrapped
