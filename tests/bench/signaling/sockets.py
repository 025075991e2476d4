"""Sockets that cost little: WebSocket frames by hand, with socket.io's packets in them.

Like a browser it offers permessage-deflate, and unpacks what a server then deflates; what it sends
itself it leaves as it is, which the extension allows.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import zlib
from collections.abc import Callable
from typing import Any, cast

import orjson
from typing_extensions import override

NAMESPACE = "/patient"
_EVENT = f"42{NAMESPACE},"
_ACK = f"43{NAMESPACE},"
_TAIL = b"\x00\x00\xff\xff"
_TEXT, _CLOSE, _PING = 1, 8, 9


class Socket(asyncio.Protocol):
    """One client, let in to the namespace."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._got = bytearray()
        self._upgraded = False
        self._inflate: Any = None
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        self._entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        #: Events that came, and who waits for so many.
        self.heard = 0
        self._until: tuple[int, asyncio.Future[None]] | None = None
        #: Called with each event's content.
        self.on_event: Callable[[Any], None] | None = None

    @property
    def deflates(self) -> bool:
        """Whether the server took up the offer to deflate."""
        return self._inflate is not None

    async def open(self) -> None:
        """Return once the server has let us in."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        await self._entered

    async def ask(self, event: str, said: Any) -> Any:
        """The acknowledgement's first argument."""
        self._next += 1
        asked = self._asked[self._next] = asyncio.get_running_loop().create_future()
        self._send(f"{_EVENT}{self._next}{orjson.dumps([event, said]).decode()}")
        return await asked

    async def hear(self, count: int) -> None:
        """Return once so many events have come since the beginning."""
        if self.heard < count:
            until = asyncio.get_running_loop().create_future()
            self._until = (count, until)
            await until

    def close(self) -> None:
        """Be gone."""
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0",
            "Accept-Encoding: gzip, deflate, br, zstd",
            "Accept-Language: sv-SE,sv;q=0.9,en;q=0.8",
        )
        self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n")

    @override
    def connection_lost(self, error: Exception | None) -> None:
        lost = ConnectionError(f"the server hung up: {error}")
        until = () if self._until is None else (self._until[1],)
        for each in (*self._asked.values(), self._entered, *until):
            if not each.done():
                each.set_exception(lost)
                with contextlib.suppress(ConnectionError):
                    each.exception()

    @override
    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._upgraded:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._got[:end]).lower()
            if b" 101 " not in head:
                self.close()
                return
            if b"permessage-deflate" in head:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            del self._got[: end + 4]
            self._upgraded = True
        while self._frame():
            pass

    def _frame(self) -> bool:
        got = self._got
        if len(got) < 2:
            return False
        length, begin = got[1] & 0x7F, 2
        if length >= 126:
            begin = 4 if length == 126 else 10
            if len(got) < begin:
                return False
            length = int.from_bytes(got[2:begin], "big")
        if len(got) < begin + length:
            return False
        kind, deflated = got[0] & 0x0F, got[0] & 0x40
        content = bytes(got[begin : begin + length])
        del got[: begin + length]
        if deflated:
            content = self._inflate.decompress(content + _TAIL)
        if kind == _TEXT:
            self._packet(content.decode())
        elif kind == _CLOSE:
            self.close()
        elif kind == _PING:
            self._write(0x8A, content)
        return True

    def _packet(self, text: str) -> None:
        if text.startswith(_ACK):
            number, bracket, rest = text[len(_ACK) :].partition("[")
            self._asked.pop(int(number)).set_result(orjson.loads(bracket + rest)[0])
        elif text.startswith(_EVENT):
            self.heard += 1
            if self.on_event is not None:
                self.on_event(orjson.loads(text[len(_EVENT) :])[1])
            if self._until is not None and self.heard >= self._until[0]:
                self._until[1].set_result(None)
                self._until = None
        elif text == "2":
            self._send("3")
        elif text.startswith("0"):
            self._send(f"40{NAMESPACE},")
        elif text.startswith(f"40{NAMESPACE}"):
            self._entered.set_result(None)

    def _send(self, text: str) -> None:
        self._write(0x81, text.encode())

    def _write(self, first: int, content: bytes) -> None:
        size = len(content)
        head = bytes((first, 0x80 | size)) if size < 126 else (
            bytes((first, 0xFE)) + size.to_bytes(2, "big")
        )  # fmt: skip
        # Masked as every client must, with the one key that changes nothing.
        if self._transport is not None:
            self._transport.write(head + bytes(4) + content)
