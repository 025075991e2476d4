"""Between many of the same, others have their turn: of requests, of writes that were committed."""

import asyncio
import itertools
import threading
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.middleware import AT_ONCE, edge_middleware
from server.kit.outbox import StoredEvent
from server.kit.sqlite import TOLD_AT_ONCE, SqliteBackend
from server.kit.tasks import spawn
from server.kit.turns import Turns
from tests.server.kit.counted import count


async def _most_in_a_turn(done: list[Any], everybody: "asyncio.Future[Any]") -> int:
    """How many came to the list in one turn of the loop, until all are through."""
    seen = [len(done)]
    async with asyncio.timeout(30):
        while not everybody.done():
            await asyncio.sleep(0)
            seen.append(len(done))
    return max(after - before for before, after in itertools.pairwise(seen))


async def test_others_have_a_turn_between_many_of_the_same() -> None:
    turns = Turns(most=3)
    done: list[int] = []

    async def one(number: int) -> None:
        await turns.mine()
        done.append(number)

    everybody = asyncio.gather(*(one(number) for number in range(10)))
    assert await _most_in_a_turn(done, everybody) == 3
    assert done == list(range(10)), "in their order"


async def test_who_waits_for_a_turn_may_be_cancelled() -> None:
    turns = Turns(most=1)
    tasks = [spawn(turns.mine(), "turn") for _ in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(tasks[0], tasks[3])
        await turns.mine()


async def test_requests_that_come_at_once_begin_a_few_at_a_time() -> None:
    begun: list[int] = []

    async def handler(_request: web.Request) -> web.StreamResponse:
        begun.append(len(begun))
        return web.Response()

    edge = edge_middleware(lambda *_: None, 0)
    everybody = asyncio.gather(
        *(edge(make_mocked_request("GET", "/"), handler) for _ in range(5 * AT_ONCE))
    )
    assert await _most_in_a_turn(begun, everybody) == AT_ONCE
    assert len(begun) == 5 * AT_ONCE


async def test_of_a_group_that_is_committed_a_few_are_told_at_a_time(
    template: Path, tmp_path: Path, clock: FrozenClock
) -> None:
    file = tmp_path / "group.db"
    await asyncio.to_thread(lambda: file.write_bytes(template.read_bytes()))
    database = Database(SqliteBackend(file, slice_seconds=30), clock)
    await database.start()
    told: list[StoredEvent] = []
    database.subscribe(told.extend)
    gate, many = threading.Event(), 5 * TOLD_AT_ONCE
    held = asyncio.ensure_future(database.write(lambda _uow: gate.wait(30)))  # noqa: TID251
    await asyncio.sleep(0)
    everybody = asyncio.gather(*(database.write(count, number) for number in range(many)))
    await asyncio.sleep(0)
    gate.set()
    await held
    assert await _most_in_a_turn(told, everybody) == TOLD_AT_ONCE
    assert await everybody == list(range(many))
    # Who stops meanwhile waits until all are told.
    last = [spawn(database.write(count, number), "last") for number in range(many)]
    await asyncio.sleep(0)
    await database.stop()
    assert await asyncio.gather(*last) == list(range(many))
    assert len(told) == 2 * many
