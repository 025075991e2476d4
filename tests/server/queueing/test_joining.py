"""Joining a queue: where one stands, what is asked for, when it is refused."""

from datetime import date

import pytest

from server.clinics import service as clinics
from server.clinics.domain import Span
from server.kit.actor import Profession
from server.kit.errors import Invalid, NotFound
from server.kit.ids import new_id
from server.queueing import service
from server.queueing.domain import (
    AlreadyWaiting,
    Channel,
    NoService,
    QueueClosed,
)
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


def test_who_waits_is_led_to_the_case_also_when_the_clinic_has_closed(world: World) -> None:
    patient = world.patient()
    ticket = world.wait(patient).ticket
    world.run(clinics.add_exception, world.clinic_id, date(2026, 3, 2))
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
