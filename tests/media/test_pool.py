"""Several workers: where visits begin, and where they go when a worker dies or retires."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from signaling.rooms.media_port import (
    LegsHomeless,
    LegStateChanged,
    MediaEvent,
    MediaFull,
    MediaUnavailable,
    NoSuchLeg,
)
from signaling.worker import supervisor
from signaling.worker.client import WorkerClient
from signaling.worker.place import Place
from signaling.worker.pool import WorkerPool
from tests.media.peers import Robot, until


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(Place(["127.0.0.1"]), count=2)
    await pool.start()
    yield pool
    await pool.stop()


async def legs_of(pool: WorkerPool) -> list[set[str] | None]:
    """The legs that each worker holds, in its own words."""
    workers = (await pool.stats())["workers"]
    assert isinstance(workers, list)
    return [None if worker is None else set(worker["legs"]) for worker in workers]


def pids(pool: WorkerPool) -> list[int | None]:
    return [worker.supervisor.pid for worker in pool._workers]


async def test_a_visit_stays_together_and_visits_spread(pool: WorkerPool) -> None:
    for visit in ("first", "second", "third", "fourth"):
        await pool.open_leg(visit, f"{visit} p", "patient")
    for visit in ("fourth", "second", "third", "first"):
        await pool.open_leg(visit, f"{visit} c", "clinician")
    held = await legs_of(pool)
    assert [len(legs or ()) for legs in held] == [4, 4]
    for legs in held:
        assert legs is not None
        assert {leg[:-1] + "p" for leg in legs} == {leg for leg in legs if leg.endswith("p")}


async def test_a_worker_that_opened_a_leg_too_late_ends_it_nowhere_else(pool: WorkerPool) -> None:
    """Asked first, it did not answer in time; half a minute later it gives the leg up."""
    heard: list[MediaEvent] = []
    pool.on_event(heard.append)
    await pool.open_leg("visit", "p", "patient")
    (late,) = [worker for worker in pool._workers if "p" not in worker.legs]
    before = list(heard)
    late.supervisor._happened(LegStateChanged("p", "visit", "failed"))
    assert (heard, pool.legs) == (before, 1)
    await pool.restart("p")


async def test_two_who_come_at_once_meet(pool: WorkerPool) -> None:
    await asyncio.gather(
        *(pool.open_leg(f"visit {n}", f"{n} {who}", who) for n in range(8) for who in ("p", "c"))
    )
    for legs in await legs_of(pool):
        assert legs is not None
        assert {leg[0] for leg in legs if leg.endswith("p")} == {
            leg[0] for leg in legs if leg.endswith("c")
        }


async def test_a_death_tells_of_its_own_legs_alone(pool: WorkerPool) -> None:
    events: list[MediaEvent] = []
    pool.on_event(events.append)
    await pool.open_leg("a", "a p", "patient")
    await pool.open_leg("b", "b p", "patient")
    held = await legs_of(pool)
    first, other = pids(pool)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: any(isinstance(event, LegsHomeless) for event in events))
    assert held[0] is not None
    assert events[-1] == LegsHomeless(frozenset(held[0]), gone=True)
    (gone,) = held[0]
    with pytest.raises(NoSuchLeg):
        await pool.answer(gone, "v=0")
    # It is opened anew on the one that lives, which has gone on.
    await pool.open_leg(gone[0], f"{gone} again", "patient")
    assert pids(pool)[1] == other
    assert pool.ready
    await until(lambda: pids(pool)[0] not in (None, first), within=60)
    await until(lambda: all(worker.takes for worker in pool._workers), within=60)
    assert await legs_of(pool) == [set(), {"a p", "b p"} - held[0] | {f"{gone} again"}]


async def test_a_call_moves_while_the_old_worker_still_carries_it(pool: WorkerPool) -> None:
    asked: list[MediaEvent] = []
    pool.on_event(lambda event: asked.append(event) if isinstance(event, LegsHomeless) else None)
    before = [Robot(), Robot()]
    for robot, who in zip(before, "pc", strict=True):
        await pool.answer(who, robot.take(await pool.open_leg("visit", who, who)))
        await robot.connect()
    old = next(pid for pid, legs in zip(pids(pool), await legs_of(pool), strict=True) if legs)
    assert old is not None
    os.kill(old, signal.SIGTERM)
    await until(lambda: asked)
    assert asked == [LegsHomeless(frozenset("pc"), gone=False)]

    before[0].send_video(1)
    await until(lambda: before[1].got(before[1].given_video))
    after = [Robot(), Robot()]
    for robot, who in zip(after, "pc", strict=True):
        await pool.answer(f"new {who}", robot.take(await pool.open_leg("visit", f"new {who}", who)))
        await robot.connect()
        await pool.close_leg(who)
    after[0].send_video(1)
    await until(lambda: after[1].got(after[1].given_video))
    # Empty, it ends by itself, and another takes its place: nobody hears of a loss.
    await until(lambda: old not in pids(pool), within=60)
    await until(lambda: all(worker.takes for worker in pool._workers), within=60)
    assert len(asked) == 1
    for robot in before + after:
        robot.vanish()


async def test_alone_it_retires_without_asking_anybody_to_move() -> None:
    pool = WorkerPool(Place(["127.0.0.1"]), count=1)
    await pool.start()
    try:
        events: list[MediaEvent] = []
        pool.on_event(events.append)
        await pool.open_leg("visit", "p", "patient")
        (pid,) = pids(pool)
        assert pid is not None
        os.kill(pid, signal.SIGTERM)
        await until(lambda: not pool.ready)
        with pytest.raises(MediaUnavailable):
            await pool.open_leg("visit", "c", "clinician")
        assert await pool.restart("p")
        await pool.close_leg("p")
        await until(lambda: pids(pool) != [pid] and pool.ready, within=60)
        assert not any(isinstance(event, LegsHomeless) for event in events)
    finally:
        await pool.stop()


async def test_when_all_are_full_it_says_so(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def full(client: WorkerClient, visit_id: str, leg_id: str, who: str, **_: bool) -> str:
        tried.append(leg_id)
        raise MediaFull("all legs are taken")

    await pool.open_leg("old", "old p", "patient")
    monkeypatch.setattr(WorkerClient, "open_leg", full)
    with pytest.raises(MediaFull):
        await pool.open_leg("new", "new p", "patient")
    assert tried == ["new p", "new p"]
    # Who would sit alone elsewhere is not sent elsewhere.
    with pytest.raises(MediaFull):
        await pool.open_leg("old", "old c", "clinician")
    assert tried == ["new p", "new p", "old c"]
    monkeypatch.undo()
    await pool.open_leg("new", "new p", "patient")


async def test_none_runs_when_one_can_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = WorkerPool(Place(["127.0.0.1"]), count=1)
    await taken.start()
    hello = await taken._workers[0].supervisor.hello()
    port = hello["port"]
    assert isinstance(port, int)
    monkeypatch.setattr(supervisor, "START_WITHIN", 20.0)
    second = WorkerPool(Place(["127.0.0.1"], port - 1), count=2)
    try:
        with pytest.raises(MediaUnavailable):
            await second.start()
        assert pids(second) == [None, None]
    finally:
        await taken.stop()
