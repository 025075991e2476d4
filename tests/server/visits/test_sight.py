"""Who sees a visit, for how long, and the line that each read leaves."""

import pytest

from server.access import service as access
from server.kit.errors import NotFound
from server.kit.ids import new_id
from server.messages import service as messages
from server.visits import service
from tests.server.queueing.world import World


def test_somebody_elses_visit_does_not_exist(world: World) -> None:
    patient, doctor, met = world.met()
    strangers = [world.patient("Eva Ek"), world.doctor("Bo Ek")]
    for stranger in strangers:
        for visit_id in (met.visit.id, new_id()):
            for fn in (service.visit_for, service.standing, service.join, service.end):
                with pytest.raises(NotFound) as caught:
                    world.run(fn, stranger, visit_id)
                assert caught.value.detail == "There is no such visit."
        assert world.run(service.summaries, stranger) == []
        assert world.run(service.standings, stranger, [met.visit.id]) == []
    assert all(who in {patient.account_id, doctor.account_id} for who, _, _ in world.lines(patient))


@pytest.mark.parametrize("end", ["no_answer", "no_show", "give_back"])
def test_the_care_relation_ends_when_the_two_did_not_meet(world: World, end: str) -> None:
    patient, doctor, called = world.called()
    assert world.run(access.has_relation, doctor, patient.account_id)
    last = world.run(getattr(service, end), doctor, called.visit.id)
    assert not world.run(access.has_relation, doctor, patient.account_id)
    assert last.patient is None
    assert world.run(service.visit_for, doctor, called.visit.id).patient is None


def test_the_care_relation_outlives_the_signature_for_its_days(world: World) -> None:
    patient, doctor, met = world.met()
    world.run(service.end, doctor, met.visit.id)
    world.run(service.save_note, doctor, met.visit.id, "Vila.", 0)
    signed = world.run(service.sign_note, doctor, met.visit.id, 1)
    assert signed.patient is not None
    world.later(days=31)
    assert world.run(access.close_expired, 30) == 1
    assert not world.run(access.has_relation, doctor, patient.account_id)
    assert world.run(service.visit_for, doctor, met.visit.id).patient is None


def test_without_a_care_relation_neither_note_nor_conversation_is_read(world: World) -> None:
    patient, doctor, met = world.met()
    at = met.visit.id
    world.run(messages.post, patient, at, new_id(), "Det svider.")
    world.run(service.end, doctor, at)
    world.run(service.save_note, doctor, at, "Vila.", 0)
    world.later(days=31)
    world.run(access.close_expired, 30)
    seen = world.run(service.visit_for, doctor, at)
    assert (seen.patient, seen.note) == (None, None)
    lines = len(world.lines(patient))
    with pytest.raises(NotFound):
        world.run(messages.since, doctor, at)
    with pytest.raises(NotFound):
        world.run(service.save_note, doctor, at, "Mera vila.", 0)
    with pytest.raises(NotFound):
        world.run(service.sign_note, doctor, at, 1)
    assert len(world.lines(patient)) == lines
    # To the patient it stays her own.
    assert (1, "patient", "Det svider.") in [
        (seq - 1, sender, body) for seq, sender, body in world.conversation(patient, at)
    ]


def test_every_read_leaves_a_line(world: World) -> None:
    patient, doctor, met = world.met()
    before = len(world.lines(patient))
    world.run(service.visit_for, doctor, met.visit.id)
    world.run(service.summaries, doctor)
    world.run(service.duty, doctor)
    world.conversation(doctor, met.visit.id)
    world.run(service.visit_for, patient, met.visit.id)
    world.run(service.overview, patient)
    assert world.lines(patient)[before:] == [
        (doctor.account_id, "read", "visit"),
        (doctor.account_id, "list", "visit"),
        (doctor.account_id, "list", "visit"),
        (doctor.account_id, "read", "messages"),
        (patient.account_id, "read", "visit"),
        (patient.account_id, "list", "visit"),
    ]


def test_an_empty_list_counts_as_logged(world: World) -> None:
    doctor, patient = world.doctor(), world.patient()
    for actor in (doctor, patient):
        assert world.run(service.summaries, actor) == []
        assert world.logged
    assert world.lines(patient) == [(patient.account_id, "list", "account")]
