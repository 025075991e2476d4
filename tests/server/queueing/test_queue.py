"""The queue's use cases on a real database: every way in, every way out, every error."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from server.clinics import service as clinics
from server.clinics.domain import Span
from server.kit.actor import Profession
from server.kit.db import UnitOfWork
from server.kit.errors import Invalid, NotFound
from server.kit.ids import new_id
from server.queueing import service
from server.queueing.domain import (
    AlreadyTaken,
    AlreadyWaiting,
    Channel,
    DutyOff,
    DutyPaused,
    DutyState,
    IllegalMove,
    NoCommission,
    NoService,
    QueueClosed,
    QueueEmpty,
    TicketGone,
    TicketPlace,
    TicketState,
    Wait,
)
from server.queueing.store import CLAIM_NEXT
from server.queueing.tables import queue_tickets
from tests.server.queueing.world import DOCTOR, World


def test_joining_gives_the_last_place(world: World) -> None:
    first, second = world.wait(), world.wait()
    assert (first.place, first.waiting_total) == (1, 1)
    assert (second.place, second.waiting_total, second.wait) == (2, 2, None)
    assert second.clinic_name == "Vallby vårdcentral"
    assert second.version > first.version


@pytest.mark.parametrize("reason", ["", "  ", "\x00", "x" * 2001])
def test_a_reason_is_needed(world: World, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        world.run(service.join, world.patient(), world.clinic_id, DOCTOR, reason, Channel.VIDEO)
    assert caught.value.field == "reason"


def test_the_longest_reason(world: World) -> None:
    view = world.run(
        service.join, world.patient(), world.clinic_id, DOCTOR, " " + "å" * 2000, Channel.CHAT
    )
    assert len(view.ticket.reason) == 2000


def test_no_such_clinic_or_profession(world: World) -> None:
    patient = world.patient()
    with pytest.raises(NotFound):
        world.run(service.join, patient, new_id(), DOCTOR, "Feber", Channel.VIDEO)
    with pytest.raises(NoService) as caught:
        world.run(
            service.join,
            patient,
            world.clinic_id,
            Profession.PSYCHOLOGIST,
            "Oro",
            Channel.VIDEO,
        )
    assert caught.value.field == "profession"


def test_a_closed_clinic_says_when_it_opens(world: World) -> None:
    clinic_id = world.add_clinic(always=False)
    world.run(clinics.set_hours, clinic_id, DOCTOR, [(1, Span(8 * 60, 17 * 60))])
    with pytest.raises(QueueClosed) as caught:
        world.run(service.join, world.patient(), clinic_id, DOCTOR, "Feber", Channel.VIDEO)
    # Tuesday at eight in Stockholm, in winter.
    assert caught.value.extra == {"next_opening": "2026-03-03T07:00:00Z"}


def test_a_clinic_that_never_opens(world: World) -> None:
    clinic_id = world.add_clinic(always=False)
    with pytest.raises(QueueClosed) as caught:
        world.run(service.join, world.patient(), clinic_id, DOCTOR, "Feber", Channel.VIDEO)
    assert caught.value.extra == {"next_opening": None}


def test_closing_keeps_those_who_wait(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient)
    world.run(clinics.add_exception, world.clinic_id, date(2026, 3, 2))
    assert world.run(service.ticket_for, patient, ticket.ticket.id).place == 1
    assert not world.run(service.board, doctor).open
    with pytest.raises(QueueClosed):
        world.wait()


@pytest.mark.parametrize("state", ["waiting", "called", "admitted"])
def test_a_second_open_case_leads_to_the_first(world: World, state: str) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient).ticket
    visit_id = None
    if state != "waiting":
        visit_id = new_id()
        world.run(service.claim_next, doctor, visit_id)
    if state == "admitted":
        world.run(service.admit, ticket.id)
    with pytest.raises(AlreadyWaiting) as caught:
        world.wait(patient)
    assert caught.value.extra == {"ticket_id": ticket.id, "visit_id": visit_id}


def test_the_index_guards_the_second_case_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two units that both saw no open case: the later gets the same error from the index."""
    from server.queueing import service_patient

    patient = world.patient()
    ticket = world.wait(patient).ticket
    real, blind = service_patient._refuse_second, iter([True])

    def once_blind(*args: object) -> None:
        if not next(blind, False):
            real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(service_patient, "_refuse_second", once_blind)
    with pytest.raises(AlreadyWaiting) as caught:
        world.wait(patient)
    assert caught.value.extra["ticket_id"] == ticket.id


def test_another_clinic_is_another_case(world: World) -> None:
    patient = world.patient()
    world.wait(patient)
    other = world.add_clinic()
    view = world.run(service.join, patient, other, DOCTOR, "Feber", Channel.VIDEO)
    assert view.place == 1
    assert len(world.run(service.open_tickets, patient)) == 2


