"""Units of work on both engines: alone in failure, their events told, reads that can't write."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from server.kit import events
from server.kit.backend import Backend
from server.kit.clock import FrozenClock
from server.kit.db import Database, UnitOfWork, UnloggedRead
from server.kit.errors import Busy
from server.kit.events import Event
from server.kit.outbox import StoredEvent
from server.kit.schema import outbox
from tests.server.kit.counted import Counted, count, numbers


async def test_many_writes_at_once(database: Database) -> None:
    results = await asyncio.gather(*(database.write(count, n) for n in range(300)))
    assert results == list(range(300))
    assert sorted(await database.read(numbers)) == list(range(300))
    assert database.backend.units >= 300


async def test_a_unit_that_raises_takes_nothing_with_it(database: Database) -> None:
    def fail(uow: UnitOfWork) -> None:
        count(uow, 99)
        raise ValueError("no")

    results = await asyncio.gather(
        database.write(count, 1),
        database.write(fail),
        database.write(count, 2),
        return_exceptions=True,
    )
    assert [type(each) for each in results] == [int, ValueError, int]
    assert sorted(await database.read(numbers)) == [1, 2]


async def test_a_failing_statement_rolls_back_only_its_unit(database: Database) -> None:
    def twice(uow: UnitOfWork) -> None:
        row = {"kind": Counted.kind, "data": {"number": 7}, "at": uow.now}
        first = uow.conn.execute(sa.insert(outbox).returning(outbox.c.id), row).scalar_one()
        uow.conn.execute(sa.insert(outbox), {**row, "id": first})

    with pytest.raises(sa.exc.IntegrityError):
        await database.write(twice)
    await database.write(count, 8)
    assert await database.read(numbers) == [8]


async def test_stopping_finishes_what_waits_and_refuses_the_rest(
    new_backend: Callable[[], Backend], clock: FrozenClock
) -> None:
    database = Database(new_backend(), clock)
    await database.start()
    waiting = [asyncio.ensure_future(database.write(count, n)) for n in range(50)]  # noqa: TID251
    await asyncio.sleep(0)
    await database.stop()
    assert await asyncio.gather(*waiting) == list(range(50))
    with pytest.raises(Busy):
        await database.write(count, 1)
    with pytest.raises(Busy):
        await database.read(numbers)


async def test_a_read_can_neither_write_nor_emit(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await database.read(count, 1)
    with pytest.raises(sa.exc.DBAPIError):
        await database.read(lambda uow: uow.conn.execute(sa.delete(outbox)))


async def test_a_read_without_a_line_in_the_log_fails(database: Database) -> None:
    with pytest.raises(UnloggedRead):
        await database.read_logged(lambda _uow: "secret")

    def logged(uow: UnitOfWork) -> str:
        uow.logged = True
        return "seen"

    assert await database.read_logged(logged) == "seen"


async def test_events_arrive_before_the_answer(database: Database) -> None:
    told: list[int] = []

    def listen(stored: Sequence[StoredEvent]) -> None:
        told.extend(each.event.number for each in stored if isinstance(each.event, Counted))

    def broken(_stored: Sequence[StoredEvent]) -> None:
        raise ValueError("a listener's own fault")

    database.subscribe(broken)
    database.subscribe(listen)
    await database.write(count, 1)
    assert told == [1]
    await asyncio.gather(*(database.write(count, n) for n in range(2, 100)))
    assert sorted(told) == list(range(1, 100))


async def test_the_events_of_a_unit_are_stored_in_their_order(database: Database) -> None:
    told: list[tuple[int, Event]] = []
    database.subscribe(lambda stored: told.extend((each.id, each.event) for each in stored))

    def many(uow: UnitOfWork) -> None:
        for number in range(300):
            count(uow, number)

    await database.write(many)

    def stored(uow: UnitOfWork) -> list[tuple[int, Event]]:
        rows = uow.conn.execute(sa.select(outbox.c.id, outbox.c.data).order_by(outbox.c.id))
        return [(row.id, Counted(**row.data)) for row in rows]

    assert [event for _, event in told] == [Counted(number) for number in range(300)]
    assert told == await database.read(stored)


async def test_what_was_not_marked_is_delivered_again(
    new_backend: Callable[[], Backend], clock: FrozenClock
) -> None:
    first = Database(new_backend(), clock)
    await first.start()
    await first.write(count, 1)
    await first.stop()  # marks
    second = Database(new_backend(), clock)
    await second.start()
    # A crash before marking, an event of another release, and one field that is gone.
    rows = [
        {"kind": "test.counted", "data": {"number": 2, "gone": 1}, "at": clock.now()},
        {"kind": "test.vanished", "data": {}, "at": clock.now()},
        {"kind": "test.counted", "data": {"number": 3}, "at": clock.now()},
    ]
    await second.write(lambda uow: uow.conn.execute(sa.insert(outbox), rows).close())
    told: list[Event] = []
    second.subscribe(lambda stored: told.extend(each.event for each in stored))
    assert await second.redeliver() == 3
    assert told == [Counted(2), Counted(3)]
    await second.stop()
    third = Database(new_backend(), clock)
    await third.start()
    assert await third.redeliver() == 0
    await third.stop()


async def test_hooks_run_in_the_same_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_hooks", {})
    seen: list[int] = []

    def hook(uow: UnitOfWork, event: Counted) -> None:
        seen.append(event.number)
        if event.number == 1:
            uow.emit(Counted(10))
        if event.number == 5:
            raise ValueError("the hook fails, and with it the unit")

    events.on(Counted, hook)
    events.on(Counted, hook)
    await database.write(count, 1)
    assert seen == [1, 10]
    with pytest.raises(ValueError, match="hook fails"):
        await database.write(count, 5)
    assert await database.read(numbers) == [1, 10]
