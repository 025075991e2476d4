"""The Socket.IO server below the events: what comes in, what is refused, how connections end.

python-socketio trusts its clients a little more than we do. This subclass takes over the way of an
incoming packet: binary events, reserved names and noise never reach a handler, and every event with
an ack id is answered.
"""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import socketio
from socketio import packet
from typing_extensions import override

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.link import MAX_PACKET, PING_EVERY, PING_TIMEOUT, Engine, Link, frame
from signaling.membership import Membership
from signaling.wire.hints import Drain

ANONYMOUS_FOR = 10.0
"""Seconds that a connection may stay without being logged in to a namespace; or twice that."""
_EVENT = re.compile(r"2(/[a-z]+),(\d{0,15})(?=\[)", re.ASCII)
"""How an event begins: its namespace, and the number of its acknowledgement if it wants one."""

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
            client_manager=Membership(),
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
                    *(self._shut(link, seconds / 3) for link in list(self.eio.sockets.values()))
                )
        except TimeoutError:
            log.warning("drain.unfinished", left=len(self.eio.sockets))

    def has_transport(self, sid: str, namespace: str) -> bool:
        """Whether the connection below a socket, let in or not, still stands."""
        link = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, namespace))
        return link is not None and not link.closed

    def tell(
        self, namespace: str, room: str, name: str, content: bytes, skip_sid: str | None = None
    ) -> None:
        """Send an event to everybody in a room, whose `content` is JSON. Never blocks.

        One frame for all of them: `emit` starts a task for each, and looks for bytes in all of it.
        """
        data = frame(b'42%b,["%b",%b]' % (namespace.encode(), name.encode(), content))
        links = self.eio.sockets
        for sid, eio_sid in self.manager.get_participants(namespace, room):
            if sid != skip_sid and (link := links.get(eio_sid)) is not None:
                link.write(data)

    @override
    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _say_goodbye(self, namespace: str) -> None:
        for _sid, eio_sid in list(self.manager.get_participants(namespace, None)):
            # Spread over two seconds, so that the next process does not meet all at once.
            hint = Drain(reconnect_in_ms=random.randrange(200, 2000))  # noqa: S311 - no secret
            data = [hint.type, hint.model_dump(mode="json")]
            await self._send_packet(
                eio_sid, self.packet_class(packet.EVENT, data=data, namespace=namespace)
            )

    async def _shut(self, link: Link, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await link.shut()
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
        # Of all that was translated, nobody asks for more.
        request = environ["aiohttp.request"]
        await super()._handle_eio_connect(eio_sid, {"aiohttp.request": request})
        asyncio.get_running_loop().call_later(ANONYMOUS_FOR, self._still_anonymous, eio_sid)
        return None

    @override
    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Let one packet in, or end the connection: a fault of protocol is not discussed."""
        try:
            if event := _EVENT.match(data):
                number = int(event[2]) if event[2] else None
                said = orjson.loads(data[event.end() :])
                return await self._handle_event(eio_sid, event[1], number, said)
            # Types 5 and 6 announce binary parts.
            if data[:1] in {"5", "6", ""}:
                return await self._fault(eio_sid, "binary")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError):
            await self._fault(eio_sid, "noise")
        except Exception as error:
            log.error("socket.packet_failed", error=error)
        return None

    async def _fault(self, eio_sid: str, kind: str) -> None:
        log.info("socket.protocol_fault", kind=kind)
        if link := self.eio.sockets.get(eio_sid):
            # Not from here: this is the task that reads the socket.
            _ = spawn(self._shut(link, 2), name="socket.shut")

    def _still_anonymous(self, eio_sid: str) -> None:
        link = self.eio.sockets.get(eio_sid)
        if link is None:
            return
        if any(self.manager.sid_from_eio_sid(eio_sid, each) for each in self.namespaces):
            # Who is in may leave every namespace, or be put out, and stay connected all the same.
            asyncio.get_running_loop().call_later(ANONYMOUS_FOR, self._still_anonymous, eio_sid)
        else:
            _ = spawn(self._shut(link, 2), name="socket.shut")

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
        if ack_id is not None and (link := self.eio.sockets.get(eio_sid)) is not None:
            said = orjson.dumps(answer)
            link.write(frame(b"43%b,%d[%b]" % (namespace.encode(), ack_id, said)))