def test_a_stranger_sees_nothing(world: World) -> None:
    ticket = world.wait().ticket
    stranger = world.patient()
    calls: list[Callable[[], object]] = [
        lambda: world.run(service.ticket_for, stranger, ticket.id),
        lambda: world.run(service.leave, stranger, ticket.id),
        lambda: world.run(service.set_channel, stranger, ticket.id, Channel.CHAT),
        lambda: world.run(service.ticket_for, stranger, new_id()),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    assert world.run(service.versions, stranger, [ticket.id]) == {}


def test_leaving_moves_the_others_up(world: World) -> None:
    patient, behind = world.patient(), world.patient()
    first, second = world.wait(patient), world.wait(behind)
    left = world.run(service.leave, patient, first.ticket.id)
    assert (left.ticket.state, left.place, left.waiting_total) == (TicketState.LEFT, None, None)
    moved = world.run(service.ticket_for, behind, second.ticket.id)
    assert (moved.place, moved.waiting_total) == (1, 1)
    assert moved.version > second.version
    again = world.run(service.leave, patient, first.ticket.id)
    assert again.version == left.version
    assert world.wait(patient).place == 2


def test_leaving_while_called_but_not_once_admitted(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient).ticket
    world.run(service.claim_next, doctor, new_id())
    assert world.run(service.leave, patient, ticket.id).ticket.state is TicketState.LEFT
    ticket = world.wait(patient).ticket
    world.run(service.claim_next, doctor, new_id())
    world.run(service.admit, ticket.id)
    with pytest.raises(IllegalMove) as caught:
        world.run(service.leave, patient, ticket.id)
    assert caught.value.extra == {"state": "admitted"}


def test_the_channel_is_chosen_while_waiting(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient)
    changed = world.run(service.set_channel, patient, ticket.ticket.id, Channel.CHAT)
    assert changed.ticket.channel is Channel.CHAT
    assert changed.version > ticket.version
    same = world.run(service.set_channel, patient, ticket.ticket.id, Channel.CHAT)
    assert same.version == changed.version
    assert world.run(service.board, doctor).tickets[0].channel is Channel.CHAT
    world.run(service.claim_next, doctor, new_id())
    with pytest.raises(IllegalMove):
        world.run(service.set_channel, patient, ticket.ticket.id, Channel.VIDEO)


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
    assert [place.ticket_id for place in _places(world)] == [first.id, second.id]
    assert world.run(service.claim_next, doctor, new_id()).id == second.id
    with pytest.raises(QueueEmpty):
        world.run(service.claim_next, doctor, new_id())
    assert back.not_before == world.now + timedelta(minutes=10)
    world.later(minutes=10)
    assert world.run(service.claim_next, doctor, new_id()).id == first.id
    world.run(service.requeue, first.id, no_answer=False)
    assert world.run(service.claim, doctor, first.id, new_id()).id == first.id


def _places(world: World) -> list[TicketPlace]:
    return world.run(service.places, world.clinic_id, DOCTOR)


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


def test_taking_takes_duty(world: World) -> None:
    doctor = world.doctor(on_duty=False)
    ticket = world.wait().ticket
    for error in (DutyOff, DutyPaused):
        with pytest.raises(error):
            world.run(service.claim_next, doctor, new_id())
        with pytest.raises(error):
            world.run(service.claim, doctor, ticket.id, new_id())
        world.run(service.set_duty, doctor, DutyState.ON, world.clinic_id, DOCTOR)
        world.run(service.set_duty, doctor, DutyState.PAUSED)
    assert len(world.run(service.board, doctor).tickets) == 1


def test_duty_needs_a_commission_and_a_place(world: World) -> None:
    doctor = world.doctor(on_duty=False)
    with pytest.raises(DutyOff):
        world.run(service.set_duty, doctor, DutyState.PAUSED)
    with pytest.raises(Invalid):
        world.run(service.set_duty, doctor, DutyState.ON)
    with pytest.raises(NoCommission):
        world.run(service.set_duty, doctor, DutyState.ON, world.add_clinic(), DOCTOR)
    assert world.run(service.set_duty, doctor, DutyState.OFF) is None
    with pytest.raises(DutyOff):
        world.run(service.board, doctor)


def test_a_pause_keeps_the_shift_and_another_queue_ends_it(world: World) -> None:
    doctor = world.doctor()
    first = world.run(service.require_duty, doctor.account_id)
    world.later(minutes=5)
    paused = world.run(service.set_duty, doctor, DutyState.PAUSED)
    again = world.run(service.set_duty, doctor, DutyState.ON, world.clinic_id, DOCTOR)
    assert paused is not None
    assert again is not None
    assert first.id == paused.id == again.id
    assert again.since == world.now
    same = world.run(service.set_duty, doctor, DutyState.ON, world.clinic_id, DOCTOR)
    assert same == again
    world.run(service.set_duty, doctor, DutyState.OFF)
    fresh = world.run(service.set_duty, doctor, DutyState.ON, world.clinic_id, DOCTOR)
    assert fresh is not None
    assert fresh.id != first.id


def test_the_board_names_nobody_who_waits(world: World) -> None:
    doctor, colleague = world.doctor(), world.doctor("Frida Kvick")
    world.run(service.set_duty, colleague, DutyState.PAUSED)
    child = world.patient("Lill Liten", date(2020, 3, 3))
    world.wait(child)
    taken = world.wait(world.patient()).ticket
    world.run(service.claim, doctor, taken.id, new_id())
    board = world.run(service.board, doctor)
    assert (board.on_duty, board.paused, board.open) == (1, 1, True)
    assert [(e.age, e.state, e.taken_by, e.taken_by_me) for e in board.tickets] == [
        (5, "waiting", None, False),
        (45, "called", "Ulla Ek", True),
    ]
    assert "Lill" not in repr(board)
    assert board.recent_median_minutes is None
    assert world.logged
    assert not any(action == "board" for _, action, _ in world.lines(child))


def test_each_change_raises_the_version(world: World) -> None:
    doctor, patient = world.doctor(), world.patient()

    def version() -> int:
        return world.run(service.watched_version, doctor, world.clinic_id, DOCTOR)

    seen = [version()]
    ticket = world.wait(patient).ticket
    steps: list[Callable[[], object]] = [
        lambda: world.run(service.set_channel, patient, ticket.id, Channel.CHAT),
        lambda: world.run(service.claim_next, doctor, new_id()),
        lambda: world.run(service.requeue, ticket.id, no_answer=False),
        lambda: world.run(service.claim_next, doctor, new_id()),
        lambda: world.run(service.admit, ticket.id),
        lambda: world.run(service.close_done, ticket.id, timedelta(minutes=5)),
        lambda: world.doctor(),
    ]
    for step in steps:
        seen.append(version())
        step()
    seen.append(version())
    assert seen == sorted(set(seen))


def test_the_wait_comes_from_ended_visits(world: World) -> None:
    doctor = world.doctor()
    for minutes in (5, 10, 10, 10, 60):
        assert world.wait().wait is None
        ticket = world.run(service.claim_next, doctor, new_id())
        world.run(service.admit, ticket.id)
        world.run(service.close_done, ticket.id, timedelta(minutes=minutes))
    assert world.run(service.board, doctor).recent_median_minutes == 10
    for _ in range(4):
        world.wait()
    patient = world.patient()
    assert world.wait(patient).wait == Wait(30, 60)
    world.doctor()
    assert [place.wait for place in _places(world)][4] == Wait(15, 30)
    assert world.run(service.waiting_and_wait, world.clinic_id, DOCTOR) == (5, Wait(15, 40))


def test_a_no_show_is_no_sample(world: World) -> None:
    doctor = world.doctor()
    ticket = world.wait().ticket
    world.run(service.claim_next, doctor, new_id())
    closed = world.run(service.close_no_show, ticket.id)
    assert (closed.state, closed.handling_seconds) == (TicketState.NO_SHOW, None)


def test_the_place_of_one_ticket(world: World) -> None:
    doctor = world.doctor()
    first, second = world.wait().ticket, world.wait().ticket
    found = world.run(service.ticket_place, second.id)
    assert found == _places(world)[1]
    assert world.run(service.place_of, second) == 2
    visit_id = new_id()
    world.run(service.claim, doctor, first.id, visit_id)
    called = world.run(service.ticket_place, first.id)
    assert called is not None
    assert (called.state, called.place, called.visit_id) == ("called", None, visit_id)
    assert world.run(service.ticket_place, new_id()) is None


def test_what_a_patient_does_is_logged(world: World) -> None:
    patient = world.patient()
    ticket = world.wait(patient).ticket
    world.run(service.ticket_for, patient, ticket.id)
    world.run(service.set_channel, patient, ticket.id, Channel.CHAT)
    world.run(service.leave, patient, ticket.id)
    assert [action for _, action, _ in world.lines(patient)] == [
        "join",
        "read",
        "channel",
        "leave",
    ]


def test_events_carry_the_version_that_a_look_finds(world: World) -> None:
    patient = world.patient()
    ticket = world.wait(patient)
    event = world.events[-1]
    assert event.kind == "ticket.joined"
    assert getattr(event, "version", None) == ticket.version


def test_the_claim_is_one_statement_on_both_engines() -> None:
    on_postgres = str(CLAIM_NEXT.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    on_sqlite = str(CLAIM_NEXT.compile(dialect=sqlite.dialect()))
    for text in (on_postgres, on_sqlite):
        assert text.startswith("UPDATE queue_tickets SET")
        assert "state = 'waiting'" in text
        assert "ORDER BY queue_tickets.level, queue_tickets.arrived_at, queue_tickets.id" in text
        assert "RETURNING" in text
    assert "FOR UPDATE SKIP LOCKED" in on_postgres
    assert "FOR UPDATE" not in on_sqlite


def test_the_claim_reads_the_index_of_those_who_wait(world: World) -> None:
    def plan(uow: UnitOfWork) -> str:
        text = str(CLAIM_NEXT.compile(uow.conn))
        count = text.count("?")
        rows = uow.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("x",) * count)
        return " ".join(row[3] for row in rows)

    found = world.run(plan)
    assert "ix_queue_tickets_waiting" in found
    assert "TEMP B-TREE" not in found


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
