"""A person's socket without a network, and the media worker that it stands before."""

import asyncio
import json
from typing import Any

from aiohttp import WSMessage, WSMsgType
from aiohttp.test_utils import make_mocked_request
from typing_extensions import override

from server.kit.tasks import spawn
from signaling.link import MAX_PACKET
from signaling.pace import TokenBucket
from tests.signaling.fakes import FakeMedia
from tests.signaling.stage import Person, Stage

UNHURRIED = TokenBucket(rate=1e9, burst=1e9)


class Pipe:
    """A WebSocket without a network: what aiohttp's looks like to the transport."""

    opened: "Pipe | None" = None

    def __init__(self, **_: Any) -> None:
        self.coming: asyncio.Queue[Any] = asyncio.Queue()
        self.came: list[str] = []
        self.news = asyncio.Event()
        self.closed = False
        Pipe.opened = self

        self.prepared = False

    async def prepare(self, request: Any) -> None:
        """From here on the request's transport leads to this pipe."""
        self.prepared = True
        request.transport.pipe = self

    async def receive(self) -> WSMessage:
        data = await self.coming.get()
        if self.closed or data is None or len(data) > MAX_PACKET:
            self.closed = True
            return WSMessage(WSMsgType.CLOSED, None, None)
        kind = WSMsgType.TEXT if isinstance(data, str) else WSMsgType.BINARY
        return WSMessage(kind, data, None)

    async def close(self, **_: Any) -> None:
        self.end()

    def end(self) -> None:
        self.closed = True
        self.coming.put_nowait(None)
        self.news.set()


class Wire:
    """The transport below: whole frames, one each time."""

    pipe: Pipe

    def write(self, data: bytes) -> None:
        assert data[0] == 0x81, "nothing but text is ever sent"
        begin = {126: 4, 127: 10}.get(data[1], 2)
        said = data[begin:]
        assert len(said) == (data[1] if begin == 2 else int.from_bytes(data[2:begin], "big"))
        self.pipe.came.append(said.decode())
        self.pipe.news.set()

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self.pipe.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.pipe.end()

    def abort(self) -> None:
        self.pipe.end()


class Media(FakeMedia):
    """As the real worker: a new leg takes the place of its participant's leg before it."""

    @override
    async def open_leg(self, visit_id: str, leg_id: str, participant: str, **how: bool) -> str:
        for former in [key for key, held in self.legs.items() if held == (visit_id, participant)]:
            del self.legs[former]
        return await super().open_leg(visit_id, leg_id, participant, **how)


class Line:
    """One person's connection; opened anew whenever noise has ended it."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage, self.person = stage, person
        self.pipe: Pipe | None = None
        self.task: asyncio.Task[Any] | None = None
        # Made once: what mocks it is slow.
        self.request = make_mocked_request(
            "GET",
            "/socket.io/?EIO=4&transport=websocket",
            {"Connection": "Upgrade", "Upgrade": "websocket", "Host": "x", **person.headers},
            app=stage.signaling._app,
            transport=Wire(),
        )

    async def open(self) -> Pipe:
        if self.pipe is not None and not self.pipe.closed:
            return self.pipe
        for _ in range(5):
            await self.shut()
            if (pipe := await self._connect()) is not None:
                return pipe
        raise AssertionError("no connection can be had")

    async def _connect(self) -> Pipe | None:
        signaling, space = self.stage.signaling, self.person.namespace
        Pipe.opened = None
        self.task = spawn(signaling._sio.eio.handle_request(self.request), "fuzz.connection")
        async with asyncio.timeout(20):
            while Pipe.opened is None:
                await asyncio.sleep(0)
        pipe = self.pipe = Pipe.opened
        pipe.coming.put_nowait(f"40{space},")
        joined = await self.until(f"40{space},")
        if joined is None:  # too slow to log in: who stays anonymous is put out
            return None
        connection = signaling.connections.get(json.loads(joined[3 + len(space) :])["sid"])
        assert connection is not None
        connection.pace = UNHURRIED
        return pipe

    async def until(self, start: str) -> str | None:
        """The next message that begins so; None when the connection is closed instead."""
        pipe = self.pipe
        assert pipe is not None
        async with asyncio.timeout(20):
            while True:
                for message in pipe.came:
                    if message.startswith(start):
                        pipe.came.clear()
                        return message
                if pipe.closed:
                    return None
                pipe.news.clear()
                await pipe.news.wait()

    async def shut(self) -> None:
        if self.pipe is not None and self.task is not None:
            await self.pipe.close()
            await self.task
            self.pipe = None
