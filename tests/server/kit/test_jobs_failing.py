"""Jobs that fail: tried again after growing waits, cut off, dead, replayed."""

import asyncio
from datetime import timedelta

import pytest

from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.errors import Conflict
from server.kit.jobs import DeadLetter, Hopeless, Outcome, Runner, enqueue, job, letters, store
from server.kit.jobs.store import LEASE
from tests.server.kit.work import Call, Count, rows

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MOST = {Count.kind: Count.attempts}


class Refused(Conflict):
    """A handler's fault, with words that must not be stored."""

    code = "test.refused"


async def test_it_is_tried_again_after_growing_waits_and_then_it_is_dead(
    database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.jobs.runner._chance.random", lambda: 1.0)
    runner = Runner(database)
    tried: list[int] = []

    async def call(given: Call) -> None:
        tried.append(given.number)
        raise Refused("Pia Patient, 19910517")

    runner.task(Call, call)
    await database.write(enqueue, Call(7))
    waits = []
    while not await database.read(letters.count):
        outcome = await runner.work_off()
        if outcome == []:
            waits.append(await _until_due(database, clock))
    assert waits == [2 * SECOND, 4 * SECOND]
    assert tried == [7] * Call.attempts
    [letter] = await database.read(letters.letters, 10)
    assert letter == DeadLetter(
        letter.id, "test.call", {"number": 7}, None, letter.enqueued_at, clock.now(), 3,
        "test.refused", 0,
    )  # fmt: skip
    clock.advance(24 * HOUR)
    assert await runner.work_off() == []


async def _until_due(database: Database, clock: FrozenClock) -> timedelta:
    due_at = await database.read(store.next_due, [Call.kind])
    assert due_at is not None
    left = due_at - clock.now()
    clock.advance(left)
    return left


def test_waits_grow_up_to_an_hour_and_are_drawn() -> None:
    assert [job.wait(attempt, 1) for attempt in (1, 2, 3, 11, 12, 10_000)] == [
        2, 4, 8, 2048, 3600, 3600,
    ]  # fmt: skip
    assert job.wait(3, 0) == 4
    # A night's outage of what a job needs is not its death.
    assert sum(job.wait(each, 0.5) for each in range(1, job.Job.attempts)) > 2 * 3600


async def test_a_dead_letter_is_replayed_from_the_start_or_discarded(
    database: Database, clock: FrozenClock
) -> None:
    runner = Runner(database)
    broken = True
    done: list[int] = []

    async def call(given: Call) -> None:
        if broken:
            raise Hopeless("no.address")
        done.append(given.number)

    runner.task(Call, call)
    for number in range(3):
        await database.write(enqueue, Call(number), stream="one after the other")
    named = await database.write(enqueue, Call(3), name="mine")
    assert named is not None
    # It says itself that it is no use, and what is behind it waits for somebody to look.
    assert await runner.work_off() == [Outcome.DEAD, Outcome.DEAD]
    first, last = await database.read(letters.letters, 10)
    assert (first.error, first.attempts, first.behind, last.id) == ("no.address", 1, 2, named)
    assert await database.read(letters.get, first.id) == first
    # A dead one keeps nobody from asking for the same again.
    assert await database.write(enqueue, Call(4), name="mine") is not None
    assert await database.write(letters.discard, last.id) == [last.id]
    assert await database.write(letters.replay, last.id) == []
    broken = False
    assert await database.write(letters.replay, first.id) == [first.id]
    assert await database.read(letters.get, first.id) is None
    clock.advance(SECOND)
    assert await runner.work_off() == [Outcome.DONE] * 4
    assert sorted(done) == [0, 1, 2, 4]
    assert [each for each in done if each != 4] == [0, 1, 2]


async def test_all_dead_letters_are_replayed_and_no_other_job_is(
    database: Database, clock: FrozenClock
) -> None:
    runner = Runner(database)

    async def fails(_job: Call) -> None:
        raise Hopeless("test")

    runner.task(Call, fails)
    ids = [await database.write(enqueue, Call(number)) for number in range(3)]
    assert await runner.work_off() == [Outcome.DEAD] * 3
    waits = await database.write(enqueue, Call(9), after=HOUR)
    assert waits is not None
    assert await database.write(letters.discard, waits) == []
    assert await database.write(letters.replay) == ids
    assert await database.write(letters.replay) == []


async def test_a_job_whose_process_always_dies_is_dead_at_last(
    database: Database, clock: FrozenClock
) -> None:
    await database.write(enqueue, Count(1))
    for _ in range(Count.attempts):
        assert await database.write(store.claim, MOST) is not None
        clock.advance(LEASE)
    assert await database.write(store.claim, MOST) is None
    [letter] = await database.read(letters.letters, 10)
    assert letter.error == store.LOST


async def test_a_handler_that_hangs_is_cut_off(database: Database, clock: FrozenClock) -> None:
    runner = Runner(database)
    cut_off: list[bool] = []

    async def hang(_job: Call) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.append(True)

    runner.task(Call, hang)
    await database.write(enqueue, Call(1))
    assert await runner.work_off() == [Outcome.TIMEOUT]
    assert cut_off == [True]
    [row] = await database.read(rows)
    assert (row.last_error, row.token) == ("timeout", None)
    assert row.due_at > clock.now()


async def test_a_timeout_of_its_own_is_a_failure_like_others(database: Database) -> None:
    runner = Runner(database)

    async def impatient(_job: Call) -> None:
        raise TimeoutError

    runner.task(Call, impatient)
    await database.write(enqueue, Call(1))
    assert await runner.work_off() == [Outcome.FAILED]
    assert [row.last_error for row in await database.read(rows)] == ["TimeoutError"]
