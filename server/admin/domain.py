"""What administrators see, and what they may not do."""

from dataclasses import dataclass
from datetime import datetime

from server.accounts.domain import Account
from server.audit.domain import AdminAct
from server.clinics.domain import Clinic, Schedule, SpecialDay
from server.kit.actor import Commission, Profession
from server.kit.errors import Conflict


class OwnCommission(Conflict):
    """409: nobody gives themselves a way to patients; another administrator must."""

    code = "admin.own_commission"


class OwnPassword(Conflict):
    """409: one's own is changed with the one before, not given."""

    code = "admin.own_password"


class NotOffered(Conflict):
    """409: one can't work as something that the clinic does not offer."""

    code = "admin.not_offered"


class ClinicNameTaken(Conflict):
    """409: staff and patients tell clinics apart by name."""

    code = "clinic.name_taken"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the staff, and where she works."""

    account: Account
    commissions: tuple[Commission, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic with the weekly hours of what it offers, and days that have hours of their own."""

    clinic: Clinic
    hours: dict[Profession, Schedule]
    days: tuple[SpecialDay, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """A line of the log in words; without an actor a command on the machine did it."""

    id: int
    at: datetime
    actor: str | None
    action: AdminAct
    person: str | None
    clinic: str | None
    profession: Profession | None
