"""One connection below Socket.IO: the request's own task reads, and what leaves is written at once.

engine.io runs a task, a queue and now and then another task beside that one for each connection,
and a task with a timer for each packet. Here a connection has one timer, and a packet that leaves
is a WebSocket frame handed to the transport, the same bytes for everybody (ADR 31).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import engineio
import orjson
from aiohttp import WSCloseCode, WSMsgType, web
from engineio import packet
from typing_extensions import override

from server.kit.log import get_logger
from server.kit.turns import Turns
from signaling.pace import TokenBucket

MAX_PACKET = 64 * 1024
"""Bytes that one incoming packet may have."""
MAX_UNSENT = 1024 * 1024
"""Bytes that may wait for a client who does not read; who has more is cut off and comes back."""
PING_EVERY = 8
PING_TIMEOUT = 6
OPEN, CLOSE, PING, PONG, MESSAGE = "01234"
_LEFT_ALONE = "0256"
"""Packet types that mean nothing from a client that began with a WebSocket."""

#: Sockets that are seen to in one turn of the loop, of those that end at once.
ENDINGS = 16

log = get_logger(__name__)


def frame(text: bytes) -> bytes:
    """The text as one unmasked WebSocket frame (RFC 6455 §5.2)."""
    size = len(text)
    if size < 126:
        return b"\x81%c%b" % (size, text)
    if size < 1 << 16:
        return b"\x81\x7e%b%b" % (size.to_bytes(2, "big"), text)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), text)


_PING = frame(PING.encode())


class Link:
    """A WebSocket, as engine.io knows its sockets."""

    #: It never was anything else: no request may say that it goes on with it.
    connected = upgraded = True

    __slots__ = (
        "_ended", "_handle", "_pace", "_ponged", "_timer", "_transport", "_ws", "closed", "closing",
        "session", "sid",
    )  # fmt: skip

    def __init__(self, sid: str, handle: Callable[[str, str], Awaitable[None]]) -> None:
        """`handle` takes the socket's id and each message."""
        self.sid = sid
        self.closed = False
        self.closing = False
        self.session: dict[str, Any] = {}
        self._handle = handle
        self._ponged = True
        self._ended = engineio.AsyncServer.reason.TRANSPORT_CLOSE
        # Without permessage-deflate, which costs 100 KB for each client.
        self._ws = web.WebSocketResponse(max_msg_size=MAX_PACKET, compress=False)
        self._pace = TokenBucket(rate=100, burst=300)
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def serve(self, request: web.Request, hello: bytes) -> web.WebSocketResponse:
        """Read until the connection ends, however it does."""
        await self._ws.prepare(request)
        self._transport = request.transport
        self.write(frame(hello))
        self._timer = asyncio.get_running_loop().call_later(PING_EVERY, self._ping)
        try:
            while not self.closed:
                message = await self._ws.receive()
                if message.type is not WSMsgType.TEXT or not await self._take(message.data):
                    break
        finally:
            self._timer.cancel()
            self.closed = True
        return self._ws

    async def hang_up(self) -> None:
        """Say goodbye as WebSockets do, when the reading has ended."""
        if self._ws.prepared:
            await self._ws.close()

    @property
    def ended(self) -> str:
        """Why, in engine.io's words."""
        return str(self._ended)

    def write(self, data: bytes) -> None:
        """Send a frame. Never blocks; what a dead connection is given is lost."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(data)
        if transport.get_write_buffer_size() > MAX_UNSENT:
            log.info("socket.does_not_read")
            self._abort()

    async def send(self, pkt: packet.Packet) -> None:
        """Send a packet of engine.io's."""
        self.write(frame(pkt.encode().encode()))

    async def close(
        self, wait: bool = True, abort: bool = False, reason: str | None = None
    ) -> None:
        """Be gone: at once, or with what was written before and engine.io's own goodbye."""
        if reason is not None:
            self._ended = reason
        self.closing = True
        if self._transport is None:
            self.closed = True
        elif abort:
            self._abort()
        else:
            self.write(frame(CLOSE.encode()))
            self.closed = True
            self._transport.close()

    async def shut(self) -> None:
        """Close the WebSocket itself. engine.io's close packet alone is ignored by browsers."""
        if self._ws.prepared and not self._ws.closed:
            await self._ws.close(code=WSCloseCode.SERVICE_RESTART)

    async def _take(self, said: str) -> bool:
        """One packet; False for what ends the connection."""
        if not self._pace.take():
            log.info("socket.protocol_fault", kind="flood")
            return False
        kind = said[:1]
        if kind == MESSAGE:
            await self._handle(self.sid, said[1:])
        elif kind == PONG:
            self._ponged = True
        # After a close packet engine.io would read on for as long as the client talks.
        return kind in {MESSAGE, PONG} or (kind != "" and kind in _LEFT_ALONE)

    def _ping(self) -> None:
        self._ponged = False
        self.write(_PING)
        self._again(PING_TIMEOUT, self._missed)

    def _missed(self) -> None:
        if self._ponged:
            self._again(PING_EVERY - PING_TIMEOUT, self._ping)
        else:
            self._ended = engineio.AsyncServer.reason.PING_TIMEOUT
            self._abort()

    def _again(self, seconds: float, what: Callable[[], None]) -> None:
        if not self.closed:
            self._timer = asyncio.get_running_loop().call_later(seconds, what)

    def _abort(self) -> None:
        self.closed = True
        if self._transport is not None:
            # The reader wakes from it, and ends.
            self._transport.abort()


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """engine.io's server, whose connections are links."""

    sockets: dict[str, Link]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turns = Turns(ENDINGS)

    @override
    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        """One connection, from its first to its last packet."""
        link = Link(self.generate_id(), self.handlers["message"])
        self.sockets[link.sid] = link
        begun = False
        try:
            if await self.handlers["connect"](link.sid, environ) is False:
                return self._unauthorized()
            begun = True
            return await link.serve(environ["aiohttp.request"], self._hello(link.sid))
        finally:
            link.closed = True
            self.sockets.pop(link.sid, None)
            if begun:
                # Where a network breaks, thousands end at once.
                try:
                    await self._turns.mine()
                finally:
                    await self.handlers["disconnect"](link.sid, link.ended)
                    await link.hang_up()

    def _hello(self, sid: str) -> bytes:
        return OPEN.encode() + orjson.dumps(
            {
                "sid": sid,
                "upgrades": [],
                "pingTimeout": PING_TIMEOUT * 1000,
                "pingInterval": PING_EVERY * 1000,
                "maxPayload": MAX_PACKET,
            }
        )
