"""A stream from its sender (`Uplink`) and the stream that a receiver is given (`Downlink`).

The receiver's stream outlives its sources: when the sender rejoins with a new SSRC, the downlink
keeps its own SSRC and its numbers go on rising. Its ledger holds the security invariant: under
one SSRC a sequence number is never used for two different byte strings, which would reuse a GCM
nonce (RFC 7714 section 8.3).

Sequence numbers here are extended: they count on past 65535 (RFC 3550 appendix A.1).
"""

import secrets
from dataclasses import dataclass, field

from signaling.media import rtcp, rtp
from signaling.media.limits import CACHE, RESEND_INTERVAL

_MASK = CACHE - 1
_FRAME = 3_000  # at least a thirtieth of a second lies between two sources of video


def nearest(number: int, reference: int) -> int:
    """The extended number closest to `reference` whose low 16 bits are `number`."""
    ahead = (number - reference) & 0xFFFF
    return reference + (ahead if ahead < 0x8000 else ahead - 0x10000)


@dataclass(slots=True)
class Uplink:
    """One SSRC of a leg, as it arrives; counts what a receiver report needs."""

    ssrc: int
    payload_type: int
    clock_rate: int
    highest: int
    first: int = 0
    received: int = 0
    octets: int = 0
    jitter: float = 0.0
    heard: float = 0.0
    retired: bool = False
    downlink: "Downlink | None" = None
    keyframe_asked: float = -1e9
    keyframe_wanted: bool = False
    last_sr: int = 0
    last_sr_at: float = 0.0
    nacked: dict[int, float] = field(default_factory=dict)
    _transit: float | None = None
    _expected_before: int = 0
    _received_before: int = 0

    def __post_init__(self) -> None:
        self.first = self.highest

    def arrived(self, sequence: int, timestamp: int, size: int, now: float) -> int:
        """Count a packet; its extended sequence number."""
        # `nearest`, inlined: this runs for every packet.
        ahead = (sequence - self.highest) & 0xFFFF
        extended = self.highest + (ahead if ahead < 0x8000 else ahead - 0x10000)
        self.received += 1
        self.octets += size
        self.heard = now
        if extended > self.highest:
            self.highest = extended
            transit = now * self.clock_rate - timestamp
            if self._transit is not None:
                change = abs(transit - self._transit)
                # A wrapped or restarted timestamp is no jitter.
                if change < self.clock_rate:
                    self.jitter += (change - self.jitter) / 16
            self._transit = transit
        return extended

    def report(self, now: float) -> rtcp.ReceptionReport:
        """The reception report since the one before (RFC 3550 appendix A.3)."""
        expected = self.highest - self.first + 1
        expected_now = expected - self._expected_before
        lost_now = expected_now - (self.received - self._received_before)
        self._expected_before, self._received_before = expected, self.received
        fraction = min(255, (lost_now << 8) // expected_now) if expected_now and lost_now > 0 else 0
        return rtcp.ReceptionReport(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            packets_lost=expected - self.received,
            highest=self.highest,
            jitter=int(self.jitter),
            last_sr=self.last_sr,
            delay=int((now - self.last_sr_at) * 65536) if self.last_sr else 0,
        )


class Downlink:
    """One stream to a receiver: its numbering, its ledger, and its packets for resending."""

    __slots__ = (
        "_base", "_cache", "_last_timestamp", "_ledger", "_resent", "_rtx_sequence", "_shift",
        "_ts_shift", "clock_rate", "fraction_lost", "highest", "jitter", "octets", "packets",
        "payload_type", "round_trip", "rtx_ssrc", "sent_at", "source", "sr_middle", "sr_sent_at",
        "ssrc",
    )  # fmt: skip

    def __init__(self, ssrc: int, payload_type: int, rtx_ssrc: int | None = None) -> None:
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.payload_type = payload_type
        self.clock_rate = rtp.CLOCK_RATES[payload_type]
        self.source: Uplink | None = None
        # A random start below 2**15 lets the receiver guess the rollover count right.
        self.highest = secrets.randbelow(1 << 14)
        self._base = 0
        self._shift = 0
        self._ts_shift = 0
        self._last_timestamp: int | None = None
        self._ledger = [-1] * CACHE
        self._cache: list[bytes | None] = [None] * CACHE if rtx_ssrc is not None else []
        self._resent = [-1e9] * CACHE if rtx_ssrc is not None else []
        self._rtx_sequence = secrets.randbelow(1 << 14)
        self.sent_at = 0.0
        self.packets = 0
        self.octets = 0
        self.sr_middle = 0
        self.sr_sent_at = 0.0
        self.round_trip: float | None = None
        self.fraction_lost = 0
        self.jitter = 0

    def attach(self, source: Uplink, extended: int, timestamp: int, now: float) -> None:
        """Take packets from `source` from `extended` on, as the continuation of what was sent."""
        if self.source is not None and self.source is not source:
            self.source.downlink = None
        self.source = source
        source.downlink = self
        self._base = extended
        self._shift = self.highest + 1 - extended
        if self._last_timestamp is not None:
            passed = max(int((now - self.sent_at) * self.clock_rate), _FRAME)
            self._ts_shift = (self._last_timestamp + passed - timestamp) & 0xFFFFFFFF

    def number(self, extended: int) -> int | None:
        """The outgoing number of a packet, or None when it must not be sent.

        None for what was sent before, for what is too old to know, and for packets of the source
        from before it was attached: their numbers belong to the source before.
        """
        if extended < self._base:
            return None
        outgoing = extended + self._shift
        slot = outgoing & _MASK
        if outgoing > self.highest:
            self.highest = outgoing
        elif outgoing <= self.highest - CACHE or self._ledger[slot] == outgoing:
            return None
        self._ledger[slot] = outgoing
        return outgoing

    def shift_timestamp(self, timestamp: int) -> int:
        """A timestamp of the source on this stream's own timeline."""
        return (timestamp + self._ts_shift) & 0xFFFFFFFF

    def sent(self, outgoing: int, timestamp: int, packet: bytes | None, now: float) -> None:
        """Note what left; `packet` is the bytes in the clear, kept when resends are possible."""
        self.packets += 1
        self.sent_at = now
        if outgoing == self.highest:
            self._last_timestamp = timestamp
        if packet is not None:
            slot = outgoing & _MASK
            self._cache[slot] = packet
            self._resent[slot] = -1e9

    def lookup(self, sequence: int) -> tuple[int, bytes | None]:
        """The extended number that a receiver means, and its packet if it is still here."""
        outgoing = nearest(sequence, self.highest)
        slot = outgoing & _MASK
        if self._cache and self._ledger[slot] == outgoing:
            return outgoing, self._cache[slot]
        return outgoing, None

    def may_resend(self, outgoing: int, now: float) -> bool:
        """Whether this packet was not resent a moment ago; notes that it is now."""
        slot = outgoing & _MASK
        least, usual, most = RESEND_INTERVAL
        pause = usual if self.round_trip is None else min(max(self.round_trip, least), most)
        if now - self._resent[slot] < pause:
            return False
        self._resent[slot] = now
        return True

    def upstream_number(self, outgoing: int) -> int | None:
        """The source's extended number behind one of ours, if this source can know it."""
        extended = outgoing - self._shift
        if self.source is None or extended < self._base or outgoing > self.highest:
            return None
        if outgoing <= self.highest - CACHE:
            return None
        return extended

    def resend(self, packet: bytes) -> bytearray | None:
        """The packet under the RTX stream's next number (RFC 4588)."""
        if self.rtx_ssrc is None:
            return None
        self._rtx_sequence += 1
        return rtp.wrap_rtx(packet, self.rtx_ssrc, self._rtx_sequence & 0xFFFF)
