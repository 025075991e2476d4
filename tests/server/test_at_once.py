"""What two do in the same moment, and there is one of: a line of each keeps them apart."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from server.audit import service as audit
from server.audit.domain import Verdict
from server.kit import idempotency
from server.kit.db import Database, UnitOfWork
from server.kit.errors import Busy
from server.kit.idempotency import Answer, Claim
from server.kit.ids import new_id
from server.login import service as login
from server.login.domain import Lifetime
from server.login.tables import sessions
from server.queueing import service as queueing
from server.queueing.domain import AlreadyWaiting, Channel, DutyOff, DutyState
from server.queueing.tables import duties
from server.visits import service as visits
from tests.server.queueing.world import DOCTOR
from tests.server.rivals import at_once
from tests.support import People

LIFETIME = Lifetime(timedelta(hours=1), timedelta(hours=8))


async def test_a_request_that_comes_twice_is_done_once(database: Database) -> None:
    claim = Claim(new_id(), str(uuid.uuid4()), "POST", "/notes", "hash")
    done: list[str] = []

    def request(name: str) -> Callable[[UnitOfWork], str]:
        def once(uow: UnitOfWork) -> str:
            known = idempotency.claim(uow.conn, claim, uow.now)
            if known is not None:
                return f"{name} is told {known.body!r}"
            done.append(name)
            idempotency.remember(uow.conn, claim, Answer(200, name.encode()))
            return f"{name} did it"

        return once

    answers = await at_once(database, request("first"), request("second"))
    assert answers == ["first did it", "second is told b'first'"]
    assert done == ["first"]


async def test_a_request_that_comes_again_while_the_first_fails_is_done(
    database: Database,
) -> None:
    claim = Claim(new_id(), str(uuid.uuid4()), "POST", "/notes", "hash")

    def fails(uow: UnitOfWork) -> None:
        assert idempotency.claim(uow.conn, claim, uow.now) is None
        raise Busy("Ask again.")

    def works(uow: UnitOfWork) -> Answer | None:
        return idempotency.claim(uow.conn, claim, uow.now)

    first, second = await at_once(database, fails, works)
    assert (type(first), second) == (Busy, None)


async def test_a_clinician_who_goes_on_duty_twice_has_one_shift(
    database: Database, people: People
) -> None:
    clinic = await people.clinic()
    doctor = await people.actor(await people.clinician(clinic))

    def begin(uow: UnitOfWork) -> Any:
        return queueing.set_duty(uow, doctor, DutyState.ON, clinic.id, DOCTOR)

    first, second = await at_once(database, begin, begin)
    assert first == second
    assert await database.read(_count, duties) == 1


async def test_whoever_has_just_gone_off_duty_takes_nobody(
    database: Database, people: People
) -> None:
    clinic = await people.clinic()
    doctor = await people.actor(await people.clinician(clinic))
    patient = await people.actor(await people.patient())
    await database.write(queueing.set_duty, doctor, DutyState.ON, clinic.id, DOCTOR)
    await database.write(queueing.join, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)

    def stop(uow: UnitOfWork) -> Any:
        return queueing.set_duty(uow, doctor, DutyState.OFF)

    off, called = await at_once(database, stop, lambda uow: visits.call_next(uow, doctor))
    assert (off, type(called)) == (None, DutyOff)
    assert len(await database.read(queueing.places, clinic.id, DOCTOR)) == 1


async def test_a_patient_who_joins_twice_has_one_place(database: Database, people: People) -> None:
    clinic = await people.clinic()
    patient = await people.actor(await people.patient())

    def join(uow: UnitOfWork) -> Any:
        return queueing.join(uow, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)

    first, second = await at_once(database, join, join)
    assert isinstance(second, AlreadyWaiting)
    assert second.extra["ticket_id"] == first.ticket.id


async def test_two_first_lines_of_a_patients_log_are_a_chain(
    database: Database, people: People
) -> None:
    patient = await people.patient()
    clinic = await people.clinic()
    actors = [await people.actor(await people.clinician(clinic)) for _ in range(2)]

    def look(number: int, uow: UnitOfWork) -> None:
        audit.record(uow, actors[number], patient.id, "read", "visit", f"v{number}")

    assert await at_once(database, partial(look, 0), partial(look, 1)) == [None, None]
    lines = await database.read(audit.lines_of, patient.id)
    assert [(line.seq, line.resource_id) for line in lines] == [(1, "v0"), (2, "v1")]
    assert await database.read(audit.verify_chain, patient.id) == Verdict(2)


@pytest.mark.parametrize("same_key", [True, False])
async def test_a_login_that_comes_twice_leaves_one_session(
    database: Database, people: People, same_key: bool
) -> None:
    account = await people.patient()
    keys = ("a", "a") if same_key else ("a", "b")

    def log_in(number: int, uow: UnitOfWork) -> str:
        token = login.hash_of(f"token {number}")
        return login.open_session(uow, account.id, token, keys[number], LIFETIME)[0].id

    ids = await at_once(database, partial(log_in, 0), partial(log_in, 1))

    def open_ones(uow: UnitOfWork) -> set[str]:
        return set(uow.conn.scalars(sa.select(sessions.c.id).where(sessions.c.ended_at.is_(None))))

    # Another browser's login has a key of its own, and ends nothing.
    assert await database.read(open_ones) == set(ids[1:] if same_key else ids)


def _count(uow: UnitOfWork, table: sa.Table) -> int:
    return uow.conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0
