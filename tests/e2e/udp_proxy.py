"""One media address of the server, as one person's network reaches it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import cast

from typing_extensions import override

from .faults import Address, Faults


class UdpProxy(asyncio.DatagramProtocol):
    """Forwards datagrams; one upstream socket for each client address."""

    def __init__(self, upstream: Address, faults: Faults) -> None:
        self._upstream = upstream
        self._faults = faults
        # The same dice for every test.
        self._dice = random.Random(7)
        self._ways: dict[Address, asyncio.DatagramTransport] = {}
        self._opening: dict[Address, list[bytes]] = {}
        #: From where the server sees her, and which of her sockets are dead.
        self._host: str | None = None
        self._stranded: set[Address] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        if addr in self._stranded or self._loses(self._faults.loss_up, addr):
            return
        if way := self._ways.get(addr):
            way.sendto(data)
        elif addr in self._opening:
            self._opening[addr].append(data)
        else:
            self._opening[addr] = [data]
            task = asyncio.get_running_loop().create_task(self._open(addr))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _loses(self, part: float, client: Address) -> bool:
        faults = self._faults
        if client[1] in faults.beyond:
            return False
        if faults.udp_down or self._upstream[0] in faults.dead_hosts:
            return True
        return self._dice.random() < part

    async def _open(self, client: Address) -> None:
        def back(data: bytes) -> None:
            if self._transport is not None and not self._loses(self._faults.loss_down, client):
                self._transport.sendto(data, client)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Back(back),
            local_addr=(self._host, 0) if self._host else None,
            remote_addr=self._upstream,
        )
        self._ways[client] = transport
        for data in self._opening.pop(client):
            transport.sendto(data)

    def rebind(self, host: str, *, stranded: bool) -> None:
        """New sockets towards the server from now on, on this host; see `Link`."""
        self._host = host
        if stranded:
            self._stranded |= self._ways.keys() | self._opening.keys()
        for way in self._ways.values():
            way.close()
        self._ways.clear()

    def close(self) -> None:
        for way in self._ways.values():
            way.close()
        if self._transport is not None:
            self._transport.close()


class _Back(asyncio.DatagramProtocol):
    """What comes back from the server for one client."""

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self._deliver = deliver

    @override
    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._deliver(data)
