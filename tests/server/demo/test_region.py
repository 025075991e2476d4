"""The invented region."""

from datetime import timedelta

from server import demo
from server.accounts import service as accounts
from server.clinics import service as clinics
from server.kit.actor import Audience, Profession
from server.kit.clock import FrozenClock
from server.kit.db import Database
from tests.support import PASSWORD_HASH


async def test_the_demo_region(database: Database, clock: FrozenClock) -> None:
    assert await database.read(demo.logins_here) == ()
    assert await database.write(demo.seed, PASSWORD_HASH)
    assert not await database.write(demo.seed, PASSWORD_HASH)
    logins = await database.read(demo.logins_here)
    assert logins == demo.demo_logins()
    assert sum(each.audience is Audience.PATIENT for each in logins) >= 5
    listed = await database.read(clinics.list_clinics)
    assert len(listed) == 2
    counted = dict.fromkeys(Profession, 0)
    for login in logins:
        found = await database.read(accounts.credential, login.audience, login.username)
        assert found is not None
        account = found[0]
        if login.audience is Audience.PATIENT:
            assert account.birth_date is not None
            assert login.birth_year == account.birth_date.year
        elif login.administrator:
            assert account.administrator_since is not None
            assert await database.read(clinics.commissions_of, account.id) == ()
        else:
            commissions = await database.read(clinics.commissions_of, account.id)
            assert {each.clinic_id for each in commissions} == {each.id for each in listed}
            assert login.profession == commissions[0].profession
            counted[commissions[0].profession] += 1
    assert set(counted.values()) == {2}
    # Doctors at any hour, and not everything at every hour.
    clock.advance(timedelta(hours=18))
    hours = {
        (clinic.name, profession): await database.read(clinics.opening, clinic.id, profession)
        for clinic in listed
        for profession in clinic.services
    }
    assert all(each.open for (_, profession), each in hours.items() if profession == "doctor")
    assert any(not each.open and each.next_opening for each in hours.values())
