"""Others have their turn between many of the same.

A turn of the loop runs all that is ready before it looks at the network again. Where hundreds ask
at once, such a turn takes tens of milliseconds, and somebody's heartbeat waits for several.
"""

import asyncio
from collections import deque


class Turns:
    """So many of the same for each turn of the loop, and everybody else between."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most
        self._line: deque[asyncio.Future[None]] = deque()
        self._coming = False

    async def mine(self) -> None:
        """Return when it is one's turn, in the order in which it was asked for."""
        loop = asyncio.get_running_loop()
        if self._left and not self._line:
            self._left -= 1
            self._ask_for_next(loop)
            return
        turn = loop.create_future()
        self._line.append(turn)
        self._ask_for_next(loop)
        await turn

    def _ask_for_next(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._coming:
            self._coming = True
            loop.call_soon(self._next, loop)

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._coming = False
        self._left = self._most
        while self._line and self._left:
            turn = self._line.popleft()
            if not turn.done():  # it is, of who was cancelled
                turn.set_result(None)
                self._left -= 1
        if self._line:
            self._ask_for_next(loop)
