"""What one can ask about clinics, and how they are set up."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from server.accounts.domain import AccountChanged
from server.clinics import domain, store
from server.clinics.domain import (
    HORIZON,
    STOCKHOLM,
    Clinic,
    DayPassed,
    DayTooFar,
    Opening,
    Schedule,
    Span,
    SpecialDay,
)
from server.kit.actor import Commission, Profession
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.kit.ids import new_id


def list_clinics(uow: UnitOfWork) -> list[Clinic]:
    """All clinics by name."""
    return store.list_clinics(uow.conn)


def get_clinic(uow: UnitOfWork, clinic_id: str) -> Clinic:
    """The clinic, or ``NotFound``."""
    clinic = store.get(uow.conn, clinic_id)
    if clinic is None:
        raise NotFound("There is no such clinic.")
    return clinic


def name_of(uow: UnitOfWork, clinic_id: str) -> str:
    """The clinic's name, or ``NotFound``."""
    name = store.name(uow.conn, clinic_id)
    if name is None:
        raise NotFound("There is no such clinic.")
    return name


def schedules(uow: UnitOfWork) -> dict[tuple[str, str], Schedule]:
    """The hours of each service, by clinic and profession."""
    return store.schedules(uow.conn, _today(uow))


def opening(uow: UnitOfWork, clinic_id: str, profession: str) -> Opening:
    """Whether the service is open now. ``NotFound`` if the clinic does not offer it."""
    service = clinic_id, profession
    schedule = store.schedules(uow.conn, _today(uow), service).get(service)
    if schedule is None:
        raise NotFound("The clinic does not offer this.")
    return domain.opening(schedule, uow.now)


def openings(uow: UnitOfWork) -> dict[tuple[str, str], Opening]:
    """Whether each service is open now, by clinic and profession."""
    found = store.schedules(uow.conn, _today(uow))
    return {service: domain.opening(schedule, uow.now) for service, schedule in found.items()}


def _today(uow: UnitOfWork) -> date:
    return uow.now.astimezone(STOCKHOLM).date()


def commissions_of(uow: UnitOfWork, account_id: str) -> tuple[Commission, ...]:
    """The commissions (medarbetaruppdrag) of a member of the staff."""
    return store.commissions_of(uow.conn, account_id)


def add_clinic(uow: UnitOfWork, name: str, area: str) -> Clinic:
    """Add a clinic that offers nothing yet."""
    clinic = Clinic(new_id(), name, area)
    store.add(uow.conn, clinic, uow.now)
    return clinic


def set_hours(
    uow: UnitOfWork,
    clinic_id: str,
    profession: Profession,
    weekly: Iterable[tuple[int, Span]] = (),
    *,
    always: bool = False,
) -> None:
    """Offer a service with weekly hours, as pairs of weekday (0 = Monday) and span, or always."""
    store.set_hours(uow.conn, clinic_id, profession, weekly, always=always)


def special_days(uow: UnitOfWork) -> dict[str, tuple[SpecialDay, ...]]:
    """The days from today on that have hours of their own, by clinic."""
    today = _today(uow)
    return store.special_days(uow.conn, today, today + timedelta(days=HORIZON))


def set_special_day(
    uow: UnitOfWork,
    clinic_id: str,
    day: date,
    spans: Sequence[Span],
    profession: Profession | None = None,
) -> None:
    """These hours on one day, or none: closed; for one service or for the whole clinic.

    Instead of those that it had. ``DayPassed``, ``DayTooFar``.
    """
    today = _today(uow)
    last = today + timedelta(days=HORIZON)
    if day < today:
        raise DayPassed("Choose today or a day to come.", field="day")
    if day > last:
        raise DayTooFar("Choose an earlier day.", field="day", last_day=last.isoformat())
    store.hold(uow.conn, clinic_id)
    store.forget_special_day(uow.conn, clinic_id, profession, day)
    for span in spans or (None,):
        store.add_exception(uow.conn, clinic_id, profession, day, span)


def end_special_day(
    uow: UnitOfWork, clinic_id: str, day: date, profession: Profession | None = None
) -> bool:
    """Let the day be like others of its weekday. False: it was."""
    store.hold(uow.conn, clinic_id)
    return store.forget_special_day(uow.conn, clinic_id, profession, day)


def add_exception(
    uow: UnitOfWork,
    clinic_id: str,
    day: date,
    span: Span | None = None,
    profession: Profession | None = None,
) -> None:
    """Other hours on one day (None: closed), for one service or for the whole clinic."""
    store.add_exception(uow.conn, clinic_id, profession, day, span)


def end_commission(
    uow: UnitOfWork, account_id: str, clinic_id: str, profession: Profession
) -> None:
    """Take a commission back, which ends a shift on it. Taking it twice changes nothing."""
    store.remove_commission(uow.conn, account_id, Commission(clinic_id, profession))
    uow.emit(AccountChanged(account_id))


def commission(uow: UnitOfWork, account_id: str, clinic_id: str, profession: Profession) -> None:
    """Give a member of the staff a commission."""
    store.add_commission(uow.conn, account_id, Commission(clinic_id, profession))
    uow.emit(AccountChanged(account_id))
