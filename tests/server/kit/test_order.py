"""Events of one thing are told in the order in which they happened to it, however many write."""

import asyncio
import random
from collections import defaultdict

import sqlalchemy as sa

from server.clinics.tables import clinics
from server.kit.db import Database, UnitOfWork
from server.kit.schema import outbox
from tests.server.kit.counted import Counted
from tests.support import People

STEPS = 25


def _step(uow: UnitOfWork, thing: str) -> int:
    """The next event of the thing, decided under its lock, as use cases do with a visit's row."""
    uow.conn.execute(sa.select(clinics.c.id).where(clinics.c.id == thing).with_for_update()).one()
    rows = uow.conn.scalars(sa.select(outbox.c.data).where(outbox.c.kind == Counted.kind))
    number = [data["text"] for data in rows].count(thing)
    uow.emit(Counted(number, thing))
    return number


async def test_each_things_events_come_in_its_order(database: Database, people: People) -> None:
    told: defaultdict[str | None, list[int]] = defaultdict(list)
    ids: list[int] = []

    def listen(stored: object) -> None:
        assert isinstance(stored, list)
        for each in stored:
            if isinstance(each.event, Counted):
                told[each.event.text].append(each.event.number)
                ids.append(each.id)

    database.subscribe(listen)
    things = [(await people.clinic(f"Klinik {number}")).id for number in range(4)]
    asked = things * STEPS
    random.Random(5).shuffle(asked)
    await asyncio.gather(*(database.write(_step, thing) for thing in asked))
    # Every one, once, without a gap and in order: also where their COMMITs were answered crosswise.
    assert told == {thing: list(range(STEPS)) for thing in things}
    assert len(set(ids)) == len(ids) == len(asked)
