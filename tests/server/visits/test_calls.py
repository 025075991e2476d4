"""What a call was like, in a word for each person; and who may read it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.access import service as access
from server.kit.errors import NotFound
from server.visits import service
from server.visits.domain import CallQuality, CallWord, PersonCall, people_of
from tests.server.queueing.world import World

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
FINE = CallQuality(
    visit_id="v", role="patient", participant="p", started_at=AT,
    ended_at=AT + timedelta(minutes=10), ending="closed", transport="udp", loss_up=0.01,
    loss_down=0.0, jitter_up_ms=2.0, jitter_down_ms=4.0, round_trip_p50_ms=30.0,
    round_trip_p95_ms=60.0, bitrate_up=900_000, bitrate_down=1_200_000, restarts=0,
    interruptions=0,
)  # fmt: skip
LOST = CallQuality(
    visit_id="v", role="patient", participant="p", started_at=AT,
    ended_at=AT + timedelta(minutes=1), ending="worker_lost",
)  # fmt: skip


def moved(call: CallQuality, minutes: float) -> CallQuality:
    by = timedelta(minutes=minutes)
    return replace(call, started_at=call.started_at + by, ended_at=call.ended_at + by)


def only(*calls: CallQuality) -> PersonCall:
    (person,) = people_of(calls)
    return person


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (FINE, CallWord.GOOD),
        (replace(FINE, loss_up=None, loss_down=None), CallWord.GOOD),
        (replace(FINE, loss_down=0.0399), CallWord.GOOD),
        (replace(FINE, loss_down=0.04), CallWord.WEAK),
        (replace(FINE, loss_up=0.12), CallWord.BAD),
        (replace(FINE, round_trip_p50_ms=400.0), CallWord.WEAK),
        (replace(FINE, round_trip_p50_ms=900.0), CallWord.BAD),
        (replace(FINE, round_trip_p95_ms=2000.0), CallWord.GOOD),
        (replace(FINE, interruptions=1), CallWord.WEAK),
        (replace(FINE, interruptions=3), CallWord.BAD),
        # Too short for a number, and yet nothing went wrong.
        (replace(FINE, loss_up=None, loss_down=None, round_trip_p50_ms=None), CallWord.UNKNOWN),
        (LOST, CallWord.WEAK),
    ],
)
def test_a_word_for_it(call: CallQuality, word: CallWord) -> None:
    assert only(call).word is word


def test_numbers_are_weighed_by_time_and_the_worst_is_not_hidden() -> None:
    longer = moved(FINE, 20)
    longer = replace(
        longer, ended_at=longer.started_at + timedelta(minutes=30), loss_up=0.05, transport="tcp",
        round_trip_p95_ms=500.0, bitrate_up=100_000, bitrate_down=None, restarts=2, interruptions=1,
    )  # fmt: skip
    person = only(longer, FINE)
    assert (person.loss_up, person.bitrate_up) == (0.04, 300_000)
    assert (person.bitrate_down, person.round_trip_p95_ms) == (1_200_000, 500.0)
    assert (person.transports, person.connections, person.seconds) == (("tcp", "udp"), 2, 2400)
    assert (person.restarts, person.interruptions, person.number) == (2, 1, None)


def test_two_tabs_at_once_are_no_longer_time() -> None:
    inside = replace(FINE, ended_at=AT + timedelta(minutes=4))
    assert only(FINE, moved(inside, 2), moved(FINE, 5)).seconds == 15 * 60


def test_a_lost_worker_is_an_interruption_and_leaves_the_other_numbers() -> None:
    person = only(LOST, moved(FINE, 2))
    assert (person.unmeasured, person.interruptions, person.loss_up) == (1, 1, 0.01)
    assert person.seconds == 11 * 60


def test_people_of_one_role_are_told_apart() -> None:
    calls = [
        replace(moved(FINE, 3), role="relative", participant="b"),
        replace(moved(FINE, 1), role="relative", participant="a"),
        replace(moved(FINE, 20), role="relative", participant="a"),
        replace(moved(FINE, 2), role="clinician", participant="c"),
        FINE,
    ]
    assert [(each.role, each.number, each.connections) for each in people_of(calls)] == [
        ("patient", None, 1), ("relative", 1, 2), ("clinician", None, 1), ("relative", 2, 1),
    ]  # fmt: skip
    assert people_of([]) == []


def test_its_clinician_reads_it_with_a_line_while_she_cares_for_the_patient(world: World) -> None:
    patient, doctor, met = world.met()
    at = met.visit.id
    assert world.run(service.call_quality, doctor, at) == []
    world.run(service.record_call, replace(FINE, visit_id=at))
    world.run(service.end, doctor, at)
    before = len(world.lines(patient))
    (person,) = world.run(service.call_quality, doctor, at)
    assert (person.role, person.word) == ("patient", CallWord.GOOD)
    assert world.lines(patient)[before:] == [(doctor.account_id, "read", "call_quality")]
    for stranger in (world.doctor("Bo Ek"), world.patient("Eva Ek")):
        with pytest.raises(NotFound):
            world.run(service.call_quality, stranger, at)
    world.later(days=31)
    world.run(access.close_expired, 30)
    with pytest.raises(NotFound):
        world.run(service.call_quality, doctor, at)
    assert len(world.lines(patient)) == before + 1
