"""The visits' use cases on a real database: moves, errors, who sees what, what is logged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from server.access import service as access
from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import Conflict, Invalid, NotFound
from server.kit.ids import new_id
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState, RequeuedOnce, TicketState
from server.visits import service
from server.visits.domain import (
    IllegalMove,
    ModeReason,
    NoteEmpty,
    NoteSigned,
    NoteStale,
    VisitClosed,
    VisitState,
    VisitView,
)
from server.visits.tables import visit_mode_changes, visit_notes, visits
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
    assert caught.value.extra == {"version": 1, "text": "Feber sedan\nigår "}
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


def test_a_list_asks_for_all_care_relations_at_once(world: World) -> None:
    doctor = world.doctor()
    for _ in range(3):
        world.wait()
        world.run(service.call_next, doctor)
    asked: list[str] = []
    sa.event.listen(
        world.engine,
        "before_cursor_execute",
        lambda _conn, _cursor, statement, *_: asked.append(statement),
    )
    assert all(each.patient for each in world.run(service.summaries, doctor))
    assert len([each for each in asked if "FROM care_relations" in each]) == 1


def test_open_visits_are_found_by_their_index(world: World) -> None:
    _, doctor, met = world.met()
    ran: list[tuple[str, object]] = []
    sa.event.listen(
        world.engine,
        "before_cursor_execute",
        lambda _conn, _cursor, statement, values, *_: ran.append((statement, values)),
    )
    assert [each.visit.id for each in world.run(service.open_summaries, doctor)] == [met.visit.id]
    asked, values = next(each for each in ran if "FROM visits" in each[0])

    def plan(uow: UnitOfWork) -> str:
        rows = uow.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)  # type: ignore[arg-type]
        return " ".join(row[3] for row in rows)

    found = world.run(plan)
    assert "ix_visits_open" in found
    assert "TEMP B-TREE" not in found


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


def test_pages_of_visits(world: World) -> None:
    doctor = world.doctor()
    made = []
    for _ in range(5):
        world.wait()
        made.append(world.run(service.call_next, doctor).visit.id)
    page = world.run(service.summaries, doctor, None, 2)
    assert [view.visit.id for view in page] == made[:-3:-1]
    rest = world.run(service.summaries, doctor, page[-1].visit.id)
    assert [view.visit.id for view in rest] == made[2::-1]


def test_where_was_i(world: World) -> None:
    patient, doctor, met = world.met()
    other = world.add_clinic()
    world.run(queueing.join, patient, other, met.visit.profession, "Utslag", Channel.CHAT)
    tickets, open_visits = world.run(service.overview, patient)
    assert [view.ticket.state for view in tickets] == ["admitted", "waiting"]
    assert [view.visit.id for view in open_visits] == [met.visit.id]
    world.run(service.end, doctor, met.visit.id)
    tickets, open_visits = world.run(service.overview, patient)
    assert [view.ticket.state for view in tickets] == ["waiting"]
    assert open_visits == []


@pytest.mark.parametrize("state", [DutyState.PAUSED, DutyState.OFF])
def test_a_shift_may_end_with_open_visits_and_says_so(world: World, state: DutyState) -> None:
    _, doctor, met = world.met()
    view = world.run(service.set_duty, doctor, state)
    assert [each.visit.id for each in view.open_visits] == [met.visit.id]
    assert (view.duty is None) is (state is DutyState.OFF)
    with pytest.raises(Conflict):
        world.run(service.call_next, doctor)
    assert world.run(service.end, doctor, met.visit.id).visit.state is VisitState.ENDED
    assert world.run(service.duty, doctor).open_visits == []


def test_events_tell_where_the_visit_stands(world: World) -> None:
    patient, _, called = world.called()
    world.run(service.join, patient, called.visit.id)
    kinds = [event.kind for event in world.events]
    assert kinds[-4:] == ["ticket.admitted", "visit.line", "message.posted", "visit.changed"]
    last = world.events[-1]
    assert getattr(last, "last_seq", None) == 1
    assert getattr(last, "version", None) == 2
