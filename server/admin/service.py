"""What administrators do with accounts of the staff and with clinics. Each act leaves a line."""

from collections.abc import Sequence
from datetime import date

from server.accounts import service as accounts
from server.accounts.domain import Account
from server.admin.domain import (
    Act,
    ClinicNameTaken,
    NotOffered,
    OwnCommission,
    OwnPassword,
    Person,
    Place,
)
from server.audit import service as audit
from server.audit.domain import AdminAct
from server.clinics import service as clinics
from server.clinics.domain import Span
from server.kit.actor import Actor, Audience, Profession
from server.kit.db import UnitOfWork
from server.login import service as login

PAGE = 50


def people(uow: UnitOfWork, text: str, after: str | None) -> tuple[list[Person], bool]:
    """A page of the staff by name, and whether there are more."""
    found = accounts.list_staff(uow, text, after, PAGE + 1)
    return [_person(uow, each) for each in found[:PAGE]], len(found) > PAGE


def create(
    uow: UnitOfWork, actor: Actor, username: str, name: str, title: str, password_hash: str
) -> Person:
    """Add a member of the staff, who works nowhere yet. ``UsernameTaken``."""
    made = accounts.create(
        uow, Audience.STAFF, username, name, password_hash, title=title, password_given=True
    )
    audit.record_admin(uow, actor.account_id, AdminAct.ACCOUNT_CREATED, account_id=made.id)
    return Person(made)


def set_locked(uow: UnitOfWork, actor: Actor, account_id: str, locked: bool) -> Person:
    """Lock an account, which ends its sessions and its shift; or let it log in again."""
    account = accounts.staff_member(uow, account_id)
    if (account.locked_at is not None) is not locked:
        if locked:
            accounts.lock(uow, account_id)
        else:
            accounts.unlock(uow, account_id)
        act = AdminAct.ACCOUNT_LOCKED if locked else AdminAct.ACCOUNT_UNLOCKED
        audit.record_admin(uow, actor.account_id, act, account_id=account_id)
    return _person_of(uow, account_id)


def give_password(uow: UnitOfWork, actor: Actor, account_id: str, password_hash: str) -> Person:
    """A password in place of one that is forgotten. Sessions end; it is changed at the next login.

    ``OwnPassword``.
    """
    accounts.staff_member(uow, account_id)
    if account_id == actor.account_id:
        raise OwnPassword("Change your own with the one before.")
    login.give_password(uow, account_id, password_hash)
    audit.record_admin(uow, actor.account_id, AdminAct.PASSWORD_GIVEN, account_id=account_id)
    return _person_of(uow, account_id)


def set_administrator(
    uow: UnitOfWork, actor_id: str | None, account_id: str, administrator: bool
) -> Person:
    """Make an administrator, or no longer. No actor: by a command. ``LastAdministrator``."""
    if accounts.set_administrator(uow, account_id, administrator):
        act = AdminAct.ADMINISTRATOR_MADE if administrator else AdminAct.ADMINISTRATOR_UNMADE
        audit.record_admin(uow, actor_id, act, account_id=account_id)
    return _person_of(uow, account_id)


def set_commission(
    uow: UnitOfWork,
    actor: Actor,
    account_id: str,
    clinic_id: str,
    profession: Profession,
    held: bool,
) -> Person:
    """Give somebody else a commission, or take it back, which ends a shift on it."""
    accounts.staff_member(uow, account_id, hold=True)
    if account_id == actor.account_id:
        raise OwnCommission("Another administrator must do that.")
    clinic = clinics.get_clinic(uow, clinic_id)
    person = _person_of(uow, account_id)
    has = any((c.clinic_id, c.profession) == (clinic_id, profession) for c in person.commissions)
    if has is held:
        return person
    if held:
        if profession not in clinic.services:
            raise NotOffered("The clinic does not offer this.", field="profession")
        clinics.commission(uow, account_id, clinic_id, profession)
    else:
        clinics.end_commission(uow, account_id, clinic_id, profession)
    act = AdminAct.COMMISSION_GIVEN if held else AdminAct.COMMISSION_TAKEN
    audit.record_admin(
        uow,
        actor.account_id,
        act,
        account_id=account_id,
        clinic_id=clinic_id,
        profession=profession,
    )
    return _person_of(uow, account_id)


