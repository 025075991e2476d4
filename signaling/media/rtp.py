"""RTP packets in the clear: where the payload starts, the header extensions, and RTX.

Nothing here trusts a length that it read: a packet may be authentic and still be nonsense.
"""

import struct

from signaling.media.limits import MAX_EXTENSION_WORDS

# The fixed numbers of the offer (see sdp.py). PT 96..127 keep clear of RTCP's 64..95 (RFC 5761).
OPUS = 111
VP8 = 96
RTX = 97
CLOCK_RATES = {OPUS: 48_000, VP8: 90_000}
AUDIO_LEVEL_ID = 1
ABS_SEND_TIME_ID = 3
TRANSPORT_CC_ID = 5

# Sequence, timestamp, SSRC: what the relay rewrites.
NUMBERS = struct.Struct("!HLL")
NUMBERS_AT = 2
HEADER = 12

# What `rewrite_extensions` says of a packet without a transport-wide number, and of nonsense.
UNNUMBERED = -1
MALFORMED = -2

_STAMP_HEAD = ABS_SEND_TIME_ID << 4 | 2
_LEVEL_HEAD = AUDIO_LEVEL_ID << 4
_NUMBER_HEAD = TRANSPORT_CC_ID << 4 | 1
_BLANK = bytes(17)
# What Chromium's packets begin with: the stamp, the number, then padding or the audio level.
_USUAL = struct.Struct("!LLBHBL")
_USUAL_VIDEO = 0xBEDE0002
_USUAL_AUDIO = 0xBEDE0003
_STAMP_NUMBER = struct.Struct("!LBH")


def nearest(number: int, reference: int) -> int:
    """The extended number closest to `reference` whose low 16 bits are `number`."""
    ahead = (number - reference) & 0xFFFF
    return reference + (ahead if ahead < 0x8000 else ahead - 0x10000)


def send_time(now: float) -> int:
    """`now` in seconds as abs-send-time: 24 bits of 6.18 fixed point, wrapping each 64 s."""
    return int(now * 262_144) & 0xFFFFFF


def rewrite_extensions(packet: memoryview | bytearray, size: int, time: int) -> int:
    """Let a packet carry what the relay says to a receiver, and no more; in place.

    Senders' clocks differ, and a resend carries an old stamp: only the relay's own abs-send-time
    lets a receiver estimate the relay's link. The transport-wide number counts the sender's link,
    which ends here: it is returned, else `UNNUMBERED`, and blanked (RFC 8285 section 4.2: zeros
    are padding), as is every element that was not offered. `MALFORMED` when the lengths lie, when
    there is more than a browser has use for, or when the form is not the one that was offered.
    """
    first = packet[0]
    if not first & 0x10:
        return UNNUMBERED
    at = HEADER + 4 * (first & 15)
    if at + _USUAL.size <= size:  # the same as below in one reading: this runs for every packet
        form, stamp, head, number, after, rest = _USUAL.unpack_from(packet, at)
        if (
            head == _NUMBER_HEAD
            and stamp >> 24 == _STAMP_HEAD
            and (
                (form == _USUAL_VIDEO and not after)
                or (form == _USUAL_AUDIO and after == _LEVEL_HEAD and not rest & 0xFFFFFF)
            )
        ):
            _STAMP_NUMBER.pack_into(packet, at + 4, _STAMP_HEAD << 24 | time, 0, 0)
            return int(number)
    return _rewrite_unusual(packet, at, size, time)


def _rewrite_unusual(packet: memoryview | bytearray, at: int, size: int, time: int) -> int:
    """`rewrite_extensions` for whatever order and number of elements, which begin at `at`."""
    if at + 4 > size or packet[at] != 0xBE or packet[at + 1] != 0xDE or packet[at + 2]:
        return MALFORMED
    words = packet[at + 3]
    at += 4
    end = at + 4 * words
    if words > MAX_EXTENSION_WORDS or end > size:
        return MALFORMED
    number = UNNUMBERED
    while at < end:
        head = packet[at]
        if not head:  # padding
            at += 1
            continue
        after = at + 2 + (head & 15)
        if after > end or not 16 <= head < 240:  # RFC 8285 section 4.2 on ids 0 and 15
            return MALFORMED
        if head == _STAMP_HEAD:
            packet[at + 1] = time >> 16
            packet[at + 2] = time >> 8 & 0xFF
            packet[at + 3] = time & 0xFF
        elif head == _NUMBER_HEAD:
            number = packet[at + 1] << 8 | packet[at + 2]
            packet[at] = packet[at + 1] = packet[at + 2] = 0
        elif head != _LEVEL_HEAD:
            packet[at:after] = _BLANK[: after - at]
        at = after
    return number


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


def starts_keyframe(packet: memoryview | bytes | bytearray, size: int) -> bool:
    """Whether an RTP packet is the first of a VP8 keyframe (RFC 7741 sections 4.2 and 4.3).

    Reads what stays clear when frames are encrypted in the browser: the payload's descriptor, and
    the frame's first bit.
    """
    at = HEADER + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if at + 4 > size:
            return False
        at += 4 + 4 * (packet[at + 2] << 8 | packet[at + 3])
    if at + 1 >= size or packet[at] & 0x17 != 0x10:  # the start of the first partition
        return False
    more = packet[at] & 0x80
    at += 1
    if more:
        present = packet[at]
        at += 1
        if present & 0x80:
            if at >= size:
                return False
            at += 2 if packet[at] & 0x80 else 1
        at += (present >> 6 & 1) + (1 if present & 0x30 else 0)
    return at < size and not packet[at] & 1


def wrap_rtx(
    packet: bytes, ssrc: int, sequence: int, original: int | None = None
) -> bytearray | None:
    """The packet as a retransmission (RFC 4588 section 4) under the RTX stream's numbers.

    `original` is the number that the receiver misses, where it is not the packet's own.
    """
    span = payload_span(packet)
    if span is None:
        return None
    start, end = span
    copy = bytearray(packet[:start])
    copy[0] &= ~0x20
    copy[1] = copy[1] & 0x80 | RTX
    copy[2:4] = (sequence & 0xFFFF).to_bytes(2, "big")
    copy[8:12] = ssrc.to_bytes(4, "big")
    copy += packet[2:4] if original is None else original.to_bytes(2, "big")
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
