"""The Socket.IO server below the events: what comes in, what is refused, how connections end.

python-socketio trusts its clients a little more than we do. This subclass takes over the way of an
incoming packet: binary events, reserved names and noise never reach a handler, and every event with
an ack id is answered.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import orjson
import socketio
from aiohttp import WSCloseCode, web
from engineio.async_drivers.aiohttp import WebSocket
from socketio import packet
from typing_extensions import override

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.pace import TokenBucket
from signaling.wire.hints import Drain

MAX_PACKET = 64 * 1024
"""Bytes that one incoming packet may have."""
PING_EVERY = 8
PING_TIMEOUT = 6
ANONYMOUS_FOR = 10.0
"""Seconds that a connection may stay without being logged in to a namespace; or twice that."""
PACKET_TYPES = frozenset("0123456")
CLOSE = "1"

log = get_logger(__name__)
Dispatch = Callable[[str, str, str, tuple[Any, ...]], Awaitable[dict[str, Any]]]
"""Namespace, socket id, event name, arguments → what the ack carries."""


class Json:
    """The part of the `json` module that python-socketio uses, on orjson."""

    JSONDecodeError = orjson.JSONDecodeError

    @staticmethod
    def dumps(value: Any, **_: Any) -> str:
        """Compact JSON."""
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: Any) -> Any:
        """The value of a JSON text; lone surrogates and nesting without end are refused."""
        return orjson.loads(text)


class PlainWebSocket(WebSocket):  # type: ignore[misc]
    """aiohttp's WebSocket without permessage-deflate, which costs 100 KB for each client."""

    live: ClassVar[dict[str, "PlainWebSocket"]]

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        """Serve one connection until it ends."""
        self._sock = web.WebSocketResponse(max_msg_size=MAX_PACKET, compress=False)
        self.environ = environ
        await self._sock.prepare(environ["aiohttp.request"])
        self._pace = TokenBucket(rate=100, burst=300)
        eio_sid = self.handler.__self__.sid
        self.live[eio_sid] = self
        try:
            await self.handler(self)
        finally:
            self.live.pop(eio_sid, None)
        return self._sock

    async def wait(self) -> str:
        """The next packet. Raises `OSError`, which ends the connection, for what is none.

        engine.io reads the type outside of any guard: noise would end the handler in mid-air, and
        the disconnect would be told to nobody. Binary packets are none of ours, and the parts of
        one would be kept without limit.
        """
        data = await super().wait()
        if not self._pace.take():
            log.info("socket.protocol_fault", kind="flood")
            raise OSError("too many packets")
        if not isinstance(data, str) or data[:1] not in PACKET_TYPES or not data:
            raise OSError("not a packet")
        if data[:1] == CLOSE:
            # engine.io forgets the connection, but would go on reading it for as long as it talks.
            raise OSError("closed by the client")
        return data

    async def shut(self) -> None:
        """Close the WebSocket itself. engine.io's close packet alone is ignored by browsers."""
        if not self._sock.closed:
            await self._sock.close(code=WSCloseCode.SERVICE_RESTART)


def _quiet(name: str) -> logging.Logger:
    logger = logging.getLogger(name)
    logger.setLevel(logging.ERROR)
    return logger


