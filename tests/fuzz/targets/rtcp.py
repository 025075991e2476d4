"""RTCP compounds in the clear."""

import struct
from collections.abc import Sequence
from random import Random

from typing_extensions import override

from signaling.media import limits, rtcp
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, noise


def compound(rng: Random, ssrcs: Sequence[int]) -> bytes:
    """One to four true messages about these streams."""
    return b"".join(_message(rng, ssrcs) for _ in range(rng.randrange(1, 5)))


def _message(rng: Random, ssrcs: Sequence[int]) -> bytes:
    ssrc = rng.choice(ssrcs)
    match rng.randrange(7):
        case 0:
            return rtcp.sender_report(ssrc, rng.getrandbits(64), rng.getrandbits(32), 1 << 33, 9)
        case 1:
            numbers = [rng.getrandbits(32) for _ in range(5)]
            block = rtcp.ReceptionReport(ssrc, rng.randrange(256), -5, *numbers[:4])
            return rtcp.receiver_report([block] * rng.choice((0, 1, 31)))
        case 2:
            first = rng.getrandbits(16)
            return rtcp.nack(ssrc, (first + n & 0xFFFF for n in range(rng.choice((1, 17, 900)))))
        case 3:
            return rtcp.pli(ssrc)
        case 4:
            return rtcp.remb(rng.choice((0, 1, 300_000, 1 << 81, (1 << 90) - 1)), ssrcs)
        case 5:  # FIR
            body = struct.pack("!LLLL", 1, 0, ssrc, 7 << 24) * rng.choice((1, 2))
            return b"\x84\xce" + struct.pack("!H", len(body) // 4) + body
        case _:  # what passes by unread: SDES, BYE, APP, XR
            body = rng.randbytes(4 * rng.randrange(20))
            kind = rng.choice((202, 203, 204, 207, 192))
            return (
                bytes([0x80 | rng.randrange(32), kind]) + struct.pack("!H", len(body) // 4) + body
            )


def lying(rng: Random, ssrcs: Sequence[int]) -> bytes:
    """A header that counts more than there is, over random numbers."""
    count, kind = rng.randrange(64), rng.choice((200, 201, 205, 206))
    body = rng.randbytes(4) + rng.choice(ssrcs).to_bytes(4, "big")
    body += rng.choice((b"", b"REMB")) + rng.randbytes(4 * rng.randrange(30))
    told = len(body) // 4 if rng.random() < 0.8 else rng.randrange(1 << 16)
    return bytes([0x80 | count, kind]) + told.to_bytes(2, "big") + body


class Rtcp(Target):
    """`parse` gives messages or raises `MalformedRtcp`; what we write it reads."""

    name = "rtcp"
    reaches = frozenset(
        {"SenderReport", "ReceptionReport", "Nack", "KeyframeRequest", "Remb", "malformed", "none"}
    )

    @override
    def prepare(self) -> None:
        assert rtcp.parse(rtcp.nack(5, [1, 2, 65535])) == [rtcp.Nack(5, (1, 2, 65535))]
        assert rtcp.parse(rtcp.remb(1_000_000, [3])) == [rtcp.Remb(1_000_000, (3,))]
        assert rtcp.parse(rtcp.pli(4)) == [rtcp.KeyframeRequest(4)]
        rng = Random(1)
        self.samples = [compound(rng, (3, 5, 0xFFFFFFFF)) for _ in range(50)]
        for sample in self.samples:
            rtcp.parse(sample)

    @override
    def make(self, rng: Random) -> bytes:
        match rng.randrange(6):
            case 0:
                return noise(rng)
            case 1 | 2:
                return broken(rng, rng.choice(self.samples), self.samples)
            case 3 | 4:
                return lying(rng, (3, 5))
            case _:
                return compound(rng, (3, 5))

    @override
    async def take(self, data: bytes) -> str:
        try:
            found = rtcp.parse(data)
        except rtcp.MalformedRtcp:
            return "malformed"
        for message in found:
            if isinstance(message, rtcp.Nack):
                assert len(message.lost) <= limits.MAX_NACKS
            elif isinstance(message, rtcp.Remb):
                assert rtcp.parse(rtcp.remb(message.bitrate, message.ssrcs))
            elif isinstance(message, rtcp.ReceptionReport):
                assert rtcp.parse(rtcp.receiver_report([message])) == [message]
        return type(found[0]).__name__ if found else "none"
