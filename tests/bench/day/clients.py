"""The load's processes, as the run sees them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bench.report import ROOT

#: A day's acknowledgements come as one line.
_LONGEST_LINE = 1 << 28


class Client:
    """One process of load; what it is asked is one of the methods of `load.Load`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def ask(self, do: str, **wish: Any) -> Any:
        """Ask and wait for what it saw. Raises when it died, having said why on standard error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do} | wish).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a client of the load died while it was to {do}")
        return json.loads(line)


@asynccontextmanager
async def client(
    port: int, *more: str, load: str = "tests.bench.day.load"
) -> AsyncIterator[Client]:
    """A process for one kind of load against this port. `load`: the module that it runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", load, str(port), *more,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )  # fmt: skip
    try:
        yield Client(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
