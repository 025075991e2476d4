"""The note: its versions, its signature, and when there can be none."""

import pytest
import sqlalchemy as sa

from server.kit.errors import Invalid
from server.visits import service
from server.visits.domain import (
    IllegalMove,
    NoteEmpty,
    NoteSigned,
    NoteStale,
    VisitState,
)
from server.visits.tables import visit_notes, visits
from tests.server.queueing.world import World


def test_the_note_is_kept_in_versions(world: World) -> None:
    patient, doctor, met = world.met()
    first = world.run(service.save_note, doctor, met.visit.id, "Feber\x00 sedan\r\nigår ", 0)
    assert first.note is not None
    assert (first.note.text, first.note.version) == ("Feber sedan\nigår ", 1)
    assert first.visit.version == met.visit.version + 1
    same = world.run(service.save_note, doctor, met.visit.id, "Feber sedan\nigår ", 1)
    assert same.visit == first.visit
    with pytest.raises(NoteStale) as caught:
        world.run(service.save_note, doctor, met.visit.id, "Hosta", 0)
    assert caught.value.extra == {"version": 1}
    told = world.run(service.stale_note, doctor, met.visit.id)
    assert told.extra == {"version": 1, "text": "Feber sedan\nigår "}
    assert world.lines(patient)[-1] == (doctor.account_id, "read", "visit")
    world.run(service.save_note, doctor, met.visit.id, "Feber, hosta", 1)
    count = world.run(
        lambda uow: uow.conn.scalar(sa.select(sa.func.count()).select_from(visit_notes))
    )
    assert count == 2
    assert world.run(service.visit_for, patient, met.visit.id).note is None
    with pytest.raises(Invalid) as invalid:
        world.run(service.save_note, doctor, met.visit.id, "x" * 20_001, 2)
    assert invalid.value.field == "text"


def test_signing(world: World) -> None:
    patient, doctor, met = world.met()
    world.run(service.save_note, doctor, met.visit.id, "Vila.", 0)
    with pytest.raises(IllegalMove):
        world.run(service.sign_note, doctor, met.visit.id, 1)
    world.run(service.end, doctor, met.visit.id)
    with pytest.raises(NoteStale):
        world.run(service.sign_note, doctor, met.visit.id, 0)
    world.later(minutes=1)
    signed = world.run(service.sign_note, doctor, met.visit.id, 1)
    assert signed.visit.state is VisitState.DOCUMENTED
    read = world.run(service.visit_for, patient, met.visit.id).note
    assert read is not None
    assert (read.text, read.signed_by, read.signed_at) == ("Vila.", "Ulla Ek", world.now)
    with pytest.raises(NoteSigned):
        world.run(service.save_note, doctor, met.visit.id, "Mer", 1)
    with pytest.raises(NoteSigned):
        world.run(service.sign_note, doctor, met.visit.id, 1)


@pytest.mark.parametrize("text", [None, "", " \n\t "])
def test_an_empty_note_is_not_signed(world: World, text: str | None) -> None:
    _, doctor, met = world.met()
    version = 0
    if text is not None:
        saved = world.run(service.save_note, doctor, met.visit.id, text, 0)
        version = saved.visit.note_version
    world.run(service.end, doctor, met.visit.id)
    with pytest.raises(NoteEmpty):
        world.run(service.sign_note, doctor, met.visit.id, version)


def test_no_note_on_what_never_was(world: World) -> None:
    _, doctor, called = world.called()
    with pytest.raises(IllegalMove):
        world.run(service.save_note, doctor, called.visit.id, "Hm", 0)
    world.run(service.no_show, doctor, called.visit.id)
    with pytest.raises(IllegalMove):
        world.run(service.save_note, doctor, called.visit.id, "Hm", 0)


def test_the_database_refuses_documented_without_a_note(world: World) -> None:
    world.met()
    with pytest.raises(sa.exc.IntegrityError):
        world.run(lambda uow: uow.conn.execute(sa.update(visits).values(state="documented")))
