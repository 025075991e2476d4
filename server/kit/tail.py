"""The end of the outbox: what other processes commit is told to the listeners of this one, too.

Every process reads the outbox of its own accord, a few times a second, and at once when the bus
rings. So the bus only saves time: without it, or when it loses a word, nothing is lost.

Ids come from a sequence and rows become visible when their transaction commits, which may be in
another order. An id that was passed over is therefore looked for again, until no transaction that
drew it can be alive.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from server.kit import outbox, tasks
from server.kit.log import get_logger

if TYPE_CHECKING:
    from server.kit.db import UnitOfWork

# How often we look without being rung for: half of the second in which a session's end is known
# everywhere, whatever the bus does.
LOOK_SECONDS = 0.4
# Who has not looked for so long may not know that a session ended.
ABREAST_SECONDS = 1.0
# The least time between two looks, so that a busy minute is not a look for every event.
REST_SECONDS = 0.01
# Longer than any transaction may live, so that a hole older than this was rolled back.
HOLE_SECONDS = 60.0
MOST_HOLES = 1000

log = get_logger(__name__)


class Read(Protocol):
    """``Database.read``, for what we ask of it."""

    def __call__(
        self, fn: "Callable[[UnitOfWork], list[outbox.StoredEvent]]"
    ) -> Awaitable[list[outbox.StoredEvent]]: ...


class Tail:
    """Reads what is new in the outbox, each event once, in the order of ids where that is known.

    What this process committed itself was told when it was; it says so by ``saw``.
    """

    def __init__(self, read: Read, tell: Callable[[Sequence[outbox.StoredEvent]], None]) -> None:
        self._read = read
        self._tell = tell
        self._newest = 0
        self._holes: dict[int, float] = {}
        # Of this process, committed after what was read last.
        self._ahead: set[int] = set()
        self._rung = asyncio.Event()
        self._looked = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From now on; what was there before is nobody's news."""
        began = asyncio.get_running_loop().time()
        before = await self._read(lambda uow: outbox.latest(uow.conn, MOST_HOLES))
        self._looked = began
        if before:
            self._newest = before[-1].id
            self._pass_over(before[0].id, {each.id for each in before})
        self._task = tasks.spawn(self._follow(), "outbox.follow")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            await tasks.cancel(self._task)
            self._task = None

    def ring(self) -> None:
        """Somebody committed something: look at once."""
        self._rung.set()

    def saw(self, stored: Sequence[outbox.StoredEvent]) -> list[outbox.StoredEvent]:
        """This process is about to tell these. Returns those that were not told here yet."""
        fresh = []
        for each in stored:
            if each.id > self._newest:
                if each.id in self._ahead:
                    continue
                self._ahead.add(each.id)
            elif self._holes.pop(each.id, None) is None:
                continue
            fresh.append(each)
        return fresh

    @property
    def abreast(self) -> bool:
        """Whether all that others had committed a second ago is told here.

        Not in a process that hung and wakes up, nor in one that could not read for a while.
        """
        return asyncio.get_running_loop().time() - self._looked <= ABREAST_SECONDS

    async def look(self) -> int:
        """Tell what is new. Returns how many events that were."""
        told = 0
        began = asyncio.get_running_loop().time()
        while True:
            after, holes = self._newest, sorted(self._holes)
            found = await self._read(lambda uow, a=after, h=holes: outbox.new(uow.conn, a, h))  # type: ignore[misc]
            # Others of ours may have been committed while we read.
            fresh = [each for each in found if self._is_news(each.id)]
            self._pass_over(after + 1, {each.id for each in found})
            if fresh:
                self._tell(fresh)
                told += len(fresh)
            if len(found) < outbox.BATCH:
                self._looked = began
                return told

    def _is_news(self, event_id: int) -> bool:
        if event_id > self._newest:
            return event_id not in self._ahead
        return self._holes.pop(event_id, None) is not None

    def _pass_over(self, first: int, found: Collection[int]) -> None:
        """Go on to the newest that was found, and note which ids on the way were not there."""
        now = asyncio.get_running_loop().time()
        newest = max(found, default=0)
        if newest >= first:
            missing: Iterable[int] = range(max(first, newest - MOST_HOLES), newest)
            self._holes.update(
                (each, now + HOLE_SECONDS)
                for each in missing
                if each not in found and each not in self._ahead
            )
            self._newest = max(self._newest, newest)
            self._ahead = {each for each in self._ahead if each > newest}
        self._holes = {each: until for each, until in self._holes.items() if until > now}
        while len(self._holes) > MOST_HOLES:
            del self._holes[next(iter(self._holes))]

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._rung.wait()
            except TimeoutError:
                pass
            self._rung.clear()
            try:
                await self.look()
            except Exception as error:
                log.warning("outbox.not_followed", error=error)
                await asyncio.sleep(LOOK_SECONDS)
            await asyncio.sleep(REST_SECONDS)
