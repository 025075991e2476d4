"""Units in line for PostgreSQL: so many workers take them, first come first served."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from server.kit import tasks
from server.kit.backend import too_much

T = TypeVar("T")
Job = Callable[[sa.Connection], Any]

# Seconds. Nobody waits longer for a connection: by then whoever asked has given up.
LONGEST_WAIT = 15.0


@dataclass(eq=False, slots=True)
class Unit:
    job: Job
    future: "asyncio.Future[Any]"
    since: float
    result: Any = None
    error: BaseException | None = None
    settled: bool = False

    def tell(self) -> None:
        """Wake the caller, if it still waits."""
        if self.future.done():
            return  # the caller went away; what was written stays written
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Line:
    """Units in line for one of so many workers, first come first served."""

    def __init__(
        self, name: str, workers: int, longest: int, work: Callable[[Unit], Awaitable[None]]
    ) -> None:
        self.longest = longest
        self.waiting = 0
        self._name = name
        self._workers = workers
        self._work = work
        self._queue: asyncio.Queue[Unit | None] = asyncio.Queue()
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let the workers begin."""
        self._running = [tasks.spawn(self._run(), self._name) for _ in range(self._workers)]

    async def stop(self) -> None:
        """Refuse newcomers and return when the others are done."""
        self.longest = 0
        for _ in self._running:
            self._queue.put_nowait(None)
        await asyncio.gather(*self._running)

    async def do(self, job: Callable[[sa.Connection], T]) -> T:
        """Stand in line and return the job's result."""
        if self.waiting >= self.longest:
            raise too_much("Too much waits for the database.")
        loop = asyncio.get_running_loop()
        unit = Unit(job, loop.create_future(), loop.time())
        self.waiting += 1
        self._queue.put_nowait(unit)
        result: T = await unit.future
        return result

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while (unit := await self._queue.get()) is not None:
            try:
                if loop.time() - unit.since > LONGEST_WAIT:
                    raise too_much("The database did not get to it in time.")
                await self._work(unit)
            except BaseException as error:  # a worker must outlive everything, but its loop
                unit.error = error
                unit.tell()
                if isinstance(error, asyncio.CancelledError):
                    raise
            finally:
                self.waiting -= 1
