"""A network that can be broken on purpose: a TCP and a UDP proxy between browser and server.

No root and no kernel module is needed. A cut link swallows everything and refuses nothing, as a
lost mobile connection does: neither side is told, and what was sent before stays lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from .faults import Address, Faults, SocketFault
from .udp_proxy import UdpProxy

T = TypeVar("T")


class Network:
    """A thread with an event loop of its own, in which the proxies of a test session live."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the network's loop and wait for its answer."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def link(self, web: Address, *media: Address, tcp: Sequence[Address] = ()) -> Link:
        """A new way to the server, and to each of its media addresses: a person's own network."""
        return self.run(_open_link(self, web, media, tcp))

    def stop(self) -> None:
        """End the loop; links must have been closed before."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@dataclass
class Link:
    """One person's network: the ports to use instead of the server's, and its faults."""

    network: Network
    faults: Faults
    web_host: str
    web_port: int
    #: Each media address of the server, and the port on the same host to use instead.
    media_ports: dict[Address, int]
    _servers: list[asyncio.Server]
    _udp: list[UdpProxy]
    _pipes: set[asyncio.Task[None]]
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _sockets: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        """Lose the network altogether."""
        self.faults.tcp_down = self.faults.udp_down = True

    def cut_media(self) -> None:
        """Lose UDP only, as behind a strict firewall."""
        self.faults.udp_down = True

    def cut_web(self) -> None:
        """Lose TCP only: neither HTTP nor the socket comes through, sound and picture do."""
        self.faults.tcp_down = True

    def lose(self, *, up: float = 0.0, down: float = 0.0) -> None:
        """Lose this part of the datagrams from now on, any of them, as radio does."""
        self.faults.loss_up, self.faults.loss_down = up, down

    def block_socket(self, how: SocketFault) -> None:
        """From now on a proxy lets HTTP through and no WebSocket; those that are open end."""
        self.faults.socket = how
        self.network.run(self._drop_sockets())

    def restore(self) -> None:
        """Give the network back. Old connections are gone, as after a change of address."""
        self.network.run(self._drop_connections())
        self.faults.tcp_down = self.faults.udp_down = False
        self.faults.socket = "none"

    def rebind(self, host: str) -> None:
        """The router gives her another address: media comes to the server from `host` and from
        other ports, and what it sends to those before is lost. Her device notices nothing."""
        self.network.run(self._rebind(host))

    def change_network(self, host: str) -> None:
        """From Wi-Fi to mobile: as `rebind`, and every socket that her device has open is dead.

        It must find out by itself and open new ones: none of the old ones ever carries again.
        """
        self.network.run(self._rebind(host, stranded=True))

    async def _rebind(self, host: str, *, stranded: bool = False) -> None:
        for proxy in self._udp:
            proxy.rebind(host, stranded=stranded)
        if stranded:
            self._abort_connections()

    async def _drop_connections(self) -> None:
        if self.faults.tcp_down:
            self._abort_connections()

    def _abort_connections(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _drop_sockets(self) -> None:
        for writer in list(self._sockets):
            writer.transport.abort()

    def close(self) -> None:
        """End the proxies and every connection through them."""

        async def end() -> None:
            for server in self._servers:
                server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            for pipe in list(self._pipes):
                pipe.cancel()
            await asyncio.gather(*self._pipes, return_exceptions=True)
            for proxy in self._udp:
                proxy.close()

        self.network.run(end())


_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def _is_upgrade(head: bytes) -> bool:
    """Whether a request asks for a WebSocket (RFC 6455 section 4.1)."""
    return any(
        name.strip().lower() == b"upgrade" and value.strip().lower() == b"websocket"
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))
    )


async def _open_link(
    network: Network, web: Address, media: Sequence[Address], tcp: Sequence[Address]
) -> Link:
    faults = Faults()
    pipes: set[asyncio.Task[None]] = set()
    writers: set[asyncio.StreamWriter] = set()
    sockets: set[asyncio.StreamWriter] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                while faults.tcp_down:
                    await asyncio.sleep(0.05)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def pass_on(
        to: Address, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        up_reader, up_writer = await asyncio.open_connection(*to)
        up_writer.write(head)
        writers.add(up_writer)
        try:
            await asyncio.gather(pump(reader, up_writer), pump(up_reader, writer))
        finally:
            writers.discard(up_writer)
            up_writer.close()

    async def accept(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: Address = web
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        pipes.add(task)
        writers.add(writer)
        try:
            if to != web:
                await pass_on(to, b"", reader, writer)
                return
            head = await reader.readuntil(b"\r\n\r\n")
            while faults.tcp_down:
                await asyncio.sleep(0.05)
            if _is_upgrade(head):
                # A browser opens a connection of its own for each WebSocket.
                sockets.add(writer)
                if faults.socket == "refused":
                    writer.write(_FORBIDDEN)
                    await writer.drain()
                    return
                while faults.socket == "swallowed" and not reader.at_eof():
                    await asyncio.sleep(0.05)
                if reader.at_eof():
                    return
            await pass_on(web, head, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            pipes.discard(task)
            writers.discard(writer)
            sockets.discard(writer)
            writer.close()

    servers = [await asyncio.start_server(accept, web[0], 0)]
    loop = asyncio.get_running_loop()
    media_ports: dict[Address, int] = {}
    proxies: list[UdpProxy] = []
    for each in media:
        proxy = UdpProxy(each, faults)
        transport, _ = await loop.create_datagram_endpoint(
            lambda proxy=proxy: proxy,  # type: ignore[misc]
            local_addr=(each[0], 0),
        )
        media_ports[each] = transport.get_extra_info("sockname")[1]
        proxies.append(proxy)
    for each in tcp:
        servers.append(await asyncio.start_server(partial(accept, to=each), each[0], 0))
        media_ports[each] = servers[-1].sockets[0].getsockname()[1]
    return Link(
        network=network,
        faults=faults,
        web_host=web[0],
        web_port=servers[0].sockets[0].getsockname()[1],
        media_ports=media_ports,
        _servers=servers,
        _udp=proxies,
        _pipes=pipes,
        _writers=writers,
        _sockets=sockets,
    )
