"""Accounts and ages."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts import service
from server.accounts.domain import UsernameTaken, age_on
from server.kit.actor import Audience
from server.kit.db import Database
from server.kit.errors import NotFound
from tests.support import People


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1992, 3, 14), date(2026, 3, 13), 33),
        (date(1992, 3, 14), date(2026, 3, 14), 34),
        (date(2004, 2, 29), date(2026, 2, 28), 21),
        (date(2004, 2, 29), date(2026, 3, 1), 22),
        (date(2004, 2, 29), date(2028, 2, 29), 24),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_ages(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(0, 40_000))
@pytest.mark.property
def test_one_gets_a_year_older_once_a_year(born: date, days: int) -> None:
    day = born + timedelta(days=days)
    assert age_on(born, day + timedelta(days=366)) - age_on(born, day) in (1, 2)
    assert age_on(born, day + timedelta(days=1)) - age_on(born, day) in (0, 1)


async def test_a_username_is_one_persons_in_its_audience(
    people: People, database: Database
) -> None:
    patient = await people.patient()

    async def create(audience: Audience, username: str) -> None:
        await database.write(
            lambda uow: service.create(
                uow, audience, username, "N", "hash", birth_date=date(2000, 1, 1)
            )
        )

    with pytest.raises(UsernameTaken):
        await create(Audience.PATIENT, f" {patient.username.upper()}")
    await create(Audience.STAFF, patient.username)


async def test_accounts_are_found(people: People, database: Database) -> None:
    patients = [await people.patient() for _ in range(3)]
    assert await database.read(service.get, patients[0].id) == patients[0]
    found = await database.read(service.get_many, [each.id for each in patients] + ["nobody"])
    assert found == {each.id: each for each in patients}
    assert await database.read(service.get_many, []) == {}
    for change in (service.get, service.lock, service.unlock, service.mark_deceased):
        with pytest.raises(NotFound):
            await database.write(change, "nobody")


async def test_the_hash_never_leaves_with_the_account(people: People) -> None:
    assert "argon2" not in repr(await people.patient())