def same_origin(origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether the page comes from the host that it speaks to (the scheme is the proxy's affair)."""
    host = environ.get("HTTP_HOST")
    return origin is None or (
        host is not None and origin.partition("://")[2].lower() == str(host).lower()
    )


class HintServer(socketio.AsyncServer):  # type: ignore[misc]
    """WebSocket only, small packets, noise ends the connection, every request is answered."""

    def __init__(self, namespaces: list[str], dispatch: Dispatch) -> None:
        super().__init__(
            async_mode="aiohttp",
            transports=["websocket"],
            namespaces=namespaces,
            json=Json,
            cors_allowed_origins=same_origin,
            max_http_buffer_size=MAX_PACKET,
            ping_interval=PING_EVERY,
            ping_timeout=PING_TIMEOUT,
            allow_upgrades=False,
            http_compression=False,
            # Loggers of their own would write whole packets, and past the mask.
            logger=_quiet("socketio"),
            engineio_logger=_quiet("engineio"),
        )
        self._dispatch = dispatch
        self.draining = False
        self._sockets: dict[str, PlainWebSocket] = {}
        driver = type("Driver", (PlainWebSocket,), {"live": self._sockets})
        # engineio offers no other way to say which class speaks the websocket.
        self.eio._async = {**self.eio._async, "websocket": driver}  # noqa: SLF001

    async def drain(self, seconds: float = 0.7) -> None:
        """Refuse newcomers, say when to come back, then close. Takes no longer than `seconds`.

        Ends by closing the transport: `sio.disconnect` would tell clients not to reconnect.
        """
        self.draining = True
        try:
            async with asyncio.timeout(seconds):
                for namespace in self.namespaces:
                    await self._say_goodbye(namespace)
                await asyncio.sleep(seconds / 4)
                await asyncio.gather(
                    *(self._shut(socket, seconds / 3) for socket in list(self._sockets.values()))
                )
        except TimeoutError:
            log.warning("drain.unfinished", left=len(self._sockets))

    def has_transport(self, sid: str, namespace: str) -> bool:
        """Whether the connection below a socket, let in or not, still stands."""
        return self.manager.eio_sid_from_sid(sid, namespace) in self.environ

    async def _say_goodbye(self, namespace: str) -> None:
        for _sid, eio_sid in list(self.manager.get_participants(namespace, None)):
            # Spread over two seconds, so that the next process does not meet all at once.
            hint = Drain(reconnect_in_ms=random.randrange(200, 2000))  # noqa: S311 - no secret
            data = [hint.type, hint.model_dump(mode="json")]
            await self._send_packet(
                eio_sid, self.packet_class(packet.EVENT, data=data, namespace=namespace)
            )

    async def _shut(self, socket: PlainWebSocket, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await socket.shut()
        except (TimeoutError, OSError, RuntimeError):
            # A client that does not answer the closing handshake: the listener's end takes it.
            pass

    @override
    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> bool | None:
        if self.draining:
            # As if nobody listened here any more, which is true for everybody else: a proxy that
            # kept a connection asks another server, a browser tries again. An answer would be told.
            transport = environ["aiohttp.request"].transport
            if transport is not None:
                transport.close()
            return False
        await super()._handle_eio_connect(eio_sid, environ)
        asyncio.get_running_loop().call_later(ANONYMOUS_FOR, self._still_anonymous, eio_sid)
        return None

    @override
    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Let one packet in, or end the connection: a fault of protocol is not discussed."""
        # Types 5 and 6 announce binary parts.
        if not isinstance(data, str) or data[:1] in {"5", "6", ""}:
            return await self._fault(eio_sid, "binary")
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError):
            await self._fault(eio_sid, "noise")
        return None

    async def _fault(self, eio_sid: str, kind: str) -> None:
        log.info("socket.protocol_fault", kind=kind)
        if socket := self._sockets.get(eio_sid):
            # Not from here: this is the task that reads the socket.
            _ = spawn(self._shut(socket, 2), name="socket.shut")

    def _still_anonymous(self, eio_sid: str) -> None:
        socket = self._sockets.get(eio_sid)
        if socket is None:
            return
        if any(self.manager.sid_from_eio_sid(eio_sid, each) for each in self.namespaces):
            # Who is in may leave every namespace, or be put out, and stay connected all the same.
            asyncio.get_running_loop().call_later(ANONYMOUS_FOR, self._still_anonymous, eio_sid)
        else:
            _ = spawn(self._shut(socket, 2), name="socket.shut")

    @override
    async def _handle_event(
        self, eio_sid: str, namespace: str | None, id: int | None, data: Any
    ) -> None:
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise ValueError("an event is a list that begins with its name")
        if sid is None or not self.manager.is_connected(sid, namespace):
            return
        _ = spawn(self._answer(eio_sid, namespace or "/", sid, id, data), name="socket.answer")

    async def _answer(
        self, eio_sid: str, namespace: str, sid: str, ack_id: int | None, data: list[Any]
    ) -> None:
        answer = await self._dispatch(namespace, sid, data[0], tuple(data[1:]))
        if ack_id is not None:
            ack = self.packet_class(packet.ACK, namespace=namespace, id=ack_id, data=[answer])
            await self._send_packet(eio_sid, ack)
