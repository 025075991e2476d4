"""RTP packets in the clear: where the payload starts, the send-time stamp, and RTX.

Nothing here trusts a length that it read: a packet may be authentic and still be nonsense.
"""

import struct

# The fixed numbers of the offer (see sdp.py). PT 96..127 keep clear of RTCP's 64..95 (RFC 5761).
OPUS = 111
VP8 = 96
RTX = 97
CLOCK_RATES = {OPUS: 48_000, VP8: 90_000}
AUDIO_LEVEL_ID = 1
ABS_SEND_TIME_ID = 3

# Sequence, timestamp, SSRC: what the relay rewrites.
NUMBERS = struct.Struct("!HLL")
NUMBERS_AT = 2
HEADER = 12

_STAMP_HEAD = ABS_SEND_TIME_ID << 4 | 2


def send_time(now: float) -> int:
    """`now` in seconds as abs-send-time: 24 bits of 6.18 fixed point, wrapping each 64 s."""
    return int(now * 262_144) & 0xFFFFFF


def stamp(packet: memoryview | bytearray, size: int, time: int) -> bool:
    """Write abs-send-time into a packet that has room for it, in place.

    Senders' clocks differ, and a resend carries an old stamp: only the relay's own clock lets a
    receiver estimate the relay's link. Returns whether the packet had the extension.
    """
    first = packet[0]
    if not first & 0x10:
        return False
    at = HEADER + 4 * (first & 15)
    if at + 4 > size or packet[at] != 0xBE or packet[at + 1] != 0xDE:
        return False
    end = at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3])
    if end > size:
        return False
    at += 4
    while at < end:
        head = packet[at]
        if head == _STAMP_HEAD:
            if at + 4 > end:
                return False
            packet[at + 1] = time >> 16
            packet[at + 2] = time >> 8 & 0xFF
            packet[at + 3] = time & 0xFF
            return True
        if head >> 4 == 15:  # RFC 8285 section 4.2: stop reading here
            return False
        at += 2 + (head & 15) if head else 1
    return False


def payload_span(packet: bytes) -> tuple[int, int] | None:
    """Where the payload starts and ends, without padding; None when the lengths lie."""
    if len(packet) < HEADER:
        return None
    start = HEADER + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if start + 4 > len(packet):
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet)
    if packet[0] & 0x20:
        if not packet[-1]:
            return None
        end -= packet[-1]
    return (start, end) if start <= end else None


def wrap_rtx(packet: bytes, ssrc: int, sequence: int) -> bytearray | None:
    """The packet as a retransmission (RFC 4588 section 4) under the RTX stream's numbers."""
    span = payload_span(packet)
    if span is None:
        return None
    start, end = span
    copy = bytearray(packet[:start])
    copy[0] &= ~0x20
    copy[1] = copy[1] & 0x80 | RTX
    copy[2:4] = sequence.to_bytes(2, "big")
    copy[8:12] = ssrc.to_bytes(4, "big")
    copy += packet[2:4]
    copy += packet[start:end]
    return copy


def unwrap_rtx(packet: bytes, payload_type: int) -> tuple[int, bytearray] | None:
    """The original sequence number and packet of a retransmission.

    None for a padding probe, which holds no packet at all, and for nonsense. The SSRC and the
    sequence of the packet are still the RTX stream's: the caller renumbers it anyway.
    """
    span = payload_span(packet)
    if span is None:
        return None
    start, end = span
    if end - start < 3:
        return None
    copy = bytearray(packet[:start])
    copy[0] &= ~0x20
    copy[1] = copy[1] & 0x80 | payload_type
    copy += packet[start + 2 : end]
    return int.from_bytes(packet[start : start + 2], "big"), copy
