"""STUN connectivity checks."""

import hmac
import struct
from hashlib import sha1
from random import Random
from zlib import crc32

from typing_extensions import override

from signaling.media import stun
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, noise

PASSWORD = b"a password of thirty-two letters"
_KINDS = (0x0006, 0x0008, 0x0020, 0x0024, 0x0025, 0x8022, 0x8028, 0x8029, 0x802A, 0xC057, 0, 0xFFFF)
_HEAD = struct.Struct("!HHI12s")


def sealed(rng: Random, attributes: bytes, password: bytes, *, kind: int = 1) -> bytes:
    """A message with these attributes and, mostly, a true fingerprint over whatever it is."""
    length = len(attributes)
    signed = _HEAD.pack(kind, (length + 24) & 0xFFFF, 0x2112A442, rng.randbytes(12)) + attributes
    mac = hmac.new(password, signed, sha1).digest()
    attributes += b"\0\x08\0\x14" + mac
    if rng.random() < 0.1:
        attributes += rng.randbytes(rng.choice((1, 3, 4, 8)))
    told = len(attributes) + 8 if rng.random() < 0.95 else rng.randrange(1 << 16)
    covered = signed[:2] + (told & 0xFFFF).to_bytes(2, "big") + signed[4:20] + attributes
    crc = crc32(covered) ^ 0x5354554E ^ (rng.random() < 0.05)
    return covered + b"\x80\x28\0\4" + crc.to_bytes(4, "big")


def attributes(rng: Random, username: str) -> bytes:
    """What a browser sends, and what nobody would."""
    found = b""
    if rng.random() < 0.9:
        name = username.encode() if rng.random() < 0.8 else rng.randbytes(rng.randrange(20))
        found += struct.pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4)
    for _ in range(rng.randrange(4)):
        value = rng.randbytes(rng.choice((0, 1, 4, 8, 20, 200)))
        told = len(value) if rng.random() < 0.9 else rng.choice((0, 1, 65535, len(value) + 4))
        found += struct.pack("!HH", rng.choice(_KINDS), told) + value + bytes(-len(value) % 4)
    return found


class Stun(Target):
    """`parse_request` reads a check or says None; what it read can be checked and answered."""

    name = "stun"
    reaches = frozenset({"read", "signed", "refused"})

    @override
    def prepare(self) -> None:
        number = bytes(range(12))
        self.samples = [
            stun.request(number, "abcdefghijkl:robo", PASSWORD),
            stun.request(number, "u:v", PASSWORD, nominate=True),
            stun.request(number, "å:ö", PASSWORD, nominate=True),
        ]
        for sample in self.samples:
            read = stun.parse_request(sample)
            assert read is not None
            assert read.is_signed_with(PASSWORD)
            self.samples.append(stun.success(read, "2001:db8::1", 1, PASSWORD))
            if len(self.samples) == 6:
                break

    @override
    def make(self, rng: Random) -> bytes:
        match rng.randrange(5):
            case 0:
                return noise(rng)
            case 1 | 2:
                return broken(rng, rng.choice(self.samples), self.samples)
            case 3:
                kind = rng.choice((1, 1, 1, 0x0011, 0x0101, 0x0111))
                password = rng.choice((PASSWORD, b"another"))
                return sealed(rng, attributes(rng, "abcd:efgh"), password, kind=kind)
            case _:
                inner = broken(rng, attributes(rng, "abcd:efgh"), self.samples, most=2)
                return sealed(rng, inner, PASSWORD)

    @override
    async def take(self, data: bytes) -> str:
        read = stun.parse_request(data)
        if read is None:
            return "refused"
        assert len(read.transaction_id) == 12
        assert ":" not in read.ufrag
        answer = stun.success(read, "192.0.2.1", 50000, PASSWORD)
        assert answer[8:20] == read.transaction_id
        assert stun.parse_request(answer) is None
        return "signed" if read.is_signed_with(PASSWORD) else "read"
