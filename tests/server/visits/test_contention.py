"""64 clinicians take from a queue of 1,000 while people come, go and are put back.

On each engine, through the real use cases; whether it went right is read from the database.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from server.accounts import service as accounts
from server.audit import service as audit
from server.kit.actor import Actor, Audience
from server.kit.db import Database, UnitOfWork
from server.kit.errors import Busy, Conflict
from server.kit.events import Event
from server.kit.outbox import StoredEvent
from server.kit.schema import outbox
from server.queueing import service as queueing
from server.queueing.domain import (
    Channel,
    DutyState,
    QueueEmpty,
    TicketCalled,
    TicketEvent,
)
from server.queueing.tables import queue_heads, queue_tickets
from server.visits import service as visits
from server.visits.domain import VisitState
from server.visits.tables import visits as visits_table
from tests.server.queueing.world import DOCTOR
from tests.support import People

pytestmark = pytest.mark.property

T = TypeVar("T")
CLINICIANS = 64
WAITING = 1000
NEWCOMERS = 60
LEAVERS = 60
AT_ONCE = 100


def crowd(uow: UnitOfWork, number: int) -> list[Actor]:
    """So many patients."""
    made = []
    for _ in range(number):
        account = accounts.create(
            uow, Audience.PATIENT, f"p{random.random()}", "P", "-", birth_date=uow.now.date()
        )
        made.append(Actor(account.id, Audience.PATIENT, "session", account.name))
    return made


def line_up(uow: UnitOfWork, clinic_id: str, patients: Sequence[Actor]) -> list[str]:
    """They join, one after the other."""
    return [
        queueing.join(uow, each, clinic_id, DOCTOR, "Feber", Channel.VIDEO).ticket.id
        for each in patients
    ]


@dataclass
class Day:
    """What people were answered."""

    called: list[tuple[str, str, str]] = field(default_factory=list)
    """Ticket, visit and clinician of each call."""
    returned: Counter[str] = field(default_factory=Counter)
    ended: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


async def ask(database: Database, fn: Callable[..., T], *args: Any) -> T:
    """As a client does: whoever is told that there is too much to do asks again."""
    while True:
        try:
            return await database.write(fn, *args)
        except Busy:
            await asyncio.sleep(0.05)


async def take_all(database: Database, doctor: Actor, patients: dict[str, Actor], day: Day) -> None:
    """Call until nobody waits; of those called meet some, put some back, leave some be."""
    while True:
        try:
            visit = (await ask(database, visits.call_next, doctor)).visit
        except QueueEmpty:
            return
        day.called.append((visit.ticket_id, visit.id, doctor.account_id))
        try:
            chance = random.random()
            if chance < 0.08 and not day.returned[visit.ticket_id]:
                await ask(database, visits.give_back, doctor, visit.id)
                day.returned[visit.ticket_id] += 1
            elif chance < 0.16:
                await ask(database, visits.join, patients[visit.ticket_id], visit.id)
                await ask(database, visits.end, doctor, visit.id)
                day.ended.add(visit.ticket_id)
        except Conflict:
            pass  # the patient left in the same moment


async def leave(database: Database, patient: Actor, ticket_id: str, day: Day) -> None:
    """Give up the place, unless the visit has begun."""
    try:
        await ask(database, queueing.leave, patient, ticket_id)
        day.left.add(ticket_id)
    except Conflict:
        pass


async def test_each_is_called_once_and_nobody_is_lost(database: Database, people: People) -> None:
    clinic = await people.clinic()
    told: list[Event] = []

    def listen(stored: Sequence[StoredEvent]) -> None:
        told.extend(each.event for each in stored)

    database.subscribe(listen)
    actors = await ask(database, crowd, WAITING + NEWCOMERS)
    patients: dict[str, Actor] = {}
    for start in range(0, WAITING, AT_ONCE):
        part = actors[start : start + AT_ONCE]
        tickets = await ask(database, line_up, clinic.id, part)
        patients |= dict(zip(tickets, part, strict=True))
    doctors = [await people.actor(await people.clinician(clinic)) for _ in range(CLINICIANS)]
    for doctor in doctors:
        await ask(database, queueing.set_duty, doctor, DutyState.ON, clinic.id, DOCTOR)

    async def arrive(patient: Actor) -> None:
        (ticket,) = await ask(database, line_up, clinic.id, [patient])
        patients[ticket] = patient

    day = Day()
    leaving = random.sample(sorted(patients), LEAVERS)
    await asyncio.gather(
        *(take_all(database, doctor, patients, day) for doctor in doctors),
        *(arrive(patient) for patient in actors[WAITING:]),
        *(leave(database, patients[ticket], ticket, day) for ticket in leaving),
    )
    # Who came or was put back when everybody had gone home already.
    await take_all(database, doctors[0], patients, day)
    await database.read(check, day, patients, told)


def check(uow: UnitOfWork, day: Day, patients: dict[str, Actor], told: Sequence[Event]) -> None:
    """The database agrees with what everybody was answered, and with itself."""
    tickets = {row.id: row for row in uow.conn.execute(sa.select(queue_tickets))}
    stored = {row.id: row for row in uow.conn.execute(sa.select(visits_table))}
    assert set(tickets) == set(patients)
    assert len(tickets) == WAITING + NEWCOMERS
    # Nobody is lost: each is with a clinician, was seen, or left.
    assert Counter(row.state for row in tickets.values()) == {
        "called": len(tickets) - len(day.left) - len(day.ended),
        "left": len(day.left),
        "done": len(day.ended),
    }
    # Nobody is taken twice: one visit for each call that somebody was answered, and one open visit
    # at most, with the clinician who has the ticket.
    calls = {visit: (ticket, doctor) for ticket, visit, doctor in day.called}
    assert len(calls) == len(day.called)
    assert calls == {row.id: (row.ticket_id, row.clinician_id) for row in stored.values()}
    open_visits = [row for row in stored.values() if row.state == VisitState.CALLED]
    assert len({row.ticket_id for row in open_visits}) == len(open_visits)
    assert {row.ticket_id: row.clinician_id for row in open_visits} == {
        row.id: row.taken_by for row in tickets.values() if row.state == "called"
    }
    returned = Counter(r.ticket_id for r in stored.values() if r.state == VisitState.RETURNED)
    assert returned == day.returned
    for ticket, calls_of_it in Counter(row.ticket_id for row in stored.values()).items():
        assert calls_of_it <= 1 + returned[ticket]
    # Every change has a version of its own, and each was told, in their order.
    versions = [each.version for each in told if isinstance(each, TicketEvent)]
    assert versions == sorted(set(versions))
    assert uow.conn.scalar(sa.select(queue_heads.c.version)) == len(versions) + CLINICIANS
    assert sum(isinstance(each, TicketCalled) for each in told) == len(calls)
    kind = outbox.c.kind == TicketCalled.kind
    assert uow.conn.scalar(sa.select(sa.func.count()).where(kind)) == len(calls)
    # And every look at a patient's data is in her log.
    for patient in random.sample(list(patients.values()), 20):
        assert audit.verify_chain(uow, patient.account_id).whole
