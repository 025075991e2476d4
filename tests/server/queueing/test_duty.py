"""On duty: what taking somebody asks for, what the board shows, and the estimate."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from server.kit.errors import Invalid
from server.kit.ids import new_id
from server.queueing import service, service_clinician
from server.queueing.domain import (
    Channel,
    DutyOff,
    DutyPaused,
    DutyState,
    NoCommission,
    Wait,
)
from tests.server.queueing.world import DOCTOR, World


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


def test_a_board_is_as_long_as_somebody_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_clinician, "BOARD_LENGTH", 2)
    doctor = world.doctor()
    tickets = [world.wait().ticket for _ in range(5)]
    # One from the very end is taken: she is seen all the same.
    world.run(service.claim, doctor, tickets[4].id, new_id())
    board = world.run(service.board, doctor)
    assert [each.id for each in board.tickets] == [tickets[at].id for at in (0, 1, 4)]
    assert board.waiting_total == 4
    for ticket in tickets[:3]:
        world.run(service.claim, doctor, ticket.id, new_id())
    assert world.run(service.board, doctor).waiting_total == 1


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
    assert [place.wait for place in world.places()][4] == Wait(15, 30)
    assert world.run(service.waiting_and_wait, world.clinic_id, DOCTOR) == (5, Wait(15, 40))
