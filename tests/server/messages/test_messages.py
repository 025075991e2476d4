"""Conversations: exactly once, in order, only while the visit is open."""

import random
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from server.kit import outbox
from server.kit.actor import Actor
from server.kit.errors import Invalid, NotFound
from server.kit.schema import outbox as outbox_table
from server.messages import service
from server.messages.domain import BODY_LENGTH, IdReuse, Message, MessagePosted
from server.visits import service as visits
from server.visits.domain import VisitClosed
from tests.server.queueing.world import World


def _id() -> str:
    return str(uuid.uuid4())


def test_both_sides_write_and_see_one_order(world: World) -> None:
    patient, doctor, met = world.met()
    world.run(service.post, patient, met.visit.id, _id(), "  Hej!  ")
    world.run(service.post, doctor, met.visit.id, _id(), "God dag.")
    expected = [
        (1, "system", "joined.patient"),
        (2, "patient", "Hej!"),
        (3, "clinician", "God dag."),
    ]
    assert world.conversation(patient, met.visit.id) == expected
    assert world.conversation(doctor, met.visit.id) == expected
    lines, last = world.run(service.since, doctor, met.visit.id, 0)
    assert [line.sender_name for line in lines] == [None, "Asta Berg", "Ulla Ek"]
    assert last == 3
    assert world.run(visits.standing, patient, met.visit.id).last_seq == 3


def test_writing_is_possible_from_the_call_on(world: World) -> None:
    patient, doctor, called = world.called()
    assert world.run(service.post, doctor, called.visit.id, _id(), "Är du där?").seq == 1
    world.run(visits.no_answer, doctor, called.visit.id)
    for actor in (patient, doctor):
        with pytest.raises(VisitClosed):
            world.run(service.post, actor, called.visit.id, _id(), "Hallå")


def test_a_repeat_is_the_same_message(world: World) -> None:
    patient, doctor, met = world.met()
    client_id = _id()
    first = world.run(service.post, patient, met.visit.id, client_id, "Hej")
    events = len(world.events)
    world.later(minutes=1)
    assert world.run(service.post, patient, met.visit.id, client_id, " Hej ") == first
    assert world.run(service.post, patient, met.visit.id, client_id.upper(), "Hej") == first
    assert len(world.events) == events
    with pytest.raises(IdReuse) as caught:
        world.run(service.post, patient, met.visit.id, client_id, "Nej")
    assert caught.value.field == "client_id"
    # The same id from the other side is another message.
    assert world.run(service.post, doctor, met.visit.id, client_id, "Nej").seq == first.seq + 1
    world.run(visits.end, doctor, met.visit.id)
    assert world.run(service.post, patient, met.visit.id, client_id, "Hej") == first


@pytest.mark.parametrize("body", ["", " \n ", "\x00\x07", "x" * (BODY_LENGTH + 1), "x" * 100_000])
def test_too_short_or_too_long(world: World, body: str) -> None:
    patient, _, met = world.met()
    with pytest.raises(Invalid) as caught:
        world.run(service.post, patient, met.visit.id, _id(), body)
    assert caught.value.field == "body"
    assert world.run(visits.standing, patient, met.visit.id).last_seq == 1


def test_the_longest_message_and_what_nobody_sees(world: World) -> None:
    patient, _, met = world.met()
    long = world.run(service.post, patient, met.visit.id, _id(), " " + "å" * BODY_LENGTH + " ")
    assert len(long.body) == BODY_LENGTH
    clean = world.run(service.post, patient, met.visit.id, _id(), "ett\r\n\ttvå\x1b\x00 \ud83d 👍")
    assert clean.body == "ett\n\ttvå  👍"


def test_a_client_id_must_be_one(world: World) -> None:
    patient, _, met = world.met()
    with pytest.raises(Invalid) as caught:
        world.run(service.post, patient, met.visit.id, "1; drop table", "Hej")
    assert caught.value.field == "client_id"


def test_a_stranger_neither_reads_nor_writes(world: World) -> None:
    _, _, met = world.met()
    for stranger in (world.patient(), world.doctor()):
        with pytest.raises(NotFound):
            world.run(service.post, stranger, met.visit.id, _id(), "Hej")
        with pytest.raises(NotFound):
            world.run(service.since, stranger, met.visit.id)


def test_catching_up_in_pages(world: World) -> None:
    patient, _, met = world.met()
    for number in range(2, 8):
        world.run(service.post, patient, met.visit.id, _id(), str(number))
    page, last = world.run(service.since, patient, met.visit.id, 2, 3)
    assert ([line.seq for line in page], last) == ([3, 4, 5], 7)
    page, last = world.run(service.since, patient, met.visit.id, 7)
    assert (page, last) == ([], 7)


