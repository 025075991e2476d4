"""Lists of visits: pages, what is open, "where was I?", and what they cost."""

import pytest

from server.kit.errors import Conflict
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.visits import service
from server.visits.domain import (
    VisitState,
)
from tests.server.queueing.world import SORTED, World


def test_a_list_asks_for_all_care_relations_at_once(world: World) -> None:
    doctor = world.doctor()
    for _ in range(3):
        world.wait()
        world.run(service.call_next, doctor)
    seen, asked = world.asked(service.summaries, doctor)
    assert [each.patient is not None for each in seen] == [True] * 3
    assert len([text for text, _ in asked if "FROM care_relations" in text]) == 1


def test_open_visits_are_found_by_their_index(world: World) -> None:
    _, doctor, met = world.met()
    found, asked = world.asked(service.open_summaries, doctor)
    assert [each.visit.id for each in found] == [met.visit.id]
    plan = world.plan(
        next(each for each in asked if "FROM visits" in each[0]),
        "ix_visits_clinician_id",
        "uq_visits_open",
    )
    assert "ix_visits_open" in plan
    assert not SORTED.search(plan)


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
