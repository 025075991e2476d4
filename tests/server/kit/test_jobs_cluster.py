"""Jobs over a cluster: one does each, whoever dies, and whatever the clock does."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from server.kit import tasks
from server.kit.backend import Backend
from server.kit.clock import Clock, FrozenClock, utc_now
from server.kit.db import Database, UnitOfWork
from server.kit.jobs import Job, Outcome, Runner, enqueue, store
from server.kit.jobs.store import LEASE, Claim
from server.kit.postgres import PostgresBackend
from server.kit.sqlite import SqliteBackend
from tests.server.kit.counted import numbers
from tests.server.kit.work import Call, Count, Long, Tick, counting, rows

ROOT = Path(__file__).resolve().parents[3]
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MOST = {Count.kind: Count.attempts}


@pytest.fixture
async def cluster(
    database: Database, clock: FrozenClock, engine: str
) -> AsyncIterator[list[Database]]:
    """Three processes' databases. An SQLite file has one process, whose runners share it."""
    if engine == "sqlite":
        yield [database] * 3
        return
    assert isinstance(database.backend, PostgresBackend)
    others = [Database(PostgresBackend(database.backend.url), clock) for _ in range(2)]
    for each in others:
        await each.start()
    yield [database, *others]
    for each in others:
        await each.stop()


async def test_each_job_is_done_by_one(cluster: list[Database]) -> None:
    def many(uow: UnitOfWork) -> None:
        for number in range(30):
            enqueue(uow, Count(number), stream=f"s{number % 7}")

    await cluster[0].write(many)
    runners = [Runner(each) for each in cluster]
    for runner in runners:
        runner.unit(Count, counting)
    while await cluster[0].read(rows):
        outcomes = await asyncio.gather(*(runner.work_off() for runner in runners))
        assert {each for some in outcomes for each in some} <= {Outcome.DONE}
    done = await cluster[0].read(numbers)
    assert sorted(done) == list(range(30))
    for stream in range(7):
        mine = [number for number in done if number % 7 == stream]
        assert mine == sorted(mine)


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_nobody_waits_for_whoever_claims(cluster: list[Database]) -> None:
    for number in (1, 2):
        await cluster[0].write(enqueue, Count(number))
    holds, may_go = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slowly(uow: UnitOfWork) -> Claim | None:
        found = store.claim(uow, MOST)
        loop.call_soon_threadsafe(holds.set)
        while not may_go.is_set():
            uow.conn.exec_driver_sql("SELECT pg_sleep(0.02)")
        return found

    first = tasks.spawn(cluster[0].write(slowly), "test")
    await holds.wait()
    # Its row is locked, and not yet claimed for anybody to see.
    second = await cluster[1].write(store.claim, MOST)
    assert await cluster[2].write(store.claim, MOST) is None
    assert not first.done()
    may_go.set()
    found = await first
    assert found is not None
    assert second is not None
    assert [found.data, second.data] == [{"number": 1}, {"number": 2}]


async def test_a_periodic_job_is_done_once_in_a_period(
    cluster: list[Database], clock: FrozenClock
) -> None:
    ticked: list[int] = []
    runners = [Runner(each) for each in cluster]
    for number, runner in enumerate(runners):
        runner.unit(Tick, lambda _uow, _job, number=number: ticked.append(number))  # type: ignore[misc]
        runner.every(60, Tick())

    async def all_look() -> None:
        await asyncio.gather(*(runner.work_off() for runner in runners))

    await all_look()
    assert ticked == []
    assert len(await cluster[0].read(rows)) == 1
    for period in range(1, 4):
        clock.advance(59 * SECOND)
        await all_look()
        assert len(ticked) == period - 1
        clock.advance(SECOND)
        await all_look()
        await all_look()
        assert len(ticked) == period
    # Nothing piles up while nobody is there.
    clock.advance(24 * HOUR)
    await all_look()
    assert len(ticked) == 4
    # Whoever has another period sets it, and the job is there once.
    newer = Runner(cluster[1])
    newer.unit(Tick, lambda _uow, _job: ticked.append(9))
    newer.every(5, Tick())
    assert await newer.work_off() == []
    clock.advance(5 * SECOND)
    assert await newer.work_off() == [Outcome.DONE]
    assert ticked[4:] == [9]
    assert [row.every_seconds for row in await cluster[0].read(rows)] == [5]


