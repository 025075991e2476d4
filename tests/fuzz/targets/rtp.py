"""RTP in the clear: header, extensions, padding, RTX."""

import struct
from random import Random

from typing_extensions import override

from signaling.media import rtp
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, noise

_IDS = (rtp.ABS_SEND_TIME_ID, rtp.AUDIO_LEVEL_ID, rtp.TRANSPORT_CC_ID)
_FIXED = struct.Struct("!BBHLL")


def packet(rng: Random, ssrc: int, payload_type: int, sequence: int) -> bytes:
    """An RTP packet whose parts are all there, and whose lengths now and then lie."""
    first = 0x80
    sources = rng.choice((0, 0, 0, 1, 15))
    told_sources = sources if rng.random() < 0.9 else rng.randrange(16)
    body = rng.randbytes(4 * sources)
    if rng.random() < 0.6:
        first |= 0x10
        elements = extensions(rng)
        words = len(elements) // 4
        told = words if rng.random() < 0.85 else rng.choice((0, 1, words + 1, 0xFFFF))
        profile = rng.choice((0xBEDE, 0xBEDE, 0xBEDE, 0x1000, rng.randrange(1 << 16)))
        body += struct.pack("!HH", profile, told) + elements
    body += rng.randbytes(rng.choice((0, 1, 2, 3, 20, 100, 1100)))
    if rng.random() < 0.3:
        first |= 0x20
        padding = rng.choice((1, 2, 4, 200, 255))
        body += bytes(padding - 1) + bytes([padding if rng.random() < 0.7 else rng.randrange(256)])
    head = _FIXED.pack(
        first | told_sources,
        payload_type | rng.choice((0, 128)),
        sequence & 0xFFFF,
        rng.choice((sequence * 3000, rng.getrandbits(32))) & 0xFFFFFFFF,
        ssrc,
    )
    return head + body


def extensions(rng: Random) -> bytes:
    """One-byte header extension elements, padded to words."""
    if rng.random() < 0.3:  # as browsers do it, or nearly
        usual = bytes.fromhex(rng.choice(("3200000051000000", "320000005100001000000000")))
        return usual if rng.random() < 0.5 else broken(rng, usual, (), most=1)[:12].ljust(12, b"\0")
    found = b""
    for _ in range(rng.randrange(5)):
        size = rng.choice((1, 2, 3, 3, 16))
        number = rng.choice((*_IDS, *_IDS, 0, 14, 15))
        told = size if rng.random() < 0.9 else rng.randrange(1, 17)
        found += bytes([number << 4 | told - 1]) + rng.randbytes(size) + bytes(rng.randrange(3))
    return found + bytes(-len(found) % 4)


class Rtp(Target):
    """Nothing is read or written beyond the packet, and what RTX wraps it unwraps.

    Of the extensions, what leaves is the relay's own stamp, the audio level, and zeros.
    """

    name = "rtp"
    reaches = frozenset({"numbered", "plain", "refused", "no span", "short"})

    @override
    def prepare(self) -> None:
        stamp = bytes.fromhex("bede000132000000")
        whole = bytearray(_FIXED.pack(0x90, 96, 1, 1, 7) + stamp + b"frame")
        assert rtp.rewrite_extensions(whole, len(whole), 0x123456) == rtp.UNNUMBERED
        assert whole[12:20] == bytes.fromhex("bede000132123456")
        assert rtp.payload_span(bytes(whole)) == (20, 25)
        self.samples = [bytes(whole), _FIXED.pack(0x80, 111, 2, 2, 8) + b"opus"]

    @override
    def make(self, rng: Random) -> bytes:
        match rng.randrange(6):
            case 0:
                return noise(rng)
            case 1:
                return broken(rng, rng.choice(self.samples), self.samples)
            case 2:
                whole = packet(rng, 7, rng.choice((96, 97, 111)), rng.getrandbits(16))
                return broken(rng, whole, self.samples, most=2)
            case _:
                return packet(rng, 7, rng.choice((96, 97, 111)), rng.getrandbits(16))

    @override
    async def take(self, data: bytes) -> str:
        span = rtp.payload_span(data)
        rtp.unwrap_rtx(data, rtp.VP8)
        if len(data) < rtp.HEADER:
            assert span is None
            return "short"
        # As in the relay: the buffer goes on behind the packet.
        buffer = bytearray(data) + b"\xbe\xde\x00\x02\x32\x32\x32\x32"
        number = rtp.rewrite_extensions(buffer, len(data), 0xABCDEF)
        assert buffer[len(data) :] == b"\xbe\xde\x00\x02\x32\x32\x32\x32"
        if number != rtp.MALFORMED:
            _check_extensions(bytes(buffer), data)
        if span is None:
            assert rtp.wrap_rtx(data, 9, 5) is None
            return "no span"
        assert rtp.HEADER <= span[0] <= span[1] <= len(data)
        wrapped = rtp.wrap_rtx(data, 9, 0x1234)
        assert wrapped is not None
        assert rtp.NUMBERS.unpack_from(wrapped, 2)[::2] == (0x1234, 9)
        if span[1] > span[0]:
            found = rtp.unwrap_rtx(bytes(wrapped), data[1] & 127)
            assert found is not None
            assert found[0] == int.from_bytes(data[2:4], "big")
            assert found[1][span[0] :] == data[slice(*span)]
        if number == rtp.MALFORMED:
            return "refused"
        return "plain" if number == rtp.UNNUMBERED else "numbered"


def _check_extensions(after: bytes, before: bytes) -> None:
    """A second, slower reading of RFC 8285: only what the relay answers for is left."""
    at = rtp.HEADER + 4 * (before[0] & 15)
    if not before[0] & 0x10:
        assert after[: len(before)] == before
        return
    end = at + 4 + 4 * int.from_bytes(before[at + 2 : at + 4], "big")
    assert end <= len(before)
    assert after[: at + 4] == before[: at + 4]
    assert after[end : len(before)] == before[end:]
    at += 4
    while at < end:
        size = 2 + (before[at] & 15) if before[at] else 1
        element = after[at : at + size]
        if before[at] == rtp.ABS_SEND_TIME_ID << 4 | 2:
            assert element == bytes([before[at]]) + b"\xab\xcd\xef"
        elif before[at] == rtp.AUDIO_LEVEL_ID << 4:
            assert element == before[at : at + size]
        else:
            assert not any(element)
        at += size
