"""What care asks of the database: each statement is built once, and a claim has few of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from server.clinics.domain import Clinic
from server.kit.actor import Actor
from server.kit.db import Database, UnitOfWork
from server.kit.ids import new_id
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.visits import service as visits
from server.visits.domain import ModeReason
from tests.server.queueing.test_equipment import WORKS
from tests.server.queueing.world import DOCTOR
from tests.support import People

T = TypeVar("T")


class Watched:
    """Units of work, and the statements that SQLAlchemy ran for them.

    Those are few: most go to the driver (`kit.statement`), which counts them itself.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ran: list[Any] = []
        self.sent = 0
        self._last: object = None

    async def write(self, fn: Callable[..., T], *args: Any) -> T:
        """Run a use case."""

        def note(_conn: sa.Connection, statement: Any, *_: Any) -> None:
            self.ran.append(statement)

        def count(sent: object) -> None:
            # For each step of a trigger, SQLite tells of the statement that set it off once more.
            again = isinstance(sent, str) and sent == self._last
            self._last = sent
            self.sent += not again

        def watched(uow: UnitOfWork) -> T:
            driver: Any = uow.conn.connection.driver_connection
            sa.event.listen(uow.conn, "before_execute", note)
            if isinstance(driver, sqlite3.Connection):
                driver.set_trace_callback(count)
            else:
                driver.add_query_logger(count)
            try:
                value = fn(uow, *args)
                uow.store_events()
                return value
            finally:
                sa.event.remove(uow.conn, "before_execute", note)
                if isinstance(driver, sqlite3.Connection):
                    driver.set_trace_callback(None)
                else:
                    driver.remove_query_logger(count)

        return await self.database.write(watched)

    def taken(self) -> list[Any]:
        """What SQLAlchemy ran since this was asked last."""
        ran, self.ran = self.ran, []
        return ran


@pytest.fixture
def watched(database: Database) -> Watched:
    return Watched(database)


async def _case(watched: Watched, people: People, clinic: Clinic, doctor: Actor) -> None:
    """A patient from the door to the signed note, with every use case on the way."""
    run = watched.write
    patient = await people.actor(await people.patient())
    ticket = await run(queueing.join, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)
    await run(queueing.set_equipment, patient, ticket.ticket.id, WORKS)
    await run(queueing.set_channel, patient, ticket.ticket.id, Channel.CHAT)
    await run(visits.overview, patient)
    await run(queueing.board, doctor)
    await run(queueing.places, clinic.id, DOCTOR)
    visit = (await run(visits.call_next, doctor)).visit
    await run(visits.duty, doctor)
    await run(visits.join, patient, visit.id)
    await run(visits.confirm_identity, doctor, visit.id)
    await run(visits.set_mode, doctor, visit.id, Channel.VIDEO, ModeReason.CHOSEN)
    await run(messages.post, patient, visit.id, new_id(), "Hej")
    await run(messages.since, doctor, visit.id)
    await run(visits.summaries, patient)
    await run(visits.standings, doctor, [visit.id])
    await run(queueing.versions, patient, [ticket.ticket.id])
    await run(visits.end, doctor, visit.id)
    await run(visits.save_note, doctor, visit.id, "Frisk", 0)
    await run(visits.sign_note, doctor, visit.id, 1)
    await run(visits.visit_for, patient, visit.id)


async def test_every_statement_of_a_case_is_built_once(watched: Watched, people: People) -> None:
    clinic = await people.clinic()
    doctor = await people.actor(await people.clinician(clinic))
    await watched.write(queueing.set_duty, doctor, DutyState.ON, clinic.id, DOCTOR)
    await _case(watched, people, clinic, doctor)
    built = {id(each): each for each in watched.taken()}
    watched.sent = 0
    await _case(watched, people, clinic, doctor)
    again = watched.taken()
    assert watched.sent > 150
    assert len(again) < 10
    assert [str(each) for each in again if id(each) not in built] == []


async def test_a_claim_is_few_statements(watched: Watched, people: People, engine: str) -> None:
    """Each is a round trip on PostgreSQL, and all but the first hold up the others at the queue."""
    clinic = await people.clinic()
    doctor = await people.actor(await people.clinician(clinic))
    await watched.write(queueing.set_duty, doctor, DutyState.ON, clinic.id, DOCTOR)
    patient = await people.actor(await people.patient())
    await watched.write(queueing.join, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)
    watched.taken()
    watched.sent = 0
    await watched.write(visits.call_next, doctor)
    by_sqlalchemy = len(watched.taken())
    # On SQLite each of the two events is a statement of its own.
    assert (by_sqlalchemy, watched.sent) == ((1, 11) if engine == "postgres" else (0, 13))
