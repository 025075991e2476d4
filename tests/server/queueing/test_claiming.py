"""Taking somebody from the queue: who is next, who rests, who was faster."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.kit.ids import new_id
from server.queueing import service
from server.queueing.domain import (
    AlreadyTaken,
    Channel,
    QueueEmpty,
    TicketGone,
    TicketState,
)
from server.queueing.store import CLAIM_NEXT
from server.queueing.tables import queue_tickets
from tests.server.queueing.world import DOCTOR, SORTED, World


def test_next_takes_whoever_came_first(world: World) -> None:
    doctor = world.doctor()
    tickets = []
    for _ in range(3):
        tickets.append(world.wait().ticket.id)
        world.later(seconds=1)
    assert [world.run(service.claim_next, doctor, new_id()).id for _ in tickets] == tickets
    with pytest.raises(QueueEmpty):
        world.run(service.claim_next, doctor, new_id())


def test_an_empty_queue_keeps_its_version(world: World) -> None:
    doctor = world.doctor()
    version = world.run(service.head_version, world.clinic_id, DOCTOR)
    with pytest.raises(QueueEmpty):
        world.run(service.claim_next, doctor, new_id())
    assert world.run(service.head_version, world.clinic_id, DOCTOR) == version


def test_who_rests_is_passed_over_but_can_be_taken(world: World) -> None:
    doctor = world.doctor()
    first = world.wait().ticket
    second = world.wait().ticket
    world.run(service.claim_next, doctor, new_id())
    back = world.run(service.requeue, first.id, no_answer=True)
    assert [place.ticket_id for place in world.places()] == [first.id, second.id]
    assert world.run(service.claim_next, doctor, new_id()).id == second.id
    with pytest.raises(QueueEmpty):
        world.run(service.claim_next, doctor, new_id())
    assert back.not_before == world.now + timedelta(minutes=10)
    world.later(minutes=10)
    assert world.run(service.claim_next, doctor, new_id()).id == first.id
    world.run(service.requeue, first.id, no_answer=False)
    assert world.run(service.claim, doctor, first.id, new_id()).id == first.id


def test_resting_can_be_taken_by_hand(world: World) -> None:
    doctor = world.doctor()
    ticket = world.wait().ticket
    world.run(service.claim_next, doctor, new_id())
    world.run(service.requeue, ticket.id, no_answer=True)
    assert world.run(service.claim, doctor, ticket.id, new_id()).id == ticket.id


def test_a_faster_colleague_is_named(world: World) -> None:
    slow, fast = world.doctor("Sven Slö"), world.doctor("Frida Kvick")
    ticket = world.wait().ticket
    world.run(service.claim, fast, ticket.id, new_id())
    with pytest.raises(AlreadyTaken) as caught:
        world.run(service.claim, slow, ticket.id, new_id())
    assert caught.value.extra == {"taken_by": "Frida Kvick"}


@pytest.mark.parametrize("called_before", [False, True])
def test_who_left_can_not_be_taken(world: World, called_before: bool) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient).ticket
    if called_before:
        world.run(service.claim, world.doctor(), ticket.id, new_id())
    world.run(service.leave, patient, ticket.id)
    with pytest.raises(TicketGone):
        world.run(service.claim, doctor, ticket.id, new_id())


def test_another_queue_does_not_exist(world: World) -> None:
    doctor = world.doctor()
    other = world.add_clinic()
    ticket = world.run(service.join, world.patient(), other, DOCTOR, "Feber", Channel.VIDEO).ticket
    for ticket_id in (ticket.id, new_id()):
        with pytest.raises(NotFound):
            world.run(service.claim, doctor, ticket_id, new_id())
    with pytest.raises(NotFound):
        world.run(service.watched_version, doctor, other, DOCTOR)


def test_a_no_show_is_no_sample(world: World) -> None:
    doctor = world.doctor()
    ticket = world.wait().ticket
    world.run(service.claim_next, doctor, new_id())
    closed = world.run(service.close_no_show, ticket.id)
    assert (closed.state, closed.handling_seconds) == (TicketState.NO_SHOW, None)


def test_the_claim_is_one_statement_on_both_engines() -> None:
    on_postgres = str(CLAIM_NEXT.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    on_sqlite = str(CLAIM_NEXT.compile(dialect=sqlite.dialect()))
    for text in (on_postgres, on_sqlite):
        assert text.startswith("UPDATE queue_tickets SET")
        assert "state = 'waiting'" in text
        assert "ORDER BY queue_tickets.level, queue_tickets.arrived_at, queue_tickets.id" in text
        assert "RETURNING" in text
    assert "FOR NO KEY UPDATE SKIP LOCKED" in on_postgres
    assert "FOR" not in on_sqlite


def test_the_claim_reads_the_index_of_those_who_wait(world: World) -> None:
    doctor = world.doctor()
    world.wait()
    _, asked = world.asked(service.claim_next, doctor, new_id())
    plan = world.plan(
        next(each for each in asked if each[0].startswith("UPDATE queue_tickets")),
        "ix_queue_tickets_taken",
        "ix_queue_tickets_samples",
        "uq_queue_tickets_open",
    )
    assert "ix_queue_tickets_waiting" in plan
    assert not SORTED.search(plan)


def test_the_database_refuses_who_is_taken_by_nobody(world: World) -> None:
    ticket = world.wait().ticket

    def spoil(uow: UnitOfWork) -> None:
        uow.conn.execute(
            sa.update(queue_tickets)
            .where(queue_tickets.c.id == ticket.id)
            .values(state="called", taken_by=None)
        )

    with pytest.raises(sa.exc.IntegrityError):
        world.run(spoil)
