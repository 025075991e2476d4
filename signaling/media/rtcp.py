"""RTCP: the few messages that the relay acts on, read strictly and written small.

SDES, BYE, APP, XR and what else there is pass by unread: the relay announces its own streams,
and a sender's goodbye must not end a stream that a rejoining sender will continue.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from signaling.media.limits import MAX_NACKS

SENDER_REPORT = 200
RECEIVER_REPORT = 201
TRANSPORT_FEEDBACK = 205
PAYLOAD_FEEDBACK = 206

_PAIR = struct.Struct("!LL")
_SENDER = struct.Struct("!LQLLL")
_BLOCK = struct.Struct("!LLLLLL")
_NACK_ITEM = struct.Struct("!HH")
# The relay speaks as a pure receiver, as browsers do when they only receive.
RELAY_SSRC = 1


class MalformedRtcp(Exception):
    """The lengths in a compound packet contradict each other."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What the sender's clock said at `timestamp` (RFC 3550 section 6.4.1)."""

    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """How well one stream arrives; `last_sr` and `delay` in units of 1/65536 s."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest: int
    jitter: int
    last_sr: int
    delay: int


@dataclass(frozen=True, slots=True)
class Nack:
    """Sequence numbers that a receiver misses (RFC 4585 section 6.2.1)."""

    media_ssrc: int
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyframeRequest:
    """PLI or FIR: the receiver can't decode on."""

    media_ssrc: int


@dataclass(frozen=True, slots=True)
class Remb:
    """The receiver's estimate of its link, in bits a second (draft-alvestrand-rmcat-remb)."""

    bitrate: int
    ssrcs: tuple[int, ...]


Message = SenderReport | ReceptionReport | Nack | KeyframeRequest | Remb


def parse(data: bytes) -> list[Message]:
    """Read a compound packet in the clear; raises `MalformedRtcp`."""
    found: list[Message] = []
    at, size = 0, len(data)
    while at < size:
        if at + 4 > size or data[at] >> 6 != 2:
            raise MalformedRtcp("header")
        end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        if end > size:
            raise MalformedRtcp("length")
        body = data[at + 4 : end]
        if data[at] & 0x20:
            padding = body[-1] if body else 0
            if not 0 < padding <= len(body):
                raise MalformedRtcp("padding")
            body = body[:-padding]
        found += _read(data[at + 1], data[at] & 31, body)
        at = end
    return found


def _read(kind: int, count: int, body: bytes) -> Iterator[Message]:
    if kind == SENDER_REPORT:
        if len(body) < _SENDER.size + 24 * count:
            raise MalformedRtcp("sender report")
        ssrc, ntp, timestamp, _packets, _octets = _SENDER.unpack_from(body)
        yield SenderReport(ssrc, ntp, timestamp)
        yield from _blocks(body, _SENDER.size, count)
    elif kind == RECEIVER_REPORT:
        if len(body) < 4 + 24 * count:
            raise MalformedRtcp("receiver report")
        yield from _blocks(body, 4, count)
    elif kind in (TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK):
        if len(body) < 8:
            raise MalformedRtcp("feedback")
        media_ssrc = int.from_bytes(body[4:8], "big")
        yield from _feedback(kind, count, media_ssrc, body[8:])


def _feedback(kind: int, form: int, media_ssrc: int, detail: bytes) -> Iterator[Message]:
    if kind == TRANSPORT_FEEDBACK:
        if form == 1:
            yield Nack(media_ssrc, tuple(_lost(detail)))
    elif form == 1:
        yield KeyframeRequest(media_ssrc)
    elif form == 4:  # FIR names its streams in its entries (RFC 5104 section 4.3.1)
        for at in range(0, len(detail) - 7, 8):
            yield KeyframeRequest(int.from_bytes(detail[at : at + 4], "big"))
    elif form == 15 and detail[:4] == b"REMB" and len(detail) >= 8:
        count = detail[4]
        if len(detail) < 8 + 4 * count:
            raise MalformedRtcp("remb")
        mantissa = int.from_bytes(detail[5:8], "big") & 0x3FFFF
        ssrcs = struct.unpack_from(f"!{count}L", detail, 8)
        yield Remb(mantissa << (detail[5] >> 2), ssrcs)


