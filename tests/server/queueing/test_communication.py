"""Who signs and who reads: said with the ticket, shown to whoever receives, changed at any time."""

import pytest

from server.guests import service as guests
from server.guests.domain import GuestIllegalMove, GuestMoved, GuestRole, communication_set, removed
from server.kit.errors import NotFound
from server.kit.ids import new_id
from server.queueing import service as queueing
from server.queueing.domain import Channel, Communication, IllegalMove
from server.queueing.events import TicketCalled, TicketCommunicationChanged
from server.visits import service as visits
from server.visits.domain import IllegalMove as VisitIllegalMove
from server.visits.domain import VisitChanged, VisitClosed
from tests.server.guests.lobby import Lobby, admit
from tests.server.queueing.world import DOCTOR, World

SPEECH, SIGNS, READS = Communication.SPEECH, Communication.SIGNS, Communication.READS


def test_it_is_said_when_asking_and_shown_before_and_in_the_visit(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.run(
        queueing.join,
        patient,
        world.clinic_id,
        DOCTOR,
        "Feber",
        Channel.VIDEO,
        communication=SIGNS,
    ).ticket
    world.wait()
    assert ticket.communication is SIGNS
    assert [each.communication for each in world.run(queueing.board, doctor).tickets] == [
        SIGNS,
        SPEECH,
    ]
    assert [each.communication for each in world.places()] == [SIGNS, SPEECH]
    met = world.run(visits.call_next, doctor).visit
    assert met.communication is SIGNS
    assert next(e for e in world.events if isinstance(e, TicketCalled)).communication == "signs"
    for actor in (patient, doctor):
        assert world.run(visits.visit_for, actor, met.id).visit.communication is SIGNS
        assert world.run(visits.standing, actor, met.id).communication is SIGNS


def test_it_is_changed_while_waiting_and_told(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient)
    world.events.clear()
    changed = world.run(queueing.set_communication, patient, ticket.ticket.id, READS)
    (event,) = world.events
    assert isinstance(event, TicketCommunicationChanged)
    assert (event.communication, event.version) == ("reads", changed.version)
    assert changed.version > ticket.version
    assert changed.ticket.communication is READS
    same = world.run(queueing.set_communication, patient, ticket.ticket.id, READS)
    assert same.version == changed.version, "nobody has to look again"
    assert world.run(queueing.board, doctor).tickets[0].communication is READS
    with pytest.raises(NotFound):
        world.run(queueing.set_communication, world.patient(), ticket.ticket.id, SIGNS)
    world.run(queueing.claim_next, doctor, new_id())
    with pytest.raises(IllegalMove):
        world.run(queueing.set_communication, patient, ticket.ticket.id, SIGNS)
    said = [action for _, action, _ in world.lines(patient)]
    assert said.count("communication") == 2


def test_who_is_put_back_in_the_queue_keeps_it(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient).ticket
    world.run(queueing.set_communication, patient, ticket.id, SIGNS)
    met = world.run(visits.call_next, doctor).visit
    world.run(visits.give_back, doctor, met.id)
    assert world.run(queueing.ticket_for, patient, ticket.id).ticket.communication is SIGNS
    assert world.run(visits.call_next, doctor).visit.communication is SIGNS


def test_in_the_visit_it_is_the_visits_and_both_pages_follow(world: World) -> None:
    patient, doctor, called = world.called()
    with pytest.raises(VisitIllegalMove):
        world.run(visits.set_communication, patient, called.visit.id, SIGNS)
    before = world.run(visits.join, patient, called.visit.id).visit
    world.events.clear()
    after = world.run(visits.set_communication, patient, before.id, SIGNS).visit
    assert (after.communication, after.version) == (SIGNS, before.version + 1)
    (event,) = world.events
    assert isinstance(event, VisitChanged)
    assert (event.communication, event.version, event.last_seq) == (
        "signs",
        after.version,
        before.last_seq,
    ), "the conversation has no line of it"
    assert world.run(visits.set_communication, patient, before.id, SIGNS).visit == after
    assert world.run(visits.visit_for, doctor, before.id).visit.communication is SIGNS
    with pytest.raises(NotFound):
        world.run(visits.set_communication, world.patient(), before.id, SPEECH)
    world.run(visits.end, doctor, before.id)
    with pytest.raises(VisitClosed):
        world.run(visits.set_communication, patient, before.id, SPEECH)


def test_an_interpreter_signs_by_invitation_and_a_guest_by_her_own_word(world: World) -> None:
    lobby = Lobby(world)
    interpreter = world.run(
        guests.invite, lobby.doctor, lobby.visit_id, "Ida", GuestRole.INTERPRETER, SIGNS
    )
    assert interpreter.communication is SIGNS
    relative = lobby.waiting()
    world.events.clear()
    view = world.run(guests.set_communication, relative, READS)
    assert view.guest.communication is view.standing.communication is READS
    (event,) = world.events
    assert isinstance(event, GuestMoved)
    assert (event.communication, event.own_version) == ("reads", view.standing.version)
    for actor in (lobby.patient, lobby.doctor):
        found = world.run(guests.guests_of, actor, lobby.visit_id).guests
        assert [each.communication for each in found] == [SIGNS, READS]
    lobby.door(admit, relative)
    assert world.run(guests.enter_call, relative, lobby.visit_id).communication is READS


def test_who_is_shown_out_says_nothing_more(world: World) -> None:
    lobby = Lobby(world)
    guest = lobby.inside()
    found = next(
        each
        for each in world.run(guests.guests_of, lobby.doctor, lobby.visit_id).guests
        if each.id == guest.account_id
    )
    gone = removed(found, world.now)
    with pytest.raises(GuestIllegalMove):
        communication_set(gone, SIGNS)
