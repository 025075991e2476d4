"""The access log: chained, append-only, and honest about tampering."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from server.audit import service
from server.audit.domain import START, AccessLine, Head, Verdict, verify
from server.audit.tables import access_heads, access_log, queue_views
from server.kit.db import Database, UnitOfWork
from tests.support import People


def chain(length: int) -> tuple[list[AccessLine], Head]:
    lines: list[AccessLine] = []
    previous = START
    for seq in range(1, length + 1):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seq)
        line = AccessLine("p", seq, at, "a", "staff", "read", "visit", f"v{seq}", None, previous)
        lines.append(replace(line, hash=line.seal()))
        previous = lines[-1].hash
    return lines, Head(length, previous)


def test_the_form_that_is_sealed_never_changes() -> None:
    """Or every chain that was ever written would look broken."""
    at = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
    line = AccessLine("p", 1, at, "å", "staff", "read", "visit", 'v"1', None, START)
    text = (
        '["p",1,"2026-01-01T08:30:00+00:00","å","staff","read","visit","v\\"1",null,"'
        + START
        + '"]'
    )
    assert line.seal() == hashlib.sha256(text.encode()).hexdigest()


@given(st.integers(0, 12))
@pytest.mark.property
def test_a_chain_left_alone_is_whole(length: int) -> None:
    lines, head = chain(length)
    assert verify(lines, head) == Verdict(length)


@given(st.integers(1, 12), st.data())
@pytest.mark.property
def test_every_tampering_is_found(length: int, data: st.DataObject) -> None:
    lines, head = chain(length)
    index = data.draw(st.integers(0, length - 1))
    how = data.draw(st.sampled_from(["change", "rewrite", "remove", "swap", "add", "head"]))
    line = lines[index]
    if how == "change":
        lines[index] = data.draw(
            st.sampled_from(
                [
                    replace(line, actor_id="someone else"),
                    replace(line, action="write"),
                    replace(line, resource_id="another"),
                    replace(line, clinic_id="elsewhere"),
                    replace(line, at=line.at + timedelta(microseconds=1)),
                ]
            )
        )
    elif how == "rewrite":  # with a fresh seal, but the rest of the chain knows the old one
        lines[index] = replace(line, actor_id="x")
        lines[index] = replace(lines[index], hash=lines[index].seal())
    elif how == "remove":
        del lines[index]
    elif how == "swap":
        lines[index], lines[0] = lines[0], lines[index]
        if index == 0:
            lines.reverse()
            if length == 1:
                return
    elif how == "add":
        lines.append(replace(line, seq=length + 1))
    else:
        head = Head(head.seq, "0" * 63 + "1")
    assert not verify(lines, head).whole


async def test_lines_are_chained_for_each_patient(people: People, database: Database) -> None:
    doctor = await people.actor(await people.clinician(await people.clinic()))
    patients = [await people.patient() for _ in range(2)]

    def record(uow: UnitOfWork, patient_id: str, number: int) -> None:
        service.record(uow, doctor, patient_id, "read", "visit", f"v{number}")
        assert uow.logged

    for number in range(5):
        for patient in patients:
            await database.write(record, patient.id, number)
    for patient in patients:
        lines = await database.read(service.lines_of, patient.id)
        assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
        assert {line.actor_id for line in lines} == {doctor.account_id}
        assert await database.write(service.verify_chain, patient.id) == Verdict(5)


async def test_the_database_refuses_to_change_the_log(people: People, database: Database) -> None:
    patient = await people.patient()
    actor = await people.actor(patient)
    await database.write(service.record, actor, patient.id, "read", "visit", "v")
    for statement in (sa.update(access_log).values(action="x"), sa.delete(access_log)):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            await database.write(lambda uow, s=statement: uow.conn.execute(s).close())  # type: ignore[misc]
    # The head has no such guard, but the check finds it.
    await database.write(
        lambda uow: uow.conn.execute(sa.update(access_heads).values(seq=2)).close()
    )
    assert not (await database.read(service.verify_chain, patient.id)).whole


async def test_a_queue_is_one_line_a_shift(people: People, database: Database) -> None:
    clinic = await people.clinic()
    doctor = await people.actor(await people.clinician(clinic))

    def see(uow: UnitOfWork, shift: str) -> int:
        service.record_queue_view(uow, doctor, clinic.id, "doctor", shift)
        assert uow.logged
        return uow.conn.scalar(sa.select(sa.func.count()).select_from(queue_views)) or 0

    assert await database.write(see, "shift1") == 1
    assert await database.write(see, "shift1") == 1
    assert await database.write(see, "shift2") == 2
