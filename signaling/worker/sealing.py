"""How a server and a media node know each other over TCP, and that nobody speaks between. Pure.

Both hold one token, which is never sent. Each proves that it knows it by an HMAC over both sides'
challenges, the server first; their roles are part of it, so that no proof can be turned around.
Each line after that carries an HMAC under a key of that connection and direction, over a running
number. Lines can be read by who listens on the wire: they belong on an internal network.
"""

import hmac
import secrets
from hashlib import sha256

_MAC = 32  # hex digits: 128 bits
CHALLENGE = 64  # hex digits


class NotGenuine(Exception):
    """The other end does not know the token, or somebody speaks in between."""


def challenge() -> str:
    """256 bits that were never used before."""
    return secrets.token_hex(CHALLENGE // 2)


def proof(token: bytes, role: str, node: str, server: str) -> str:
    """What shows that `role` ("server" or "node") knows the token, given both challenges."""
    return hmac.new(token, f"vardrum-control/1 {role} {node} {server}".encode(), sha256).hexdigest()


def is_proof(given: object, token: bytes, role: str, node: str, server: str) -> bool:
    """Whether it is, in constant time."""
    expected = proof(token, role, node, server)
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


class Seal:
    """One direction of one connection: `close` at the one end, `open` at the other."""

    __slots__ = ("_count", "_key")

    def __init__(self, token: bytes, sender: str, node: str, server: str) -> None:
        self._key = bytes.fromhex(proof(token, f"key of {sender}", node, server))
        self._count = 0

    def close(self, line: bytes) -> bytes:
        """The next line as it is sent."""
        return self._mac(line) + b" " + line

    def open(self, sealed: bytes) -> bytes:
        """The next line as it was; raises `NotGenuine` for any other than that."""
        line = sealed[_MAC + 1 :]
        if sealed[_MAC : _MAC + 1] != b" " or not hmac.compare_digest(
            sealed[:_MAC], self._mac(line)
        ):
            raise NotGenuine("a line is not genuine")
        return line

    def _mac(self, line: bytes) -> bytes:
        number = self._count.to_bytes(8, "big")
        self._count += 1
        return hmac.new(self._key, number + line, sha256).hexdigest()[:_MAC].encode()