def _blocks(body: bytes, at: int, count: int) -> Iterator[ReceptionReport]:
    for index in range(count):
        ssrc, loss, highest, jitter, last_sr, delay = _BLOCK.unpack_from(body, at + 24 * index)
        lost = loss & 0xFFFFFF
        if lost & 0x800000:
            lost -= 1 << 24
        yield ReceptionReport(ssrc, loss >> 24, lost, highest, jitter, last_sr, delay)


def _lost(detail: bytes) -> Iterator[int]:
    given = 0
    for at in range(0, len(detail) - 3, 4):
        first, mask = _NACK_ITEM.unpack_from(detail, at)
        for bit in range(-1, 16):
            if bit < 0 or mask >> bit & 1:
                if given >= MAX_NACKS:
                    return
                given += 1
                yield first + bit + 1 & 0xFFFF


def _pack(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """A sender report under the relay's own SSRC and counts; counts wrap at 32 bits."""
    body = _SENDER.pack(ssrc, ntp, timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _pack(SENDER_REPORT, 0, body)


def receiver_report(reports: Iterable[ReceptionReport]) -> bytes:
    """A receiver report with at most 31 blocks."""
    blocks = [
        _BLOCK.pack(
            r.ssrc,
            (r.fraction_lost & 0xFF) << 24
            | (max(-0x800000, min(r.packets_lost, 0x7FFFFF)) & 0xFFFFFF),
            r.highest & 0xFFFFFFFF,
            r.jitter & 0xFFFFFFFF,
            r.last_sr & 0xFFFFFFFF,
            r.delay & 0xFFFFFFFF,
        )
        for r in reports
    ][:31]
    return _pack(RECEIVER_REPORT, len(blocks), RELAY_SSRC.to_bytes(4, "big") + b"".join(blocks))


def nack(media_ssrc: int, lost: Iterable[int]) -> bytes:
    """Ask for packets again; numbers in any order."""
    items: list[tuple[int, int]] = []
    for number in sorted(set(lost)):
        if items and 0 < number - items[-1][0] <= 16:
            first, mask = items[-1]
            items[-1] = (first, mask | 1 << number - first - 1)
        else:
            items.append((number, 0))
    detail = b"".join(_NACK_ITEM.pack(first, mask) for first, mask in items)
    return _pack(TRANSPORT_FEEDBACK, 1, _PAIR.pack(RELAY_SSRC, media_ssrc) + detail)


def pli(media_ssrc: int) -> bytes:
    """Ask for a keyframe (RFC 4585 section 6.3.1)."""
    return _pack(PAYLOAD_FEEDBACK, 1, _PAIR.pack(RELAY_SSRC, media_ssrc))


def transport_feedback(media_ssrc: int, detail: bytes) -> bytes:
    """A transport-wide feedback message; `arrivals.py` writes its detail, a multiple of 32 bits."""
    return _pack(TRANSPORT_FEEDBACK, 15, _PAIR.pack(RELAY_SSRC, media_ssrc) + detail)


def remb(bitrate: int, ssrcs: Iterable[int]) -> bytes:
    """An estimate in bits a second for these streams."""
    streams = tuple(ssrcs)[:255]
    exponent = max(0, bitrate.bit_length() - 18)
    if exponent > 63:
        exponent, bitrate = 63, 0x3FFFF << 63
    mantissa = bitrate >> exponent
    detail = b"REMB" + bytes([len(streams)]) + (exponent << 18 | mantissa).to_bytes(3, "big")
    detail += b"".join(ssrc.to_bytes(4, "big") for ssrc in streams)
    return _pack(PAYLOAD_FEEDBACK, 15, _PAIR.pack(RELAY_SSRC, 0) + detail)
