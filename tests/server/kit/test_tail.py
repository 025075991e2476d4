"""What other processes commit is told here too, once, with or without a bell."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.kit import outbox as outbox_module
from server.kit.bus import Alone
from server.kit.clock import FrozenClock
from server.kit.db import Database, StoredEvent, UnitOfWork
from server.kit.events import encode
from server.kit.postgres import PostgresBackend, engine
from server.kit.schema import outbox
from server.messages.domain import MessagePosted
from tests.server.kit.counted import Counted, count
from tests.server.kit.test_take_over import told_to

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("engine", ["postgres"], indirect=True)]


@pytest.fixture
async def other(database: Database, clock: FrozenClock) -> AsyncIterator[Database]:
    """Another process on the same PostgreSQL."""
    assert isinstance(database.backend, PostgresBackend)
    other = Database(PostgresBackend(database.backend.url), clock)
    await other.start()
    yield other
    await other.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def test_each_hears_of_all_once(database: Database, other: Database) -> None:
    await database.write(count, 0)
    here, there = told_to(database), told_to(other)
    await database.follow(Alone())
    await other.follow(Alone())
    # What was before is nobody's news.
    numbers = range(1, 41)
    await asyncio.gather(
        *((database if number % 2 else other).write(count, number) for number in numbers)
    )
    await until(lambda: len(here) >= 40 and len(there) >= 40)
    for _ in range(2):
        await database._tail.look()  # type: ignore[union-attr]
        await other._tail.look()  # type: ignore[union-attr]
    assert sorted(here) == sorted(there) == list(numbers)


async def test_effect_comes_after_cause(database: Database, other: Database) -> None:
    here = told_to(database)
    await database.follow(Alone())
    for number in range(50):
        await other.write(count, number)
    await until(lambda: len(here) == 50)
    assert here == list(range(50))


async def test_the_bell_saves_the_wait(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.tail.LOOK_SECONDS", 3600)
    bell, here = Alone(), told_to(database)
    await database.follow(bell)
    await asyncio.sleep(0.05)
    await other.write(count, 1)
    assert here == []
    bell.hear("events", "another process", None)
    await until(lambda: here == [1])


async def test_an_id_that_was_passed_over_is_told_when_it_comes(database: Database) -> None:
    here = told_to(database)
    await database.follow(Alone())
    assert isinstance(database.backend, PostgresBackend)
    beside = [engine(database.backend.url) for _ in range(3)]
    row = {"kind": Counted.kind, "at": database.clock.now()}
    a, b, c = (each.connect() for each in beside)
    async with a as slow, b as quick, c as never:
        await slow.execute(sa.insert(outbox), {**row, "data": encode(Counted(1))})
        await never.execute(sa.insert(outbox), {**row, "data": encode(Counted(2))})
        await quick.execute(sa.insert(outbox), {**row, "data": encode(Counted(3))})
        await quick.commit()
        await until(lambda: here == [3])
        # Ours come and are told between.
        await database.write(count, 4)
        await slow.commit()
        await never.rollback()
        await until(lambda: here == [3, 4, 1])
    tail = database._tail
    assert tail is not None
    await tail.look()
    assert here == [3, 4, 1]
    # The one that never came is looked for, until no transaction can be so old.
    assert len(tail._holes) == 1
    tail._holes = dict.fromkeys(tail._holes, 0.0)
    await tail.look()
    assert tail._holes == {}
    for each in beside:
        await each.dispose()


async def test_the_heirs_of_the_dead_tell_nothing_twice(
    database: Database, other: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = told_to(database)
    await database.follow(Alone())
    with monkeypatch.context() as dead:
        dead.setattr(other._dispatcher, "tell", lambda _stored: None)
        dead.setattr(other._dispatcher, "to_mark", lambda _stored: None)
        await other.write(count, 7)
    # Long before it counts as dead, its event is known.
    await until(lambda: here == [7])
    clock.advance(outbox_module.OVERDUE)
    assert await database.take_over() == 1
    assert here == [7]
    async with asyncio.timeout(20):
        while await database.read(lambda uow: outbox_module.undelivered(uow.conn)):
            await asyncio.sleep(0.02)


async def test_what_a_process_told_while_it_was_looked_for_is_told_once(
    database: Database, other: Database
) -> None:
    here = told_to(database)
    await database.follow(Alone())
    tail = database._tail
    assert tail is not None
    before = tail._read

    async def late(fn: Callable[[UnitOfWork], list[StoredEvent]]) -> list[StoredEvent]:
        # Found by the look, and told by who committed it before the look is over.
        found = await before(fn)
        tail_saw.extend(tail.saw([each for each in found if each.id not in seen]))
        seen.update(each.id for each in found)
        return found

    tail_saw: list[StoredEvent] = []
    seen: set[int] = set()
    tail._read = late
    await other.write(count, 1)
    await tail.look()
    await tail.look()
    assert here == []
    assert [each.event for each in tail_saw] == [Counted(1)]


def _words(uow: UnitOfWork) -> Sequence[object]:
    kinds = uow.conn.execute(sa.select(outbox.c.data).where(outbox.c.kind == MessagePosted.kind))
    return [row.data for row in kinds]


async def test_words_are_kept_until_others_can_have_read_them(
    database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "WORDS_KEPT", timedelta(seconds=1.5))
    posted = {"kind": MessagePosted.kind, "data": {"body": "Det kliar"}, "at": clock.now()}

    def left(uow: UnitOfWork) -> None:
        uow.conn.execute(sa.insert(outbox).values(**posted, delivered_at=uow.now))

    # One whose process died before it forgot the words.
    await database.write(left)
    clock.advance(timedelta(seconds=5))
    await database.follow(Alone())
    assert await database.read(_words) == [{}]

    def says(uow: UnitOfWork) -> None:
        uow.emit(
            MessagePosted(
                visit_id="v", patient_id="p", clinician_id="c", seq=1, client_id="k",
                sender="patient", sender_name="Anna", body="Det kliar än", sent_at="2021-03-01",
            )
        )  # fmt: skip

    await database.write(says)
    marked = outbox_module.undelivered
    async with asyncio.timeout(20):
        while await database.read(lambda uow: marked(uow.conn)):
            await asyncio.sleep(0.02)
        # Delivered here; others may be about to read it.
        told = [row for row in await database.read(_words) if row]
        assert [row["body"] for row in told] == ["Det kliar än"]  # type: ignore[index]
        while any(await database.read(_words)):
            await asyncio.sleep(0.05)
