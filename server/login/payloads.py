"""What the login takes and gives."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from server.kit.actor import Audience, Profession
from server.kit.fields import AccountAudience, ClinicName, Id, NewPassword, Password, PatientName
from server.kit.http import In, Out
from server.login.domain import Known, Lifetime


class LoginIn(In):
    """A name and a password."""

    username: str = Field(min_length=1, max_length=100, examples=["astrid"])
    password: Password


class PasswordIn(In):
    """One's own password, and the one that shall take its place."""

    current: Password
    new: NewPassword


class CommissionOut(Out):
    """A task at a clinic (medarbetaruppdrag)."""

    clinic_id: Id
    clinic_name: ClinicName
    profession: Profession


class AccountOut(Out):
    """Who is logged in."""

    id: Id
    audience: AccountAudience
    name: PatientName
    birth_date: date | None = None
    """Of a patient; null for staff."""
    title: Annotated[str | None, Field(examples=[None])] = None
    """Of staff; null for patients."""
    commissions: Annotated[list[CommissionOut] | None, Field(examples=[None])] = None
    """Where and as what a member of the staff may be on duty; null for patients."""
    administrator: bool = False
    """Whether a member of the staff administers accounts and clinics."""
    password_given: bool = False
    """Somebody else gave the password: nothing else is answered before it is changed."""


class SessionOut(Out):
    """The session: whose, and until when."""

    account: AccountOut
    expires_at: datetime
    """When the session ends in any case."""
    idle_expires_at: datetime
    """When the session ends unless it is used again."""

    @classmethod
    def of(cls, known: Known, lifetime: Lifetime) -> "SessionOut":
        """From what the store knows."""
        account = known.account
        staff = account.audience is Audience.STAFF
        return cls(
            account=AccountOut(
                id=account.id,
                audience=account.audience,
                name=account.name,
                birth_date=account.birth_date,
                title=account.title,
                commissions=[
                    CommissionOut(
                        clinic_id=each.clinic_id,
                        clinic_name=each.clinic_name,
                        profession=each.profession,
                    )
                    for each in known.actor.commissions
                ]
                if staff
                else None,
                administrator=known.actor.administrator,
                password_given=known.actor.password_given,
            ),
            expires_at=known.session.expires_at,
            idle_expires_at=known.session.idle_expires_at(lifetime),
        )
