"""STUN connectivity checks for an ICE-lite agent (RFC 8489, RFC 8445 section 7).

An ICE-lite agent only answers: it needs to read a Binding request and to write its success.
Everything else is noise, and noise costs no more than a look at its header.
"""

import hmac
import struct
from dataclasses import dataclass
from hashlib import sha1
from ipaddress import ip_address
from zlib import crc32

from signaling.media.limits import STUN_BYTES

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_WORDS = struct.Struct("!6H")
_COOKIE = 0x2112A442
_BINDING_REQUEST = 0x0001
_BINDING_SUCCESS = 0x0101
_FINGERPRINT_XOR = 0x5354554E

_USERNAME = 0x0006
_MESSAGE_INTEGRITY = 0x0008
_XOR_MAPPED_ADDRESS = 0x0020
_USE_CANDIDATE = 0x0025
_FINGERPRINT = 0x8028

_INTEGRITY_SIZE = 24
_FINGERPRINT_SIZE = 8


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A well-formed check with a right fingerprint; not yet authenticated."""

    transaction_id: bytes
    username: str
    nominated: bool
    signed: bytes
    mac: bytes

    @property
    def ufrag(self) -> str:
        """Our half of the username: the part that names the leg (RFC 8445 section 7.2.2)."""
        return self.username.split(":", 1)[0]

    def is_signed_with(self, password: bytes) -> bool:
        """Whether MESSAGE-INTEGRITY was made with this password, in constant time."""
        return hmac.compare_digest(self.mac, hmac.new(password, self.signed, sha1).digest())


def parse_request(data: bytes) -> BindingRequest | None:
    """Read a connectivity check, or None when it is anything else. Never raises.

    USERNAME, MESSAGE-INTEGRITY and FINGERPRINT must all be there: RFC 8445 section 7.2.2 wants
    them in every check, and what has none is not ICE.
    """
    size = len(data)
    if not _HEADER.size <= size <= STUN_BYTES or size % 4:
        return None
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind != _BINDING_REQUEST or cookie != _COOKIE or length != size - _HEADER.size:
        return None
    end = size - _FINGERPRINT_SIZE
    if end < _HEADER.size or _ATTRIBUTE.unpack_from(data, end) != (_FINGERPRINT, 4):
        return None
    if crc32(data[:end]) ^ _FINGERPRINT_XOR != int.from_bytes(data[end + 4 :], "big"):
        return None
    return _read_attributes(data, end, transaction_id)


def _read_attributes(data: bytes, end: int, transaction_id: bytes) -> BindingRequest | None:
    username: str | None = None
    nominated = False
    at = _HEADER.size
    while at + 4 <= end:
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        value = data[at + 4 : at + 4 + length]
        if at + 4 + length > end:
            return None
        if kind == _USERNAME:
            try:
                username = value.decode("utf-8")
            except UnicodeDecodeError:
                return None
        elif kind == _USE_CANDIDATE:
            nominated = True
        elif kind == _MESSAGE_INTEGRITY:
            # What follows is not authenticated: only FINGERPRINT may (RFC 8489 section 14.5).
            if length != 20 or at + _INTEGRITY_SIZE != end or username is None:
                return None
            covered = at + _INTEGRITY_SIZE - _HEADER.size
            signed = data[:2] + covered.to_bytes(2, "big") + data[4:at]
            return BindingRequest(transaction_id, username, nominated, signed, value)
        at += 4 + length + (-length % 4)
    return None


class Seen:
    """Which transaction ids came before: a Bloom filter, since ICE itself knows no replay.

    The ids are random, so their words are the hashes. After some hours of checks it may take a new
    id for an old one now and then; the peer's next check has another.
    """

    __slots__ = ("_bits",)

    def __init__(self) -> None:
        self._bits = bytearray(1 << 13)

    def is_new(self, transaction_id: bytes) -> bool:
        """Whether this id was not seen yet; it is now."""
        new = False
        for word in _WORDS.unpack(transaction_id):
            at, bit = word >> 3, 1 << (word & 7)
            new = new or not self._bits[at] & bit
            self._bits[at] |= bit
        return new


def success(request: BindingRequest, host: str, port: int, password: bytes) -> bytes:
    """The signed answer to a check that came from `host` and `port`."""
    address = ip_address(host.split("%", 1)[0])
    family = 1 if address.version == 4 else 2
    pad = (_COOKIE.to_bytes(4, "big") + request.transaction_id)[: len(address.packed)]
    masked = bytes(a ^ b for a, b in zip(address.packed, pad, strict=True))
    body = struct.pack("!BBH", 0, family, port ^ (_COOKIE >> 16)) + masked
    mapped = _ATTRIBUTE.pack(_XOR_MAPPED_ADDRESS, len(body)) + body
    return _seal(_BINDING_SUCCESS, request.transaction_id, mapped, password)


def request(
    transaction_id: bytes, username: str, password: bytes, *, nominate: bool = False
) -> bytes:
    """A connectivity check as a full agent sends it: for probes and tests."""
    name = username.encode()
    attributes = _ATTRIBUTE.pack(_USERNAME, len(name)) + name + bytes(-len(name) % 4)
    if nominate:
        attributes += _ATTRIBUTE.pack(_USE_CANDIDATE, 0)
    return _seal(_BINDING_REQUEST, transaction_id, attributes, password)


def _seal(kind: int, transaction_id: bytes, attributes: bytes, password: bytes) -> bytes:
    """Add MESSAGE-INTEGRITY and FINGERPRINT; each counts itself into the length it covers."""
    length = len(attributes) + _INTEGRITY_SIZE
    signed = _HEADER.pack(kind, length, _COOKIE, transaction_id) + attributes
    mac = hmac.new(password, signed, sha1).digest()
    head = _HEADER.pack(kind, length + _FINGERPRINT_SIZE, _COOKIE, transaction_id)
    covered = head + attributes + _ATTRIBUTE.pack(_MESSAGE_INTEGRITY, 20) + mac
    crc = crc32(covered) ^ _FINGERPRINT_XOR
    return covered + _ATTRIBUTE.pack(_FINGERPRINT, 4) + crc.to_bytes(4, "big")
