"""Care relations: opened by a visit, closed with it, and nothing without one."""

from datetime import timedelta

import pytest

from server.access import service
from server.kit.clock import FrozenClock
from server.kit.db import Database
from server.kit.errors import NotFound
from server.kit.ids import new_id
from tests.support import People


async def test_a_relation_lives_as_long_as_its_visit(people: People, database: Database) -> None:
    patient = await people.patient()
    doctor = await people.clinician(await people.clinic())
    actor = await people.actor(doctor)
    first, second = new_id(), new_id()
    with pytest.raises(NotFound):
        await database.read(service.require_relation, actor, patient.id)
    for _ in range(2):  # twice changes nothing
        await database.write(service.open_relation, patient.id, doctor.id, first)
    await database.write(service.open_relation, patient.id, doctor.id, second)
    await database.read(service.require_relation, actor, patient.id)
    await database.write(service.close_relation, patient.id, doctor.id, first)
    await database.read(service.require_relation, actor, patient.id)
    for _ in range(2):
        await database.write(service.close_relation, patient.id, doctor.id, second)
    with pytest.raises(NotFound):
        await database.read(service.require_relation, actor, patient.id)
    # It may be opened again: the patient came back.
    await database.write(service.open_relation, patient.id, doctor.id, first)
    await database.read(service.require_relation, actor, patient.id)


async def test_it_is_about_these_two_only(people: People, database: Database) -> None:
    clinic = await people.clinic()
    patient, other_patient = await people.patient(), await people.patient()
    doctor, colleague = await people.clinician(clinic), await people.clinician(clinic)
    await database.write(service.open_relation, patient.id, doctor.id, new_id())
    for account, seen in ((colleague, patient), (doctor, other_patient), (patient, other_patient)):
        actor = await people.actor(account)
        assert not await database.read(service.has_relation, actor, seen.id)
    assert await database.read(service.has_relation, await people.actor(patient), patient.id)


async def test_what_nobody_closed_ends_some_day(
    people: People, database: Database, clock: FrozenClock
) -> None:
    patient = await people.patient()
    doctor = await people.clinician(await people.clinic())
    await database.write(service.open_relation, patient.id, doctor.id, new_id())
    clock.advance(timedelta(days=30))
    assert await database.write(service.close_expired, 30) == 0
    clock.advance(timedelta(seconds=1))
    assert await database.write(service.close_expired, 30) == 1
    assert not await database.read(service.has_relation, await people.actor(doctor), patient.id)
