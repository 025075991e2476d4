"""A visit's moves on a real database: joining, leaving, its mode, its ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.queueing import service as queueing
from server.queueing.domain import Channel, RequeuedOnce, TicketState
from server.visits import service
from server.visits.domain import (
    IllegalMove,
    ModeReason,
    VisitClosed,
    VisitState,
    VisitView,
)
from server.visits.tables import visit_mode_changes
from tests.server.queueing.world import World


def _ticket(world: World, view: VisitView) -> TicketState:
    return world.run(queueing.ticket_of, view.visit.ticket_id).state


def test_calling_shows_each_side_what_it_may_see(world: World) -> None:
    patient, doctor, view = world.called()
    assert view.visit.state is VisitState.CALLED
    assert view.patient is not None
    assert (view.patient.name, view.patient.age) == ("Asta Berg", 45)
    assert view.answer_by == world.now + timedelta(minutes=5)
    assert view.requeue_possible
    seen = world.run(service.visit_for, patient, view.visit.id)
    assert seen.patient is None
    assert (seen.clinician.name, seen.clinician.title) == ("Ulla Ek", "Läkare")
    ticket = world.run(queueing.ticket_for, patient, view.visit.ticket_id)
    assert (ticket.ticket.state, ticket.ticket.visit_id) == ("called", view.visit.id)
    assert (doctor.account_id, "call", "visit") in world.lines(patient)


def test_joining_once_or_often(world: World) -> None:
    patient, _, called = world.called()
    world.later(minutes=1)
    joined = world.run(service.join, patient, called.visit.id)
    assert (joined.visit.state, joined.visit.joined_at) == ("in_progress", world.now)
    assert _ticket(world, joined) is TicketState.ADMITTED
    world.later(minutes=1)
    again = world.run(service.join, patient, called.visit.id)
    assert again.visit == joined.visit
    assert world.conversation(patient, called.visit.id) == [(1, "system", "joined.patient")]


def test_leaving_and_coming_back(world: World) -> None:
    patient, _, met = world.met()
    left = world.run(service.leave, patient, met.visit.id)
    assert left.visit.patient_left_at == world.now
    assert left.visit.state is VisitState.IN_PROGRESS
    assert world.run(service.leave, patient, met.visit.id).visit == left.visit
    back = world.run(service.join, patient, met.visit.id)
    assert back.visit.patient_left_at is None
    assert [body for _, _, body in world.conversation(patient, met.visit.id)] == [
        "joined.patient",
        "left.patient",
        "joined.patient",
    ]


def test_leaving_before_joining_is_leaving_the_queue(world: World) -> None:
    patient, doctor, called = world.called()
    with pytest.raises(IllegalMove):
        world.run(service.leave, patient, called.visit.id)
    world.run(queueing.leave, patient, called.visit.ticket_id)
    ended = world.run(service.visit_for, doctor, called.visit.id)
    assert (ended.visit.state, ended.visit.joined_at) == ("ended", None)
    assert world.conversation(doctor, called.visit.id) == [(1, "system", "ended.patient")]
    saved = world.run(service.save_note, doctor, called.visit.id, "Gick själv.", 0)
    assert saved.patient is not None
    world.run(service.sign_note, doctor, called.visit.id, 1)
    with pytest.raises(VisitClosed):
        world.run(service.join, patient, called.visit.id)


def test_confirming_the_right_patient(world: World) -> None:
    patient, doctor, called = world.called()
    with pytest.raises(IllegalMove):
        world.run(service.confirm_identity, doctor, called.visit.id)
    world.run(service.join, patient, called.visit.id)
    world.later(minutes=1)
    confirmed = world.run(service.confirm_identity, doctor, called.visit.id)
    assert confirmed.visit.identity_confirmed_at == world.now
    assert confirmed.visit.identity_confirmed_by == doctor.account_id
    world.later(minutes=1)
    assert world.run(service.confirm_identity, doctor, called.visit.id).visit == confirmed.visit


def test_over_to_chat_and_back(world: World) -> None:
    patient, doctor, met = world.met()
    chat = world.run(
        service.set_mode, patient, met.visit.id, Channel.CHAT, ModeReason.PERMISSION_DENIED
    ).visit
    assert (chat.mode, chat.mode_reason, chat.mode_by) == ("chat", "permission_denied", "patient")
    assert (chat.started_as, chat.last_seq) == ("video", 2)
    same = world.run(service.set_mode, doctor, met.visit.id, Channel.CHAT, ModeReason.CHOSEN)
    assert same.visit == chat
    world.run(service.set_mode, doctor, met.visit.id, Channel.VIDEO, ModeReason.CHOSEN)
    assert [body for _, _, body in world.conversation(doctor, met.visit.id)] == [
        "joined.patient",
        "mode.chat.permission_denied.patient",
        "mode.video.chosen.clinician",
    ]

    def changes(uow: UnitOfWork) -> list[tuple[str, str, str]]:
        rows = uow.conn.execute(sa.select(visit_mode_changes).order_by(visit_mode_changes.c.id))
        return [(row.mode, row.reason, row.changed_by) for row in rows]

    assert world.run(changes) == [
        ("chat", "permission_denied", "patient"),
        ("video", "chosen", "clinician"),
    ]


def test_no_answer_once_then_no_show(world: World) -> None:
    patient, doctor, called = world.called()
    missed = world.run(service.no_answer, doctor, called.visit.id)
    assert (missed.visit.state, missed.patient) == ("no_response", None)
    ticket = world.run(queueing.ticket_for, patient, called.visit.ticket_id).ticket
    assert (ticket.state, ticket.visit_id, ticket.requeues) == ("waiting", None, 1)
    again = world.run(service.take, doctor, ticket.id)
    assert again.visit.id != called.visit.id
    assert not again.requeue_possible
    with pytest.raises(RequeuedOnce):
        world.run(service.no_answer, doctor, again.visit.id)
    gone = world.run(service.no_show, doctor, again.visit.id)
    assert gone.visit.state is VisitState.NO_SHOW
    assert _ticket(world, gone) is TicketState.NO_SHOW


def test_putting_back_gives_the_place_back(world: World) -> None:
    _, doctor, called = world.called()
    world.wait()
    returned = world.run(service.give_back, doctor, called.visit.id)
    assert returned.visit.state is VisitState.RETURNED
    assert world.run(service.call_next, doctor).visit.ticket_id == called.visit.ticket_id


def test_ending_stores_how_long_it_took(world: World) -> None:
    patient, doctor, called = world.called()
    with pytest.raises(IllegalMove):
        world.run(service.end, doctor, called.visit.id)
    world.later(minutes=2)
    world.run(service.join, patient, called.visit.id)
    world.later(minutes=10)
    ended = world.run(service.end, doctor, called.visit.id)
    assert (ended.visit.state, ended.visit.ended_at) == ("ended", world.now)
    ticket = world.run(queueing.ticket_of, called.visit.ticket_id)
    assert (ticket.state, ticket.handling_seconds) == ("done", 12 * 60)
    assert world.conversation(patient, called.visit.id)[-1][2] == "ended.clinician"
    assert world.run(service.leave, patient, called.visit.id).visit == ended.visit
    with pytest.raises(IllegalMove):
        world.run(service.end, doctor, called.visit.id)


@pytest.mark.parametrize("end", [service.no_answer, service.no_show, service.give_back])
def test_who_has_begun_can_not_be_put_away(
    world: World, end: Callable[[UnitOfWork, Actor, str], VisitView]
) -> None:
    _, doctor, met = world.met()
    with pytest.raises(IllegalMove):
        world.run(end, doctor, met.visit.id)
    assert _ticket(world, met) is TicketState.ADMITTED


def test_what_is_over_is_closed(world: World) -> None:
    patient, doctor, met = world.met()
    world.run(service.end, doctor, met.visit.id)
    with pytest.raises(VisitClosed):
        world.run(service.join, patient, met.visit.id)
    with pytest.raises(VisitClosed) as caught:
        world.run(service.set_mode, patient, met.visit.id, Channel.CHAT, ModeReason.CHOSEN)
    assert caught.value.extra == {"state": "ended"}


def test_events_tell_where_the_visit_stands(world: World) -> None:
    patient, _, called = world.called()
    world.run(service.join, patient, called.visit.id)
    kinds = [event.kind for event in world.events]
    assert kinds[-4:] == ["ticket.admitted", "visit.line", "message.posted", "visit.changed"]
    last = world.events[-1]
    assert getattr(last, "last_seq", None) == 1
    assert getattr(last, "version", None) == 2
