"""A robot's socket: comes back by itself and compares versions, as `wire/socket.ts`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import aiohttp
import socketio

from server.kit.tasks import cancel, spawn
from tests.robots.ledger import Ledger
from tests.robots.web import Web

_BACK_OFF = (0.5, 1.0, 2.0, 5.0)
_CONNECT = 8.0
ACK = 8.0

Hint = Callable[[dict[str, Any]], None]


class Unreachable(Exception):
    """There is no socket, or no ack came in time."""


class Live:
    """The live connection of one person. Hints go to who listens, everything may be asked."""

    def __init__(self, web: Web, ledger: Ledger, chance: random.Random) -> None:
        self._web = web
        self._ledger = ledger
        self._chance = chance
        self._namespace = f"/{web.who.audience}"
        self._listeners: dict[str, list[Hint]] = {}
        self._socket: socketio.AsyncClient | None = None
        self._gone = asyncio.Event()
        self._pause: float | None = None
        self._session = ""
        self._keeping: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        #: Called with every connect and each heartbeat.
        self.on_beat: Callable[[], Any] | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a socket that seems to be alive."""
        return self._socket is not None and self._socket.connected

    def on(self, event: str, listener: Hint) -> Callable[[], None]:
        """Listen; call what comes back to stop."""
        listeners = self._listeners.setdefault(event, [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    def open(self) -> None:
        """Connect, and stay so until `close`."""
        if self._keeping is None:
            self._keeping = spawn(self._keep(), "robot.live")
            self._beating = spawn(self._beat(), "robot.beat")

    async def close(self) -> None:
        """The page is closed."""
        for task in (self._keeping, self._beating):
            if task is not None:
                await cancel(task)
        self._keeping = self._beating = None

    async def ask(self, event: str, said: dict[str, Any], within: float = ACK) -> dict[str, Any]:
        """The ack, whatever it says. Raises `Unreachable`."""
        socket = self._socket
        if socket is None or not socket.connected:
            raise Unreachable("there is no socket")
        try:
            ack = await socket.call(event, said, namespace=self._namespace, timeout=within)
        except (socketio.exceptions.SocketIOError, OSError, aiohttp.ClientError) as error:
            raise Unreachable(type(error).__name__) from None
        if not isinstance(ack, dict):
            raise Unreachable("the socket went before its ack")
        return ack

    async def _keep(self) -> None:
        tries = 0
        while True:
            if await self._connection():
                tries = 0
            wait = _BACK_OFF[min(tries, 3)] * self._chance.uniform(0.5, 1.5)
            if self._pause is not None:
                wait, self._pause = self._pause, None
            tries += 1
            await asyncio.sleep(wait)

    async def _connection(self) -> bool:
        """One connection, from its beginning to its end; False: there was none."""
        self._gone.clear()
        self._session = self._web.session
        # The client moves our header into the jar.
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            socket = socketio.AsyncClient(reconnection=False, http_session=http)
            socket.on("*", self._hint, namespace=self._namespace)
            socket.on("disconnect", self._lost, namespace=self._namespace)
            socket.on("connect_error", self._refused, namespace=self._namespace)
            try:
                async with asyncio.timeout(_CONNECT):
                    await socket.connect(
                        self._web.server(),
                        headers={"Cookie": self._web.cookie},
                        namespaces=[self._namespace],
                        transports=["websocket"],
                        wait_timeout=_CONNECT,
                    )
                self._socket = socket
                self._beat_now()
                await self._gone.wait()
            except (socketio.exceptions.SocketIOError, OSError, aiohttp.ClientError) as error:
                self._ledger.troubles[f"no socket ({type(error).__name__})"] += 1
                return False
            finally:
                self._socket = None
                await self._let_go(socket)
        self._ledger.troubles["sockets lost"] += 1
        return True

    @staticmethod
    async def _let_go(socket: socketio.AsyncClient) -> None:
        try:
            async with asyncio.timeout(2):
                await socket.disconnect()
        except (socketio.exceptions.SocketIOError, OSError, aiohttp.ClientError):
            pass
        for task in (socket.eio.read_loop_task, socket.eio.write_loop_task):
            if task is not None and not task.done():
                await cancel(task)

    async def _hint(self, event: str, hint: Any) -> None:
        if event == "drain":
            self._pause = hint["reconnect_in_ms"] / 1000
            self._gone.set()
        elif event == "session.ended":
            self._log_in()
        for listener in list(self._listeners.get(event, ())):
            listener(hint)

    async def _lost(self, *_reason: object) -> None:
        self._gone.set()

    async def _refused(self, told: Any) -> None:
        code = (told.get("data") or {}).get("code") if isinstance(told, dict) else None
        if code == "session.required":
            self._log_in()

    def _log_in(self) -> None:
        # A login ends the session before it, which that one's socket is told.
        _ = spawn(self._web.log_in(instead_of=self._session), "robot.log_in")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._web.habits.heartbeat)
            self._beat_now()

    def _beat_now(self) -> None:
        if self.on_beat is not None:
            self.on_beat()
