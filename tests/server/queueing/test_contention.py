"""Many who reach for the same queue at once, through the real writer."""

import asyncio
from collections import Counter

import pytest
import sqlalchemy as sa

from server.accounts import service as accounts
from server.kit.actor import Actor, Audience
from server.kit.db import Database, UnitOfWork
from server.kit.ids import new_id
from server.queueing import service
from server.queueing.domain import AlreadyWaiting, Channel, DutyState, QueueEmpty, Ticket
from server.queueing.tables import queue_tickets
from tests.server.queueing.counted import miscounted
from tests.server.queueing.world import DOCTOR
from tests.support import People

WAITING = 100
CLAIMERS = 16


@pytest.mark.property
async def test_nobody_is_taken_twice_and_nobody_is_lost(database: Database, people: People) -> None:
    clinic = await people.clinic()

    def fill(uow: UnitOfWork) -> list[Actor]:
        patients = []
        for number in range(WAITING):
            account = accounts.create(
                uow,
                Audience.PATIENT,
                f"crowd{number}",
                f"Patient {number}",
                "-",
                birth_date=uow.now.date(),
            )
            patients.append(Actor(account.id, Audience.PATIENT, "session", account.name))
        return patients

    patients = await database.write(fill)
    joined = await asyncio.gather(
        *(
            database.write(service.join, each, clinic.id, DOCTOR, "Feber", Channel.VIDEO)
            for each in patients
        )
    )
    assert await database.read(lambda uow: miscounted(uow.conn)) == []
    doctors = [await people.actor(await people.clinician(clinic)) for _ in range(CLAIMERS)]
    for doctor in doctors:
        await database.write(service.set_duty, doctor, DutyState.ON, clinic.id, DOCTOR)

    taken: list[tuple[str, Ticket]] = []

    async def claim_all(doctor: Actor) -> None:
        while True:
            try:
                ticket = await database.write(service.claim_next, doctor, new_id())
            except QueueEmpty:
                return
            taken.append((doctor.account_id, ticket))

    await asyncio.gather(*(claim_all(doctor) for doctor in doctors))

    def stored(uow: UnitOfWork) -> list[tuple[str, str, str]]:
        rows = uow.conn.execute(
            sa.select(queue_tickets.c.id, queue_tickets.c.state, queue_tickets.c.taken_by)
        )
        return [(row.id, row.state, row.taken_by) for row in rows]

    assert await database.read(lambda uow: miscounted(uow.conn)) == []
    rows = await database.read(stored)
    assert Counter(ticket.id for _, ticket in taken) == Counter(v.ticket.id for v in joined)
    assert {(t.id, "called", who) for who, t in taken} == set(rows)
    # Versions order the claims; each took the first of those who were left.
    by_version = sorted(taken, key=lambda each: each[1].version)
    order = [ticket.place_key for _, ticket in by_version]
    assert order == sorted(order)
    assert len({ticket.version for _, ticket in taken}) == WAITING


@pytest.mark.property
async def test_one_case_however_often_one_joins_at_once(database: Database, people: People) -> None:
    clinic = await people.clinic()
    patient = await people.actor(await people.patient())
    answers = await asyncio.gather(
        *(
            database.write(service.join, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)
            for _ in range(20)
        ),
        return_exceptions=True,
    )
    won = [each for each in answers if not isinstance(each, BaseException)]
    lost = [each for each in answers if isinstance(each, AlreadyWaiting)]
    assert (len(won), len(lost)) == (1, 19)
    assert {each.extra["ticket_id"] for each in lost} == {won[0].ticket.id}
