"""An old snapshot and all the hints since make the fresh snapshot."""

import asyncio
import random
from typing import Any

import pytest

from server.kit.errors import DomainError
from server.queueing import service as queueing
from server.queueing.domain import Channel, TicketView
from server.visits import service as visits
from server.visits.domain import ModeReason, Standing
from tests.signaling.stage import Person, Stage, Tab

Held = dict[str, dict[str, Any]]


def _apply(held: Held, hints: list[dict[str, Any]], key: str) -> None:
    for hint in hints:
        known = held.get(hint[key])
        if known is None or hint["version"] >= known["version"]:
            held[hint[key]] = hint


async def _step(
    stage: Stage, chance: random.Random, people: list[Person], staff: list[Person], open_: list[str]
) -> None:
    """Something that a person may try; most of it is refused most of the time."""
    patient, doctor = chance.choice(people), chance.choice(staff)
    visit_id = chance.choice(open_) if open_ else ""
    match chance.randrange(9):
        case 0 | 1:
            await stage.queue(patient)
        case 2:
            (view, *_) = await stage.database.read(queueing.open_tickets, patient.actor)
            await stage.write(queueing.leave, patient.actor, view.ticket.id)
        case 3 | 4:
            called = await stage.write(visits.call_next, doctor.actor)
            open_.append(called.visit.id)
        case 5:
            await stage.write(visits.join, patient.actor, visit_id)
        case 6:
            mode = chance.choice(list(Channel))
            await stage.write(visits.set_mode, doctor.actor, visit_id, mode, ModeReason.CHOSEN)
        case 7:
            use_case = chance.choice([visits.end, visits.give_back, visits.no_answer])
            await stage.write(use_case, doctor.actor, visit_id)
        case _:
            await stage.write(visits.leave, patient.actor, visit_id)


def _ticket_as_told(view: TicketView) -> tuple[object, ...]:
    wait = None if view.wait is None else (view.wait.low_minutes, view.wait.high_minutes)
    ticket = view.ticket
    return ticket.state.value, view.place, view.waiting_total, wait, ticket.visit_id, view.version


def _told_ticket(hint: dict[str, Any]) -> tuple[object, ...]:
    wait = hint["wait"]
    bounds = (wait["low_minutes"], wait["high_minutes"]) if wait["kind"] == "range" else None
    place, total = hint["place"], hint["waiting_total"]
    return hint["state"], place, total, bounds, hint["visit_id"], hint["version"]


def _visit_as_told(at: Standing) -> tuple[object, ...]:
    return at.state.value, at.mode.value, at.version, at.last_seq


def _last_seq(tab: Tab, visit_id: str) -> int:
    """The newest number that the socket told: by the visit's hint or by a line's."""
    told = [hint["last_seq"] for hint in tab.hints("visit.changed") if hint["visit_id"] == visit_id]
    lines = [hint["seq"] for hint in tab.hints("message.posted") if hint["visit_id"] == visit_id]
    newest: int = max(told + lines)
    return newest


@pytest.mark.property
@pytest.mark.parametrize("seed", range(3))
async def test_snapshot_and_hints_make_the_fresh_snapshot(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    people = [await stage.patient(f"P{n}") for n in range(4)]
    staff = [await stage.clinician(f"D{n}") for n in range(2)]
    tabs = {each.actor.account_id: await stage.tab(each) for each in (*people, *staff)}
    open_: list[str] = []
    for _ in range(120):
        try:
            await _step(stage, chance, people, staff, open_)
        except (DomainError, ValueError):
            continue
        if chance.random() < 0.2:
            await asyncio.sleep(0.03)
    await asyncio.sleep(0.4)
    compared = 0
    for patient in people:
        tab = tabs[patient.actor.account_id]
        tickets: Held = {}
        _apply(tickets, tab.hints("ticket.changed"), "ticket_id")
        for ticket_id, hint in tickets.items():
            view = await stage.write(queueing.ticket_for, patient.actor, ticket_id)
            assert _told_ticket(hint) == _ticket_as_told(view)
            compared += 1
    for person in (*people, *staff):
        tab = tabs[person.actor.account_id]
        held: Held = {}
        _apply(held, tab.hints("visit.changed"), "visit_id")
        for visit_id, hint in held.items():
            at = await stage.database.read(visits.standing, person.actor, visit_id)
            seq = _last_seq(tab, visit_id)
            assert (hint["state"], hint["mode"], hint["version"], seq) == _visit_as_told(at)
            compared += 1
    assert compared > 10
