"""Who acts: a patient, a member of the staff or a guest, through a session."""

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """The sides of the service. Each has sessions and cookies of its own.

    Patients and staff log in with accounts; a guest comes with an invitation to one visit.
    """

    PATIENT = "patient"
    STAFF = "staff"
    GUEST = "guest"


#: Those who have accounts.
ACCOUNTS = (Audience.PATIENT, Audience.STAFF)


class Profession(StrEnum):
    """Whom one can meet: läkare, psykolog, distriktssköterska."""

    DOCTOR = "doctor"
    PSYCHOLOGIST = "psychologist"
    DISTRICT_NURSE = "district_nurse"


@dataclass(frozen=True, slots=True)
class Commission:
    """A task at a clinic in a profession (medarbetaruppdrag)."""

    clinic_id: str
    profession: Profession
    clinic_name: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """The account behind a request, with what its session may do.

    A guest has no account: there ``account_id`` is the guest's own id.
    """

    account_id: str
    audience: Audience
    session_id: str
    name: str
    commissions: tuple[Commission, ...] = ()
    administrator: bool = False
    password_given: bool = False
    """Somebody else knows the password; nothing is allowed before it is changed."""

    def may_work_at(self, clinic_id: str, profession: str) -> bool:
        """Whether one of the commissions is for this clinic and profession."""
        return any(
            c.clinic_id == clinic_id and c.profession == profession for c in self.commissions
        )
