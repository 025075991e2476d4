"""Background tasks: what fails is said, and what passes with time is said quietly."""

import asyncio

from structlog.testing import capture_logs

from server.kit import tasks
from server.kit.errors import Busy


async def _raise(error: Exception) -> None:
    raise error


async def test_a_failure_is_a_fault_and_what_passes_with_time_is_not() -> None:
    with capture_logs() as logged:
        await asyncio.gather(
            tasks.spawn(_raise(KeyError("x")), "one"),
            tasks.spawn(_raise(Busy("later")), "two"),
            return_exceptions=True,
        )
        await asyncio.sleep(0)
    told = {each["task"]: (each["log_level"], each["event"], each.get("code")) for each in logged}
    assert told == {
        "one": ("error", "task.failed", None),
        "two": ("warning", "task.put_off", "server.busy"),
    }


async def test_what_is_done_every_so_often_goes_on_after_a_failure() -> None:
    done = asyncio.Event()
    errors = [KeyError("x"), Busy("later")]

    async def work() -> None:
        if errors:
            raise errors.pop()
        done.set()

    with capture_logs() as logged:
        task = tasks.every(0.01, work, "work")
        async with asyncio.timeout(30):
            await done.wait()
        await tasks.cancel(task)
    assert [each["event"] for each in logged] == ["task.put_off", "task.failed"]
