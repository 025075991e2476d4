"""What requests of one client have in common, also behind proxies."""

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.kit.edge import client_key
from server.kit.settings import Settings

DIRECT = Settings(trusted_proxies=())
PROXIED = Settings(trusted_proxies=("10.0.0.0/8", "fd00::/8"))


def _from(peer: str, *forwarded: str) -> Any:
    headers = CIMultiDict([("X-Forwarded-For", each) for each in forwarded])
    return make_mocked_request("POST", "/", headers).clone(remote=peer)


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "unknown"),
    ],
)
def test_an_address_is_its_client(peer: str, key: str) -> None:
    assert client_key(_from(peer), DIRECT) == key


@pytest.mark.parametrize("settings", [DIRECT, PROXIED])
def test_nobody_chooses_his_own_key(settings: Settings) -> None:
    assert client_key(_from("192.0.2.1", "203.0.113.5"), settings) == "192.0.2.1"


@pytest.mark.parametrize(
    ("forwarded", "key"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["203.0.113.5, 192.0.2.1"], "192.0.2.1"),
        (["203.0.113.5, 192.0.2.1, 10.0.0.7"], "192.0.2.1"),
        # haproxy adds a line of its own below the one that the client sent.
        (["203.0.113.5", "192.0.2.1"], "192.0.2.1"),
        (["203.0.113.5", "192.0.2.1, 10.0.0.7", "10.1.1.1"], "192.0.2.1"),
        (["192.0.2.1:49152"], "192.0.2.1"),
        (["[2001:db8:1:2::9]:49152"], "2001:db8:1:2::"),
        (["::ffff:192.0.2.1"], "192.0.2.1"),
        (["203.0.113.5, ::ffff:10.0.0.9"], "203.0.113.5"),
        (["203.0.113.5, not an address"], "unknown"),
        (["10.0.0.8"], "10.0.0.3"),
        ([], "10.0.0.3"),
        ([" , ,"], "10.0.0.3"),
    ],
)
def test_a_trusted_proxy_names_the_client(forwarded: list[str], key: str) -> None:
    for peer in ("10.0.0.3", "::ffff:10.0.0.3"):
        assert client_key(_from(peer, *forwarded), PROXIED) == key
