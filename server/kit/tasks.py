"""Background tasks: the only place that may start one.

A task that nobody holds can be collected in mid-flight, and one that fails unseen is a lost fault;
both are taken care of here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from server.kit.errors import Later
from server.kit.log import get_logger

T = TypeVar("T")
log = get_logger(__name__)
_running: set[asyncio.Task[Any]] = set()


def spawn(coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
    """Start the coroutine. Its failure is logged; the caller may cancel or await the task."""
    task = asyncio.get_running_loop().create_task(coro, name=name)
    _running.add(task)
    task.add_done_callback(_done)
    return task


def _done(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log(task.get_name(), error)


def _log(name: str, error: BaseException) -> None:
    if isinstance(error, Later):
        # The database is away, full, or has too much to do: no fault of the task.
        log.warning("task.put_off", task=name, code=error.code)
    else:
        log.error("task.failed", task=name, error=error)


def every(seconds: float, work: Callable[[], Awaitable[object]], name: str) -> asyncio.Task[None]:
    """Do ``work`` each so many seconds until cancelled. A failure is logged and does not end it."""

    async def loop() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception as error:
                _log(name, error)

    return spawn(loop(), name)


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait until they are gone."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
