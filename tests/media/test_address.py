"""The addresses that are announced, and the sockets behind them."""

import socket
from ipaddress import ip_address

import pytest

from signaling.media.address import default_addresses
from signaling.media.sockets import dropped, open_ports


def test_the_default_can_be_bound_and_ends_with_loopback() -> None:
    addresses = default_addresses()
    assert addresses[-1] == "127.0.0.1"
    assert len(set(addresses)) == len(addresses)
    assert not any(ip_address(address).is_unspecified for address in addresses)
    ports = open_ports(addresses, 0)
    assert len({port.number for port in ports}) == 1
    assert [port.host for port in ports] == addresses
    for port in ports:
        port.sock.close()


def test_loopback_remains_on_a_machine_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert default_addresses() == ["127.0.0.1"]


@pytest.mark.parametrize("addresses", [[], ["0.0.0.0"], ["::"], ["127.0.0.1", "0.0.0.0"]])  # noqa: S104
def test_no_wildcard(addresses: list[str]) -> None:
    with pytest.raises(ValueError, match=r"address"):
        open_ports(addresses, 0)


def test_behind_nat_the_public_address_is_announced_and_the_own_one_bound() -> None:
    ports = open_ports(["203.0.113.7/127.0.0.1", "127.0.0.2"], 0)
    assert [port.host for port in ports] == ["203.0.113.7", "127.0.0.2"]
    assert [port.sock.getsockname()[0] for port in ports] == ["127.0.0.1", "127.0.0.2"]
    for port in ports:
        port.sock.close()
    for wild in ("0.0.0.0/127.0.0.1", "203.0.113.7/0.0.0.0"):
        with pytest.raises(ValueError, match="wildcard"):
            open_ports([wild], 0)


def test_a_taken_port_is_an_error() -> None:
    (port,) = open_ports(["127.0.0.1"], 0)
    with pytest.raises(OSError):
        open_ports(["127.0.0.1"], port.number)
    port.sock.close()


def test_the_kernels_drops_are_counted() -> None:
    (port,) = open_ports(["127.0.0.1"], 0)
    assert dropped(port) == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        port.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        for _ in range(100):
            sender.sendto(bytes(1000), (port.host, port.number))
    assert dropped(port) > 0
    port.sock.close()
