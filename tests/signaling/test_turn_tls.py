"""A TURN server over TLS, as the product hands it out: reached, let in, and relaying to UDP."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import TurnTransport, create_turn_endpoint
from pydantic import SecretStr
from typing_extensions import override

from server.kit.clock import Clock
from server.kit.settings import Settings
from signaling.rooms.turn import VALID_FOR, TurnServer
from tests.e2e import turn

Address = tuple[str, int]


class _Inbox(asyncio.DatagramProtocol):
    """What came, and from where."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.came.put_nowait((data, addr))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[turn.Turn]:
    """It speaks TLS and nothing else."""
    with turn.running(tmp_path, tls=True) as running:
        yield running


def _sockets() -> set[str]:
    """By name and not only by number: one of an earlier test may end meanwhile."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(each.readlink()))
    return {each for each in found if each.startswith("socket:")}


async def _allocate(
    server: turn.Turn, trusted: ssl.SSLContext, now: datetime
) -> tuple[TurnTransport, _Inbox]:
    """A relayed address, with what a browser is told for its leg."""
    settings = Settings(turn_urls=(server.url,), turn_secret=SecretStr(server.secret))
    told = TurnServer(settings.turn_urls, settings.turn_secret.get_secret_value()).for_leg(
        "a-leg", now
    )
    (url,) = told.urls
    scheme, host, port = url.removesuffix("?transport=tcp").split(":")
    assert scheme == "turns"
    return await create_turn_endpoint(
        _Inbox, (host, int(port)), told.username, told.credential, ssl=trusted, transport="tcp"
    )


async def test_media_goes_by_tls_to_a_turn_server_and_on_by_udp(server: turn.Turn) -> None:
    trusted = ssl.create_default_context(cafile=server.certificate)
    relayed, here = await _allocate(server, trusted, Clock().now())
    loop = asyncio.get_running_loop()
    relay, there = await loop.create_datagram_endpoint(_Inbox, ("127.0.0.1", 0))
    address = relay.get_extra_info("sockname")
    async with asyncio.timeout(30):
        relayed.sendto(b"a packet", address)
        data, source = await there.came.get()
        assert data == b"a packet"
        assert source[1] in server.relays_from
        assert source == relayed.get_extra_info("sockname")
        relay.sendto(b"and back", source)
        assert await here.came.get() == (b"and back", address)
    relay.close()
    relayed.close()


async def test_who_comes_too_late_or_trusts_nobody_gets_no_relay(server: turn.Turn) -> None:
    trusted, now = ssl.create_default_context(cafile=server.certificate), Clock().now()
    before = await asyncio.to_thread(_sockets)
    with pytest.raises(TransactionFailed) as refused:
        await _allocate(server, trusted, now - VALID_FOR - timedelta(minutes=1))
    assert refused.value.response.attributes["ERROR-CODE"][0] == 401
    with pytest.raises(ssl.SSLCertVerificationError):
        await _allocate(server, ssl.create_default_context(), now)
    # A goodbye by TLS takes a turn or two, and the loop must not end before it is said.
    async with asyncio.timeout(30):
        while await asyncio.to_thread(_sockets) - before:
            await asyncio.sleep(0.02)
