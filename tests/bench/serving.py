"""What a benchmark's helper process is asked, over standard input and output."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any


async def serve(asked: object) -> None:
    """Answer JSON lines until standard input ends: `{"do": NAME, …}` → the answer of `NAME`."""
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        wish: dict[str, Any] = json.loads(line)
        told = await getattr(asked, wish.pop("do"))(**wish)
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
