"""How the load speaks: kept HTTP connections and sockets, by hand, so that it costs little itself.

The clients share the machine with the server. aiohttp's client would take as long for a request as
the server takes to answer it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from tests.bench.day.plan import PATIENCE, Kind, ident, token

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_AGAIN = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
#: Instead of a status: nothing came within `PATIENCE`, or the connection broke.
NO_ANSWER = 0
AUDIENCES = {Kind.PATIENT: "patient", Kind.STAFF: "staff"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes = b""
    retry_after: int | None = None
    #: As the next request says it; only a login's answer has one.
    cookie: str | None = None

    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.body)


class Lines:
    """So many connections and never more; who finds none free waits for one."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._free: asyncio.LifoQueue[_Line | None] = asyncio.LifoQueue()
        for _ in range(count):
            self._free.put_nowait(None)

    async def ask(
        self, method: str, path: str, said: Any = None, source: str | None = None, **headers: str
    ) -> Answer:
        """One request and its answer. Never raises; see `NO_ANSWER`.

        With a `source`, an address of loopback, by a connection of its own from there.
        """
        line = await self._free.get()
        try:
            async with asyncio.timeout(PATIENCE):
                if line is not None and (source or line.gone):
                    line.close()
                    line = None
                if line is None:
                    place = None if source is None else (source, 0)
                    line = _Line(
                        *await asyncio.open_connection("127.0.0.1", self._port, local_addr=place)
                    )
                return await line.ask(_request(method, path, said, headers, self._port))
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            if line is not None:
                line.close()
            line = None
            return Answer(NO_ANSWER)
        finally:
            if line is not None and source is not None:
                line.close()
                line = None
            self._free.put_nowait(line)

    def close(self) -> None:
        """Hang up."""
        while not self._free.empty():
            if line := self._free.get_nowait():
                line.close()


class _Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def gone(self) -> bool:
        return self._reader.at_eof()

    async def ask(self, request: bytes) -> Answer:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length, again = _LENGTH.search(head), _AGAIN.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        crumb = _COOKIE.search(head)
        return Answer(
            int(head[9:12]), body, int(again[1]) if again else None, crumb and crumb[1].decode()
        )

    def close(self) -> None:
        self._writer.close()


def _request(method: str, path: str, said: Any, headers: dict[str, str], port: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    body = b"" if method == "GET" else orjson.dumps({} if said is None else said)
    if method != "GET":
        lines += ["X-Vardrum: 1", "Content-Type: application/json"]
        if "Idempotency_Key" not in headers:
            lines.append(f"Idempotency-Key: {uuid.uuid4()}")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def cookie(kind: Kind, number: int) -> str:
    """The cookie of somebody who is logged in."""
    return f"vardrum-{AUDIENCES[kind]}={token(kind, number)}"


class Socket:
    """A page's socket: events with their answers, and hints."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, namespace: str) -> None:
        self._ws = ws
        self._namespace = namespace
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._next = 0
        #: Called with the name and the content of each hint.
        self.on_hint: Callable[[str, Any], None] | None = None
        self._listening: asyncio.Task[None] | None = None

    async def ask(self, event: str, said: Any) -> Any:
        """The acknowledgement; None when there was none within `PATIENCE`."""
        self._next += 1
        number = self._next
        asked = self._asked[number] = asyncio.get_running_loop().create_future()
        text = orjson.dumps([event, said]).decode()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ws.send_str(f"42{self._namespace},{number}{text}")
                return await asked
        except (TimeoutError, OSError, aiohttp.ClientError):
            return None
        finally:
            self._asked.pop(number, None)

    def listen(self) -> None:
        """Begin to read."""
        self._listening = asyncio.create_task(self._listen())  # noqa: TID251

    async def _listen(self) -> None:
        begin = len(f"42{self._namespace},")
        async for message in self._ws:
            text = message.data
            if text == "2":
                with contextlib.suppress(OSError, aiohttp.ClientError):
                    await self._ws.send_str("3")
            elif text.startswith("43"):
                number, bracket, rest = text[begin:].partition("[")
                if (asked := self._asked.get(int(number))) and not asked.done():
                    asked.set_result(orjson.loads(bracket + rest)[0])
            elif text.startswith("42") and self.on_hint is not None:
                self.on_hint(*orjson.loads(text[begin:]))

    def cut(self) -> None:
        """Be gone without a word, as when a router restarts."""
        if self._listening is not None:
            self._listening.cancel()
        transport = self._ws._response.connection and self._ws._response.connection.transport
        if transport is not None:
            transport.abort()

    async def close(self) -> None:
        """Leave."""
        if self._listening is not None:
            self._listening.cancel()
        await self._ws.close()


async def open_socket(http: aiohttp.ClientSession, port: int, kind: Kind, number: int) -> Socket:
    """A socket of somebody who is logged in from the beginning. Raises what was in the way."""
    return await enter(http, port, AUDIENCES[kind], cookie(kind, number))


async def enter(http: aiohttp.ClientSession, port: int, audience: str, session: str) -> Socket:
    """A socket that is let in with this cookie. Raises what was in the way."""
    namespace = f"/{audience}"
    async with asyncio.timeout(6 * PATIENCE):
        ws = await http.ws_connect(
            f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket",
            headers={"Cookie": session},
            compress=0,
        )
        socket = Socket(ws, namespace)
        await ws.receive_str()
        await ws.send_str(f"40{namespace},")
        told = await ws.receive_str()
        if not told.startswith(f"40{namespace},"):
            raise ConnectionError(told)
    socket.listen()
    return socket


@asynccontextmanager
async def opening() -> AsyncIterator[aiohttp.ClientSession]:
    """For sockets: as many at once as are asked for, without cookies of its own."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        yield http


def visit_of(number: int) -> str:
    """The visit in which the patient of this number is from the beginning."""
    return ident(Kind.VISIT, number)
