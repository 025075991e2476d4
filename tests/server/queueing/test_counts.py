"""How many wait is counted as they come and go; it must be what counting them anew would say."""

import importlib
import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.ids import new_id
from server.queueing import counts, service, store_line
from server.queueing.tables import queue_blocks, queue_tickets
from tests.server.queueing.counted import miscounted
from tests.server.queueing.world import DOCTOR, World

_STEPS = ("join", "join", "join", "next", "claim", "leave", "requeue", "close", "urgent", "many",
          "gone")  # fmt: skip
_t = queue_tickets.c


def _small_blocks(uow: UnitOfWork) -> None:
    """Blocks of three, so that a short line has many."""
    postgresql = uow.conn.dialect.name == "postgresql"
    for name in counts.TRIGGERS:
        uow.conn.exec_driver_sql(f"DROP TRIGGER {name}" + " ON queue_tickets" * postgresql)
        if postgresql:
            uow.conn.exec_driver_sql(f"DROP FUNCTION {name}()")
    for statement in counts.definition(3)[uow.conn.dialect.name]:
        uow.conn.exec_driver_sql(statement)


def _in_state(uow: UnitOfWork, *states: str) -> list[str]:
    asked = sa.select(_t.id).where(_t.state.in_(states)).order_by(_t.level, _t.arrived_at, _t.id)
    return list(uow.conn.scalars(asked))


def _move(world: World, doctor: Actor, step: str, which: int) -> None:
    waiting = world.run(_in_state, "waiting")
    called = world.run(_in_state, "called")
    if step == "join":
        # A clock that goes back now and then.
        world.later(seconds=which - 3)
        world.wait()
    elif step == "next" and waiting:
        world.run(service.claim_next, doctor, new_id())
    elif step == "claim" and waiting:
        world.run(service.claim, doctor, waiting[which % len(waiting)], new_id())
    elif step == "requeue" and called:
        world.run(service.requeue, called[which % len(called)], no_answer=False)
    elif step == "close" and called:
        world.run(service.close_no_show, called[which % len(called)])
    elif step == "leave" and waiting:
        _set(world, waiting[which % len(waiting) :][:1], state="left")
    elif step == "urgent" and waiting:
        _set(world, waiting[which % len(waiting) :][:2], level=which % 3)
    elif step == "many":
        # As by hand: half of all at once, out and in again.
        _set(world, (waiting + called)[::2], state="left" if which % 2 else "waiting")
    elif step == "gone" and waiting:
        gone = sa.delete(queue_tickets).where(_t.id.in_(waiting[:1]))
        world.run(lambda uow: uow.conn.execute(gone).rowcount)


def _set(world: World, tickets: list[str], **values: object) -> None:
    free = {"taken_by": None, "visit_id": None} if values.get("state") == "waiting" else {}
    change = sa.update(queue_tickets).where(_t.id.in_(tickets)).values(**values, **free)
    world.run(lambda uow: uow.conn.execute(change).rowcount)


@settings(deadline=None, max_examples=15)
@given(steps=st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 9)), max_size=25))
@pytest.mark.property
def test_places_by_counts_are_those_by_sorting(
    new_world: Callable[[], World], steps: list[tuple[str, int]]
) -> None:
    world = new_world()
    try:
        world.run(_small_blocks)
        doctor = world.doctor()
        for step, which in [("join", 3)] * 8 + steps:
            _move(world, doctor, step, which)
            assert world.run(lambda uow: miscounted(uow.conn)) == []
        _stand_rightly(world)
    finally:
        world.close()


def _stand_rightly(world: World) -> None:
    line = world.run(_in_state, "waiting")
    total = world.run(lambda uow: store_line.waiting_total(uow.conn, world.clinic_id, DOCTOR))
    assert total == len(line)
    tickets = [world.run(service.ticket_of, each) for each in line]
    seen = world.run(lambda uow: [store_line.standing(uow.conn, each) for each in tickets])
    assert [(each.ahead, each.total, each.waits) for each in seen] == [
        (ahead, total, True) for ahead in range(total)
    ]
    everybody = world.places()
    assert [(each.ticket_id, each.place) for each in everybody] == list(
        zip(line, itertools.count(1), strict=False)
    )
    few = {each.patient_id for each in everybody[1::2]}
    assert world.run(service.places, world.clinic_id, DOCTOR, few) == everybody[1::2]


def test_a_line_of_many_is_counted_in_blocks(world: World) -> None:
    world.wait()

    def fill(uow: UnitOfWork) -> list[int]:
        # All of one patient, who has but one open case otherwise.
        uow.conn.exec_driver_sql("DROP INDEX uq_queue_tickets_open")
        row = dict(uow.conn.execute(sa.select(queue_tickets)).mappings().one())
        for number in range(1, 2 * counts.BLOCK + 1):
            arrived = row["arrived_at"] + timedelta(microseconds=number)
            made = sa.insert(queue_tickets).values({**row, "id": new_id(), "arrived_at": arrived})
            uow.conn.execute(made)
        asked = sa.select(queue_blocks.c.waiting).order_by(queue_blocks.c.since)
        return list(uow.conn.scalars(asked))

    assert world.run(fill) == [counts.BLOCK, counts.BLOCK, 1]


def test_the_step_makes_what_the_tables_say() -> None:
    step = importlib.import_module("server.migrations.versions.0014_blocks")
    assert counts.definition() == step.TRIGGERS
