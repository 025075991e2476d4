"""While one waits: who sees the ticket, its place and its channel, and how one leaves."""

from collections.abc import Callable

import pytest

from server.kit.errors import NotFound
from server.kit.ids import new_id
from server.queueing import service
from server.queueing.domain import (
    Channel,
    IllegalMove,
    TicketState,
)
from tests.server.queueing.world import DOCTOR, World


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


def test_places_are_read_of_those_whom_they_concern(world: World) -> None:
    people = [world.patient() for _ in range(4)]
    tickets = [world.wait(each).ticket.id for each in people]
    some = {people[1].account_id, people[3].account_id}
    everybody = world.places()
    assert [place.ticket_id for place in everybody] == tickets
    mine = world.run(service.places, world.clinic_id, DOCTOR, some)
    assert mine == [everybody[1], everybody[3]]
    assert [(place.place, place.waiting_total) for place in mine] == [(2, 4), (4, 4)]
    nobody, asked = world.asked(service.places, world.clinic_id, DOCTOR, frozenset())
    assert nobody == []
    assert len([text for text, _ in asked if text.startswith("SELECT")]) == 2


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
