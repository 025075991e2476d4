"""The TURN credential, as the server that shares the secret computes it."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from server.kit.settings import Settings
from signaling.rooms.turn import VALID_FOR, TurnServer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URLS = ("turn:turn.example.se:3478?transport=udp", "turns:turn.example.se:443?transport=tcp")


def test_the_name_ends_and_says_nothing_and_the_password_is_its_mac() -> None:
    server = TurnServer(URLS, "secret")
    given = server.for_leg("leg", NOW)
    until, name = given.username.split(":")
    assert datetime.fromtimestamp(int(until), UTC) == NOW + VALID_FOR
    assert name == "leg"
    # coturn: base64(hmac-sha1(static-auth-secret, username)).
    mac = hmac.new(b"secret", given.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(given.credential) == mac
    assert tuple(given.urls) == URLS
    assert server.for_leg("other", NOW).credential != given.credential
    assert server.for_leg("leg", NOW + timedelta(seconds=1)).credential != given.credential
    assert TurnServer(URLS, "another").for_leg("leg", NOW).credential != given.credential


@pytest.mark.parametrize("url", [*URLS, "turn:192.0.2.1", "turns:[2001:db8::1]:5349"])
def test_addresses_that_are_taken(url: str) -> None:
    assert Settings(turn_urls=(url,), turn_secret="s").turn_urls == (url,)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["stun:a.example", "turn:", "https://turn.example.se", "turn:a.example?x=1", "turn:a b"]
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="is no TURN address"):
        Settings(turn_urls=(url,), turn_secret="s")  # type: ignore[arg-type]


def test_addresses_without_the_secret_are_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="VARDRUM_TURN_SECRET"):
        Settings(turn_urls=URLS)