async def test_a_periodic_job_that_fails_comes_back_and_never_dies(
    database: Database, clock: FrozenClock
) -> None:
    runner = Runner(database)
    broken = True

    def tick(_uow: UnitOfWork, _job: Job) -> None:
        if broken:
            raise ValueError

    runner.unit(Tick, tick)
    runner.every(60, Tick())
    assert await runner.work_off() == []
    for attempt in range(1, 40):
        clock.advance(60 * SECOND)
        assert await runner.work_off() == [Outcome.FAILED]
        [row] = await database.read(rows)
        assert (row.attempts, row.dead_at, row.last_error) == (attempt, None, "ValueError")
        # Sooner than the next period, if that is long; never later.
        assert clock.now() < row.due_at <= clock.now() + 60 * SECOND
    broken = False
    clock.advance(60 * SECOND)
    assert await runner.work_off() == [Outcome.DONE]
    assert [(row.attempts, row.last_error) for row in await database.read(rows)] == [(0, None)]


async def test_when_the_clock_is_put_back_nothing_waits_for_it_to_be_there_again(
    database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.jobs.runner.CLOCK_SECONDS", 0.0)
    runner = Runner(database)
    ticked: list[int] = []
    runner.unit(Tick, lambda _uow, _job: ticked.append(1))
    runner.unit(Count, counting)
    runner.every(5, Tick())
    await runner.work_off()
    await database.write(enqueue, Count(1), after=20 * SECOND)
    await database.write(enqueue, Count(2))
    lost = await database.write(store.claim, MOST)
    assert lost is not None
    clock.advance(-HOUR)
    assert await runner.work_off() == []
    # All of it waits as long as it was to wait, the lease of whoever is gone among it.
    clock.advance(5 * SECOND)
    assert await runner.work_off() == [Outcome.DONE]
    assert ticked == [1]
    clock.advance(15 * SECOND)
    await runner.work_off()
    assert await database.read(numbers) == [1]
    clock.advance(10 * SECOND)
    await runner.work_off()
    assert await database.read(numbers) == [1, 2]


async def test_when_the_clock_leaps_ahead_a_job_is_still_finished_once(
    database: Database, clock: FrozenClock
) -> None:
    other = Runner(database)
    other.unit(Count, counting)
    runner = Runner(database)
    outcomes: list[Outcome] = []

    async def leap(_job: Call) -> None:
        await database.write(enqueue, Count(1))
        clock.advance(HOUR)
        outcomes.extend(await other.work_off())

    runner.task(Call, leap)
    await database.write(enqueue, Call(1))
    # The lease ran out by the clock. Nobody took the job, so it was ours all along.
    assert await runner.work_off() == [Outcome.DONE]
    assert outcomes == [Outcome.DONE]
    assert await database.read(rows) == []


async def test_clocks_that_differ_a_little_take_nothing_from_each_other(
    database: Database, clock: FrozenClock
) -> None:
    await database.write(enqueue, Count(1))
    assert await database.write(store.claim, MOST) is not None
    clock.advance(-store.CLOCKS_AGREE + SECOND)
    assert not await database.read(store.any_ahead)


def _where(backend: Backend) -> str:
    if isinstance(backend, PostgresBackend):
        return backend.url.dsn
    assert isinstance(backend, SqliteBackend)
    return str(backend.path)


async def test_a_killed_process_loses_no_job(new_backend: Callable[[], Backend]) -> None:
    """A real one: it has begun when it is killed, and another does the job after the lease."""
    backend = new_backend()
    database = Database(backend, Clock())
    await database.start()
    await database.write(enqueue, Long())
    await database.stop()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.kit.work", _where(backend),
        stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()

    clock = FrozenClock(utc_now())
    if isinstance(backend, PostgresBackend):
        database = Database(PostgresBackend(backend.url), clock)
    else:
        assert isinstance(backend, SqliteBackend)
        database = Database(SqliteBackend(backend.path), clock)
    await database.start()
    done: list[Long] = []
    runner = Runner(database)

    async def work(job: Long) -> None:
        done.append(job)

    runner.task(Long, work)
    assert await runner.work_off() == []
    clock.advance(LEASE)
    assert await runner.work_off() == [Outcome.DONE]
    assert done == [Long()]
    assert await database.read(rows) == []
    await database.stop()
