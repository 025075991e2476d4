"""What an HTTP request carries: bodies against the declared types, and the headers that we read."""

import json
import re
from random import Random
from typing import Any

import orjson
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from typing_extensions import override

from server.app.build import all_routes
from server.kit import dispatch, edge
from server.kit.actor import Audience
from server.kit.errors import DomainError, Invalid, Malformed
from server.kit.settings import Settings
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, broken_json, broken_text, dump, encode, noise
from tests.fuzz.shapes import NOBODYS, Shape

_POOLS: dict[str, list[object]] = {
    "profession": ["doctor"],
    "limit": [10],
    "username": ["anna"],
    "password": ["x y z åäö"],
    "new": ["x y z åäö"],
    "day": ["2026-12-24"],
    "opens": [480],
    "closes": [1020],
    "token": ["x" * 43],
}


class Bodies(Target):
    """A body is what its route declares, or is refused with a problem that can be written down."""

    name = "bodies"
    reaches = frozenset({"taken", "request.malformed", "request.invalid"})

    @override
    def prepare(self) -> None:
        self.routes = [route for route in all_routes() if route.body is not None]
        self.shapes = [
            Shape(route.body.model_json_schema(), _POOLS)
            for route in self.routes
            if route.body is not None
        ]
        rng = Random(1)
        self.samples: list[bytes] = []
        for route, shape in zip(self.routes, self.shapes, strict=True):
            valid = json.dumps(shape.make(rng)).encode()
            dispatch._body(route, valid)
            self.samples.append(valid)

    @override
    def make(self, rng: Random) -> bytes:
        which = rng.randrange(len(self.routes))
        valid = self.shapes[which].make(rng)
        match rng.randrange(8):
            case 0:
                body = noise(rng)
            case 1:
                body = broken(rng, self.samples[which], self.samples)
            case 2:
                body = json.dumps(valid).encode()
            case _:
                body = encode(dump(rng, broken_json(rng, valid)))
        return bytes([which]) + body[: edge.BODY_LIMIT]

    @override
    async def take(self, data: bytes) -> str:
        route = self.routes[data[0]]
        try:
            found = dispatch._body(route, data[1:])
        except (Malformed, Invalid) as refused:
            orjson.dumps(refused.problem())
            return refused.code
        assert route.body is not None
        assert isinstance(found, route.body)
        # What was taken can be told again: no half characters, no numbers that are none.
        found.model_dump_json().encode()
        return "taken"


_TRUSTED = Settings(trusted_proxies=("127.0.0.0/8", "10.0.0.0/8", "fd00::/8"))
_HEADERS: dict[str, tuple[str, ...]] = {
    "X-Forwarded-For": (
        "192.0.2.7", "198.51.100.1, 10.0.0.3", "2001:db8:1:2:3::4, 127.0.0.1", "::ffff:192.0.2.1",
        "[2001:db8::1]:443", "192.0.2.1:99", "fe80::1%eth0", ", ,", "unknown",
    ),
    "X-Forwarded-Proto": ("https", "http"),
    "Origin": ("http://localhost", "https://localhost:8080", "null", "http://[::1", "//x"),
    "Host": ("localhost", "localhost:8080", "[::1]:1"),
    "Cookie": ("vardrum-patient=" + "a" * 43, "__Host-vardrum-staff=" + "b" * 43 + "; x=y", 'a="'),
    "Idempotency-Key": (NOBODYS, "x" * 64),
    "X-Vardrum": ("1",),
}  # fmt: skip
_KEY = re.compile(r"[0-9a-f.:]{2,45}|unknown")


class Headers(Target):
    """The edge reads every header without harm; a client's key is an address or `unknown`."""

    name = "headers"
    reaches = frozenset({"granted", "request.forgery", "request.idempotency_key"})

    @override
    def prepare(self) -> None:
        for sent, key in (
            ("198.51.100.1, 10.0.0.3", "198.51.100.1"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ):
            assert edge.client_key(_request({"X-Forwarded-For": sent}), _TRUSTED) == key

    @override
    def make(self, rng: Random) -> bytes:
        found: dict[str, str] = {}
        for name, values in _HEADERS.items():
            value = rng.choice(values)
            match rng.randrange(5):
                case 0:
                    continue
                case 1:
                    value = broken_text(rng, value)
                case 2:
                    value = broken(rng, value.encode(), [each.encode() for each in values]).decode(
                        "latin-1"
                    )
                case _:
                    pass
            # No server gives these on: they end the header.
            found[name] = re.sub(r"[\r\n\0]", " ", value)
        return json.dumps(found).encode()

    @override
    async def take(self, data: bytes) -> str:
        request = _request(json.loads(data))
        key = edge.client_key(request, _TRUSTED)
        assert _KEY.fullmatch(key), key
        for audience in Audience:
            token = edge.session_token(request, audience, _TRUSTED)
            assert token is None or token.isascii()
        try:
            edge.check_forgery(request)
            edge.idempotency_key(request)
        except DomainError as refused:
            orjson.dumps(refused.problem())
            return refused.code
        return "granted"


class _Requests:
    """Requests from a trusted proxy. What mocks the first is slow: the others are clones."""

    def __init__(self) -> None:
        self._left = 0

    def __call__(self, headers: dict[str, str]) -> Any:
        if not self._left:  # a mock remembers every call
            self._made, self._left = make_mocked_request("POST", "/api/v1/x"), 500
        self._left -= 1
        return self._made.clone(headers=CIMultiDict(headers), remote="127.0.0.1")


_request = _Requests()
