"""The demo region: people and clinics that exist nowhere, for trying the product out.

Names are made up; there are no personal numbers. Everybody has the same password, which the start
page shows: a demo protects nothing, and must therefore hold nothing.
"""

from dataclasses import dataclass
from datetime import date

from server.accounts import service as accounts
from server.app import DemoLogin
from server.clinics import service as clinics
from server.clinics.domain import Clinic, Span
from server.kit.actor import Audience, Profession
from server.kit.db import UnitOfWork

PASSWORD = "vardrum"  # noqa: S105  (a demo's, printed on its start page)

_DOCTOR, _PSYCHOLOGIST, _NURSE = Profession
_WEEKDAYS = range(5)
_WEEK = range(7)


@dataclass(frozen=True, slots=True)
class _Patient:
    username: str
    name: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class _Clinician:
    username: str
    name: str
    profession: Profession
    title: str


PATIENTS = (
    _Patient("astrid", "Astrid Lindeborg", date(1992, 3, 14)),
    _Patient("noah", "Noah Ekdalen", date(2007, 8, 2)),
    _Patient("samira", "Samira Haddadi", date(1974, 1, 27)),
    _Patient("bengt", "Bengt Åkerbrink", date(1958, 6, 9)),
    _Patient("gunvor", "Gunvor Sjöhage", date(1945, 2, 20)),
    _Patient("linnea", "Linnea Öberghall", date(1999, 4, 30)),
)

CLINICIANS = (
    _Clinician("maria.holmvik", "Maria Holmvik", _DOCTOR, "Läkare"),
    _Clinician("omar.salehi", "Omar Salehi", _DOCTOR, "Läkare"),
    _Clinician("ingrid.falkryd", "Ingrid Falkryd", _PSYCHOLOGIST, "Psykolog"),
    _Clinician("jonas.wiklunda", "Jonas Wiklunda", _PSYCHOLOGIST, "Psykolog"),
    _Clinician("lena.bergsund", "Lena Bergsund", _NURSE, "Distriktssköterska"),
    _Clinician("amina.yusufi", "Amina Yusufi", _NURSE, "Distriktssköterska"),
)


ADMINISTRATOR = ("karin.sundborg", "Karin Sundborg", "Administratör")


def demo_logins() -> tuple[DemoLogin, ...]:
    """The logins as they are shown."""
    patients = [
        DemoLogin(
            audience=Audience.PATIENT,
            username=each.username,
            password=PASSWORD,
            name=each.name,
            birth_year=each.birth_date.year,
        )
        for each in PATIENTS
    ]
    staff = [
        DemoLogin(
            audience=Audience.STAFF,
            username=each.username,
            password=PASSWORD,
            name=each.name,
            profession=each.profession,
        )
        for each in CLINICIANS
    ]
    username, name, _title = ADMINISTRATOR
    administrator = DemoLogin(
        audience=Audience.STAFF,
        username=username,
        password=PASSWORD,
        name=name,
        administrator=True,
    )
    return (*patients, *staff, administrator)


def logins_here(uow: UnitOfWork) -> tuple[DemoLogin, ...]:
    """Those of the demo's logins that this database has: it may hold other people's data."""
    return tuple(
        login
        for login in demo_logins()
        if accounts.credential(uow, login.audience, login.username) is not None
    )


def seed(uow: UnitOfWork, password_hash: str) -> bool:
    """Fill an empty database. False: it is not empty, and nothing was changed.

    ``password_hash`` is that of ``PASSWORD``, made beforehand: hashing is slow on purpose.
    """
    if accounts.any_exists(uow):
        return False
    places = _clinics(uow)
    for patient in PATIENTS:
        accounts.create(
            uow,
            Audience.PATIENT,
            patient.username,
            patient.name,
            password_hash,
            birth_date=patient.birth_date,
        )
    for clinician in CLINICIANS:
        account = accounts.create(
            uow,
            Audience.STAFF,
            clinician.username,
            clinician.name,
            password_hash,
            title=clinician.title,
        )
        for clinic in places:
            clinics.commission(uow, account.id, clinic.id, clinician.profession)
    username, name, title = ADMINISTRATOR
    chief = accounts.create(uow, Audience.STAFF, username, name, password_hash, title=title)
    accounts.set_administrator(uow, chief.id, True)
    return True


def _clinics(uow: UnitOfWork) -> tuple[Clinic, Clinic]:
    """Two clinics with doctors day and night, and shorter hours for some of the others."""
    town = clinics.add_clinic(uow, "Storgatans vårdcentral", "Mälarö centrum")
    clinics.set_hours(uow, town.id, _DOCTOR, always=True)
    clinics.set_hours(uow, town.id, _NURSE, always=True)
    office = Span(8 * 60, 17 * 60)
    clinics.set_hours(uow, town.id, _PSYCHOLOGIST, [(day, office) for day in _WEEKDAYS])
    harbour = clinics.add_clinic(uow, "Hamnens närmottagning", "Norra hamnen")
    clinics.set_hours(uow, harbour.id, _DOCTOR, always=True)
    clinics.set_hours(uow, harbour.id, _PSYCHOLOGIST, always=True)
    long = Span(7 * 60, 21 * 60)
    clinics.set_hours(uow, harbour.id, _NURSE, [(day, long) for day in _WEEK])
    return town, harbour
