"""Jobs: committed with their cause, claimed by one, finished by whoever has them, tried again."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.kit import tasks
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork
from server.kit.errors import Conflict
from server.kit.jobs import Outcome, Runner, enqueue, store
from server.kit.jobs.store import LEASE
from server.kit.schema import jobs
from tests.server.kit.counted import numbers
from tests.server.kit.work import Call, Count, Long, Tick, counting, rows

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MOST = {Count.kind: Count.attempts, Call.kind: Call.attempts}


class Refused(Conflict):
    """A handler's fault, with words that must not be stored."""

    code = "test.refused"


@pytest.fixture
def runner(database: Database) -> Runner:
    runner = Runner(database)
    runner.unit(Count, counting)
    return runner


async def test_a_job_is_committed_with_its_cause_or_not_at_all(
    database: Database, runner: Runner
) -> None:
    def fails(uow: UnitOfWork) -> None:
        enqueue(uow, Count(1))
        raise Refused

    with pytest.raises(Refused):
        await database.write(fails)
    assert await runner.work_off() == []
    await database.write(enqueue, Count(2))
    assert await runner.work_off() == [Outcome.DONE]
    assert await database.read(numbers) == [2]
    # What is done is gone.
    assert await database.read(rows) == []


async def test_a_commit_that_leaves_a_job_wakes_the_runner(
    database: Database, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.jobs.runner.POLL_SECONDS", 3600.0)
    done = asyncio.Event()
    runner.watch(lambda *_: done.set())
    await runner.start()
    await asyncio.sleep(0.05)
    await database.write(enqueue, Count(1))
    await done.wait()
    assert await database.read(numbers) == [1]
    await runner.stop()


async def test_what_another_process_enqueued_is_found_by_looking(
    database: Database, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.jobs.runner.POLL_SECONDS", 0.02)
    done = asyncio.Event()
    runner.watch(lambda *_: done.set())
    await runner.start()

    def elsewhere(uow: UnitOfWork) -> None:
        enqueue(uow, Count(1))
        uow.enqueued = False  # nobody here hears of it

    await database.write(elsewhere)
    await done.wait()
    await runner.stop()


async def test_a_name_is_there_once_until_it_is_done(database: Database, runner: Runner) -> None:
    def twice(uow: UnitOfWork) -> list[int | None]:
        return [enqueue(uow, Count(number), name="only one") for number in (1, 2)]

    first, second = await database.write(twice)
    assert first is not None
    assert second is None
    assert await database.write(enqueue, Count(3), name="only one") is None
    assert await runner.work_off() == [Outcome.DONE]
    assert await database.write(enqueue, Count(4), name="only one") is not None
    assert await runner.work_off() == [Outcome.DONE]
    assert await database.read(numbers) == [1, 4]


async def test_it_is_not_done_before_its_time(
    database: Database, runner: Runner, clock: FrozenClock
) -> None:
    await database.write(enqueue, Count(1), after=HOUR)
    clock.advance(HOUR - SECOND)
    assert await runner.work_off() == []
    clock.advance(SECOND)
    assert await runner.work_off() == [Outcome.DONE]


async def test_jobs_of_a_stream_come_one_after_the_other(
    database: Database, clock: FrozenClock
) -> None:
    for number in range(3):
        # The later ones could go first, if it were for their time alone.
        await database.write(enqueue, Count(number), stream="a", after=(3 - number) * SECOND)
    await database.write(enqueue, Count(7), stream="b", after=4 * SECOND)
    clock.advance(4 * SECOND)
    first = await database.write(store.claim, MOST)
    other = await database.write(store.claim, MOST)
    assert first is not None
    assert other is not None
    assert [first.data, other.data] == [{"number": 0}, {"number": 7}]
    # The next of either stream waits for those, also while one is to be tried again.
    assert await database.write(store.claim, MOST) is None
    assert await database.write(store.again, first, SECOND, "test")
    assert await database.write(store.claim, MOST) is None
    clock.advance(SECOND)
    runner = Runner(database)
    runner.unit(Count, counting)
    assert await runner.work_off() == [Outcome.DONE] * 3
    assert await database.read(numbers) == [0, 1, 2]


async def test_who_lost_the_lease_changes_nothing(
    database: Database, runner: Runner, clock: FrozenClock
) -> None:
    await database.write(enqueue, Count(1))
    slow = await database.write(store.claim, MOST)
    assert slow is not None
    clock.advance(LEASE - SECOND)
    assert await database.write(store.claim, MOST) is None
    assert await database.write(store.renew, slow)
    clock.advance(LEASE - SECOND)
    assert await database.write(store.claim, MOST) is None
    clock.advance(SECOND)
    quick = await database.write(store.claim, MOST)
    assert quick is not None
    assert (quick.id, quick.attempts) == (slow.id, 2)
    before = await database.read(rows)
    assert not await database.write(store.renew, slow)
    assert not await database.write(store.finish, slow)
    assert not await database.write(store.again, slow, HOUR, "test")
    assert not await database.write(store.give_back, slow)
    assert not await database.write(store.bury, slow, "test")
    assert await database.read(rows) == before
    assert await database.write(store.finish, quick)
    assert await database.read(rows) == []


async def test_a_unit_that_lost_its_lease_leaves_nothing(
    database: Database, clock: FrozenClock
) -> None:
    runner = Runner(database)
    thief: list[bool] = []

    def slow(uow: UnitOfWork, job: Count) -> None:
        """While it works, its lease runs out and another has the job."""
        counting(uow, job)
        if not thief:
            thief.append(True)
            uow.conn.execute(sa.update(jobs).values(token="another's"))

    runner.unit(Count, slow)
    await database.write(enqueue, Count(1))
    assert await runner.work_off() == [Outcome.LOST]
    assert await database.read(numbers) == []
    clock.advance(LEASE)
    assert await runner.work_off() == [Outcome.DONE]
    assert await database.read(numbers) == [1]


async def test_a_long_one_renews_its_lease_and_is_cut_off_when_that_is_lost(
    database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.jobs.lease.RENEW_SECONDS", 0.01)
    runner = Runner(database)
    begun = asyncio.Event()
    cut_off = asyncio.Event()

    async def hang(_job: Long) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    runner.task(Long, hang)
    await database.write(enqueue, Long())
    working = tasks.spawn(runner.work_off(), "test")
    await begun.wait()
    for _ in range(3):
        clock.advance(LEASE / 2)
        while (await database.read(rows))[0].due_at != clock.now() + LEASE:
            await asyncio.sleep(0.01)
    await database.write(lambda uow: uow.conn.execute(sa.update(jobs).values(token="another's")))
    await cut_off.wait()
    assert await working == [Outcome.LOST]
    assert [row.token for row in await database.read(rows)] == ["another's"]


async def test_what_this_release_does_not_know_is_left_alone(
    database: Database, runner: Runner, clock: FrozenClock
) -> None:
    await database.write(enqueue, Call(1))
    await database.write(store.keep_periodic, Tick(), 5)
    before = await database.read(rows)
    clock.advance(HOUR)
    assert await runner.work_off() == []
    assert await database.read(rows) == before
    known = await database.read(store.numbers, runner.kinds)
    assert (known.waiting, known.unknown, known.oldest_seconds) == (0, 2, 0.0)
    # A periodic one that nobody did for a day is of a release that won't come back.
    assert await database.write(store.forget_orphans, runner.kinds) == 0
    clock.advance(store.ORPHANED)
    assert await database.write(store.forget_orphans, [Tick.kind]) == 0
    assert await database.write(store.forget_orphans, runner.kinds) == 1
    assert [row.kind for row in await database.read(rows)] == [Call.kind]


async def test_the_numbers_say_what_there_is_to_do(database: Database, clock: FrozenClock) -> None:
    kinds = [Count.kind, Call.kind]
    assert await database.read(store.numbers, kinds) == store.Numbers()
    for number in range(4):
        await database.write(enqueue, Count(number))
    taken = [await database.write(store.claim, MOST) for _ in range(2)]
    assert taken[0] is not None
    await database.write(store.bury, taken[0], "test")
    clock.advance(10 * SECOND)
    assert await database.read(store.numbers, kinds) == store.Numbers(2, 1, 1, 0, 10.0)
    clock.advance(LEASE)
    # Whoever had it is gone.
    assert await database.read(store.numbers, kinds) == store.Numbers(3, 0, 1, 0, 40.0)


async def test_a_row_of_another_release_fails_alone(database: Database, runner: Runner) -> None:
    first = await database.write(enqueue, Count(1))
    await database.write(enqueue, Count(2))
    odd = sa.update(jobs).where(jobs.c.id == first).values(data={"letter": "a"})
    await database.write(lambda uow: uow.conn.execute(odd))
    assert await runner.work_off() == [Outcome.FAILED, Outcome.DONE]
    assert await database.read(numbers) == [2]


async def test_what_is_in_flight_is_given_back_when_the_process_ends(
    database: Database, clock: FrozenClock
) -> None:
    runner = Runner(database)
    begun, may_end = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def hang(_job: Long) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def finish(_job: Tick) -> None:
        begun.set()
        await may_end.wait()
        done.append("tick")

    runner.task(Long, hang)
    runner.task(Tick, finish)
    await runner.start()
    for job_ in (Tick(), Long()):
        begun.clear()
        await database.write(enqueue, job_)
        await begun.wait()
    runner.drain()
    await database.write(enqueue, Tick())
    may_end.set()
    await runner.stop()
    # What came after the end began was not begun; what was about to end did.
    assert done == ["tick"]
    left = await database.read(rows)
    # The other is anybody's at once, and it was no try.
    assert [(row.kind, row.token, row.attempts) for row in left] == [
        (Long.kind, None, 0), (Tick.kind, None, 0),
    ]  # fmt: skip
    assert {row.due_at for row in left} == {clock.now()}


def test_what_can_not_be_done_is_said_at_once(database: Database, runner: Runner) -> None:
    with pytest.raises(ValueError, match="two ways"):
        runner.unit(Count, counting)
    with pytest.raises(ValueError, match="less time than a lease"):
        runner.unit(Long, lambda _uow, _job: None)
    with pytest.raises(ValueError, match="nobody knows"):
        runner.every(5, Tick())
