"""What lies between robots and servers: a TCP proxy that delays, stops and cuts."""

from __future__ import annotations

import asyncio
import contextlib
import random
from types import TracebackType

from server.kit.tasks import cancel, spawn

_LOOPBACK = "127.0.0.1"


class Proxy:
    """Everything that goes to one port, on a port of its own."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._lines: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self._serving: set[asyncio.Task[None]] = set()
        #: Seconds that each piece takes longer, each way.
        self.delay = 0.0

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, _LOOPBACK, 0)
        self.url = f"http://{_LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._server.close()
        await cancel(*self._serving)

    def cut(self, part: float, chance: random.Random) -> int:
        """Break this part of the connections, in the middle of whatever they carry."""
        doomed = [line for line in self._lines.items() if chance.random() < part]
        for ends in doomed:
            for end in ends:
                end.transport.abort()
        return len(doomed)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = spawn(self._serve(reader, writer), "chaos.proxy")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, to = await asyncio.open_connection(_LOOPBACK, self._upstream)
        except OSError:
            # As a server that is not there would.
            writer.transport.abort()
            return
        self._lines[writer] = to
        try:
            await asyncio.gather(self._pass(reader, to), self._pass(there, writer))
        finally:
            del self._lines[writer]
            for end in (writer, to):
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
