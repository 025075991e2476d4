"""A stream as it comes from its sender: counted, and kept for whoever misses a packet.

Sequence numbers here are extended: they count on past 65535 (RFC 3550 appendix A.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signaling.media import rtcp, rtp
from signaling.media.limits import CACHE, OUTAGE, OUTAGE_LOST

if TYPE_CHECKING:
    from signaling.media.downlink import Downlink
    from signaling.media.leg import Leg

_MASK = CACHE - 1


class Uplink:
    """One SSRC of a leg, as it arrives: what a receiver report needs, and what may be sent again.

    `streams` are sent every packet; `waiting` begin with the first one that they can begin with.
    """

    __slots__ = (
        "_expected_before", "_kept", "_received_before", "_transit", "clock_rate", "first",
        "fraction_lost", "heard", "highest", "jitter", "keyframe_asked", "keyframe_wanted",
        "last_sr", "last_sr_at", "nacked", "octets", "owner", "payload_type", "received", "retired",
        "section", "ssrc", "streams", "waiting", "whole_from",
    )  # fmt: skip

    def __init__(
        self, owner: Leg, section: int, ssrc: int, payload_type: int, highest: int
    ) -> None:
        self.owner = owner
        self.section = section
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.clock_rate = rtp.CLOCK_RATES[payload_type]
        self.first = self.highest = highest
        #: Numbers before it were lost in an outage: nobody gets them any more.
        self.whole_from = 0
        self.received = 0
        self.octets = 0
        self.jitter = 0.0
        self.fraction_lost = 0
        self.heard = 0.0
        self.retired = False
        self.streams: list[Downlink] = []
        self.waiting: list[Downlink] = []
        self.keyframe_asked = -1e9
        self.keyframe_wanted = False
        self.last_sr = 0
        self.last_sr_at = 0.0
        self.nacked: dict[int, float] = {}
        self._kept: list[bytes | None] = [None] * CACHE if payload_type == rtp.VP8 else []
        self._transit: float | None = None
        self._expected_before = 0
        self._received_before = 0

    def arrived(self, sequence: int, timestamp: int, size: int, now: float) -> int:
        """Count a packet; its extended sequence number."""
        # `nearest`, inlined: this runs for every packet.
        ahead = (sequence - self.highest) & 0xFFFF
        extended = self.highest + (ahead if ahead < 0x8000 else ahead - 0x10000)
        self.received += 1
        self.octets += size
        before = self.heard
        self.heard = now
        if extended > self.highest:
            if ahead > OUTAGE_LOST and now - before >= OUTAGE:
                # Its link was gone, which its reports are not to call a link that loses.
                self.first += ahead - 1
                self.whole_from = extended
            self.highest = extended
            transit = now * self.clock_rate - timestamp
            if self._transit is not None:
                change = abs(transit - self._transit)
                # A wrapped or restarted timestamp is no jitter.
                if change < self.clock_rate:
                    self.jitter += (change - self.jitter) / 16
            self._transit = transit
        return extended

    def keep(self, extended: int, packet: bytes) -> None:
        """Keep a packet of video, in the clear and as it came, for whoever misses it."""
        self._kept[extended & _MASK] = packet

    def recall(self, extended: int) -> bytes | None:
        """The packet of this number, if it is still here."""
        if not self._kept or not self.highest - CACHE < extended <= self.highest:
            return None
        packet = self._kept[extended & _MASK]
        if packet is None or packet[2:4] != (extended & 0xFFFF).to_bytes(2, "big"):
            return None
        return packet

    def release(self) -> None:
        """Be sent to nobody any more, until somebody is wired anew."""
        for stream in (*self.streams, *self.waiting):
            stream.detach()

    def retire(self) -> None:
        """Another SSRC has taken this one's place for good."""
        self.retired = True
        self.release()
        self._kept = []

    def report(self, now: float) -> rtcp.ReceptionReport:
        """The reception report since the one before (RFC 3550 appendix A.3)."""
        expected = self.highest - self.first + 1
        expected_now = expected - self._expected_before
        lost_now = expected_now - (self.received - self._received_before)
        self._expected_before, self._received_before = expected, self.received
        fraction = min(255, (lost_now << 8) // expected_now) if expected_now and lost_now > 0 else 0
        self.fraction_lost = fraction
        return rtcp.ReceptionReport(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            packets_lost=expected - self.received,
            highest=self.highest,
            jitter=int(self.jitter),
            last_sr=self.last_sr,
            delay=int((now - self.last_sr_at) * 65536) if self.last_sr else 0,
        )