@pytest.mark.parametrize("at_once", [True, False])
def test_the_outbox_keeps_no_copy_of_what_was_told(world: World, at_once: bool) -> None:
    patient, _, met = world.met()
    world.run(service.post, patient, met.visit.id, _id(), "Det svider.")
    stored = world.run(lambda uow: outbox.undelivered(uow.conn))
    told = [each.event for each in stored if isinstance(each.event, MessagePosted)]
    assert "Det svider." in [event.body for event in told]
    ids = [each.id for each in stored]
    world.run(lambda uow: outbox.mark_delivered(uow.conn, ids, uow.now, forgetting=at_once))
    if not at_once:
        world.run(lambda uow: outbox.forget_words(uow.conn, ids))
    kept = world.run(lambda uow: uow.conn.execute(sa.select(outbox_table)).all())
    assert all(row.delivered_at for row in kept)
    assert {bool(row.data) for row in kept if row.kind == MessagePosted.kind} == {False}
    assert {bool(row.data) for row in kept if row.kind != MessagePosted.kind} == {True}


def test_reading_and_writing_are_logged(world: World) -> None:
    patient, doctor, met = world.met()
    before = len(world.lines(patient))
    world.run(service.post, doctor, met.visit.id, _id(), "Hej")
    world.run(service.since, doctor, met.visit.id)
    assert world.logged
    assert world.lines(patient)[before:] == [
        (doctor.account_id, "write", "messages"),
        (doctor.account_id, "read", "messages"),
    ]


class Reader:
    """A client: shows each line once and in order, and catches up when a number is missing."""

    def __init__(self, world: World, actor: Actor, visit_id: str) -> None:
        self.world, self.actor, self.visit_id = world, actor, visit_id
        self.shown: list[tuple[int, str]] = []

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return self.shown[-1][0] if self.shown else 0

    def hear(self, seq: int, body: str) -> None:
        """A hint arrives: perhaps late, perhaps twice."""
        if seq == self.last + 1:
            self.shown.append((seq, body))
        elif seq > self.last:
            self.catch_up()

    def catch_up(self) -> None:
        """Fetch what is missing."""
        while True:
            lines, last = self.world.run(service.since, self.actor, self.visit_id, self.last, 3)
            self.shown += [(line.seq, line.body) for line in lines]
            if self.last >= last:
                return


@pytest.mark.property
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), drop=st.sampled_from([0.0, 0.2, 0.5]))
def test_exactly_once_on_a_network_that_drops_and_doubles(
    new_world: Callable[[], World], seed: int, drop: float
) -> None:
    """Requests, answers, hints are lost, doubled and late; both sides end with the same lines."""
    world = new_world()
    try:
        _converse(world, random.Random(seed), drop)
    finally:
        world.close()


def _converse(world: World, chance: random.Random, drop: float) -> None:
    patient, doctor, met = world.met()
    visit_id = met.visit.id
    readers = [Reader(world, patient, visit_id), Reader(world, doctor, visit_id)]
    late: list[tuple[Reader, int, str]] = []
    told = len(world.events)
    sent: dict[str, list[str]] = {patient.account_id: [], doctor.account_id: []}

    def deliver_hints() -> None:
        nonlocal told
        for event in world.events[told:]:
            if isinstance(event, MessagePosted):
                late.extend(
                    (reader, event.seq, event.body)
                    for reader in readers
                    for _ in range(chance.choice([1, 1, 2]))
                    if chance.random() >= drop
                )
        told = len(world.events)
        chance.shuffle(late)
        while late and chance.random() < 0.7:
            reader, seq, body = late.pop()
            reader.hear(seq, body)

    def send(actor: Actor, body: str) -> Message:
        client_id, acknowledged = _id(), None
        while acknowledged is None:
            if chance.random() < drop:
                continue  # the request is lost
            answer = world.run(service.post, actor, visit_id, client_id, body)
            deliver_hints()
            if chance.random() < drop:  # or doubled
                assert world.run(service.post, actor, visit_id, client_id, body) == answer
                deliver_hints()
            acknowledged = None if chance.random() < drop else answer  # or its answer is lost
        return acknowledged

    for number in range(30):
        actor = chance.choice([patient, doctor])
        body = f"{number} {chance.random()}"
        assert send(actor, body).body == body
        sent[actor.account_id].append(body)
    for reader in readers:
        reader.catch_up()
    assert readers[0].shown == readers[1].shown
    assert [seq for seq, _ in readers[0].shown] == list(range(1, 32))
    lines, _ = world.run(service.since, patient, visit_id)
    for account_id, bodies in sent.items():
        assert [line.body for line in lines if line.sender_account == account_id] == bodies