def places(uow: UnitOfWork) -> list[Place]:
    """All clinics by name, with their hours."""
    found, days = clinics.schedules(uow), clinics.special_days(uow)
    return [
        Place(
            clinic,
            {each: found[clinic.id, each] for each in clinic.services},
            days.get(clinic.id, ()),
        )
        for clinic in clinics.list_clinics(uow)
    ]


def create_clinic(uow: UnitOfWork, actor: Actor, name: str, area: str) -> Place:
    """Add a clinic that offers nothing yet. ``ClinicNameTaken``."""
    if any(each.name.casefold() == name.casefold() for each in clinics.list_clinics(uow)):
        raise ClinicNameTaken("There is a clinic of that name.", field="name")
    made = clinics.add_clinic(uow, name, area)
    audit.record_admin(uow, actor.account_id, AdminAct.CLINIC_CREATED, clinic_id=made.id)
    return Place(made, {})


def set_hours(
    uow: UnitOfWork,
    actor: Actor,
    clinic_id: str,
    profession: Profession,
    weekly: Sequence[tuple[int, Span]],
    always: bool,
) -> Place:
    """Offer a service with these weekly hours instead of those it had, or always."""
    clinics.get_clinic(uow, clinic_id)
    clinics.set_hours(uow, clinic_id, profession, () if always else weekly, always=always)
    audit.record_admin(
        uow,
        actor.account_id,
        AdminAct.HOURS_CHANGED,
        clinic_id=clinic_id,
        profession=profession,
    )
    return _place(uow, clinic_id)


def set_special_day(
    uow: UnitOfWork,
    actor: Actor,
    clinic_id: str,
    day: date,
    profession: Profession | None,
    spans: Sequence[Span] | None,
) -> Place:
    """Hours of its own for one day, none for closed; None: let it be like others."""
    clinic = clinics.get_clinic(uow, clinic_id)
    if profession is not None and profession not in clinic.services:
        raise NotOffered("The clinic does not offer this.", field="profession")
    if spans is None:
        changed = clinics.end_special_day(uow, clinic_id, day, profession)
    else:
        clinics.set_special_day(uow, clinic_id, day, spans, profession)
        changed = True
    if changed:
        audit.record_admin(
            uow,
            actor.account_id,
            AdminAct.DAY_CHANGED,
            clinic_id=clinic_id,
            profession=profession,
        )
    return _place(uow, clinic_id)


def acts(uow: UnitOfWork, before: int | None) -> tuple[list[Act], bool]:
    """A page of what administrators did, the newest first, and whether there are more."""
    lines = audit.admin_lines(uow, before, PAGE + 1)
    more, lines = len(lines) > PAGE, lines[:PAGE]
    ids = {id_ for each in lines for id_ in (each.actor_id, each.account_id) if id_ is not None}
    names = {id_: account.name for id_, account in accounts.get_many(uow, ids).items()}
    at = {clinic.id: clinic.name for clinic in clinics.list_clinics(uow)}
    return [
        Act(
            line.id,
            line.at,
            names.get(line.actor_id or ""),
            line.action,
            names.get(line.account_id or ""),
            at.get(line.clinic_id or ""),
            None if line.profession is None else Profession(line.profession),
        )
        for line in lines
    ], more


def _place(uow: UnitOfWork, clinic_id: str) -> Place:
    return next(each for each in places(uow) if each.clinic.id == clinic_id)


def _person_of(uow: UnitOfWork, account_id: str) -> Person:
    return _person(uow, accounts.staff_member(uow, account_id))


def _person(uow: UnitOfWork, account: Account) -> Person:
    return Person(account, clinics.commissions_of(uow, account.id))
