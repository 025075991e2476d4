"""What administrators send and get: of the staff and of clinics, nothing of patients."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from server.accounts.domain import normalised
from server.admin.domain import Act, Person, Place
from server.audit.domain import AdminAct
from server.clinics.domain import DAY, Span
from server.kit.actor import Profession
from server.kit.fields import ClinicName, Id, NewPassword, SentId, StaffName
from server.kit.http import In, Out


class SearchIn(In):
    """Whom to look for. A name stands in the body, because addresses are logged."""

    text: str = Field("", max_length=100, examples=["ek"])
    """Words that are in the name or the username; empty for everybody."""
    after: SentId | None = Field(None, examples=[None])
    """The id of the last person of the page before."""


class NewPersonIn(In):
    """A new member of the staff."""

    username: str = Field(min_length=1, max_length=100, examples=["ulla.ek"])
    name: str = Field(min_length=1, max_length=200, examples=["Ulla Ek"])
    title: str = Field(min_length=1, max_length=100, examples=["Läkare"])
    """What patients read under the name."""
    password: NewPassword

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not normalised(self.username) or len(normalised(self.username)) > 100:
            raise ValueError("the username is too long")
        return self


class GivenPasswordIn(In):
    """A password in place of one that is forgotten."""

    password: NewPassword


class AdministratorIn(In):
    """Whether somebody shall be an administrator."""

    administrator: bool


class CommissionIn(In):
    """Whether somebody shall have a commission (medarbetaruppdrag)."""

    clinic_id: SentId
    profession: Profession
    held: bool


class NewClinicIn(In):
    """A new clinic."""

    name: str = Field(min_length=1, max_length=200, examples=["Vallby vårdcentral"])
    area: str = Field(min_length=1, max_length=200, examples=["Vallby"])
    """Where it is, as patients look for it."""


class SpanIn(In):
    """Hours on one day, in minutes after local midnight."""

    opens: Annotated[int, Field(ge=0, lt=DAY, examples=[480])]
    closes: Annotated[int, Field(gt=0, le=2 * DAY, examples=[720])]
    """Beyond 1440: on the next day."""

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        Span(self.opens, self.closes)
        return self


class HoursIn(SpanIn):
    """Hours on one day of the week."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    """0 is Monday."""


class ServiceHoursIn(In):
    """When a service is open each week."""

    profession: Profession
    always: bool
    """Day and night; then there are no hours."""
    hours: Annotated[list[HoursIn], Field(max_length=70)]


class SpecialDayIn(In):
    """A day with hours of its own (avvikande öppettider)."""

    day: Annotated[date, Field(examples=["2026-12-24"])]
    profession: Annotated[Profession | None, Field(examples=[None])] = None
    """One service alone; null for the whole clinic."""
    usual: bool
    """Let the day be like others of its weekday; then there are no hours."""
    hours: Annotated[list[SpanIn], Field(max_length=10)]
    """None: closed."""


class ActsQuery(In):
    """Which page of the log."""

    older_than: Annotated[int, Field(ge=1, le=2**53)] | None = None
    """The number of the last line of the page before."""


class HeldOut(Out):
    """A commission."""

    clinic_id: Id
    clinic_name: ClinicName
    profession: Profession


class PersonOut(Out):
    """A member of the staff."""

    id: Id
    username: Annotated[str, Field(examples=["ulla.ek"])]
    name: StaffName
    title: Annotated[str | None, Field(examples=["Läkare"])]
    locked: bool
    """Whether the account may not log in."""
    administrator: bool
    password_given: bool
    """Whether the password is still one that somebody else gave."""
    commissions: list[HeldOut]

    @classmethod
    def of(cls, person: Person) -> "PersonOut":
        """From the domain."""
        account = person.account
        return cls(
            id=account.id,
            username=account.username,
            name=account.name,
            title=account.title,
            locked=account.locked_at is not None,
            administrator=account.administrator_since is not None,
            password_given=account.password_given_at is not None,
            commissions=[
                HeldOut(
                    clinic_id=each.clinic_id,
                    clinic_name=each.clinic_name,
                    profession=each.profession,
                )
                for each in person.commissions
            ],
        )


class PeopleOut(Out):
    """A page of the staff, by name."""

    people: list[PersonOut]
    more: bool
    """Whether there are more after these."""


class SpanOut(Out):
    """Hours on one day, in minutes after local midnight."""

    opens: Annotated[int, Field(examples=[480])]
    closes: Annotated[int, Field(examples=[720])]


class HoursOut(SpanOut):
    """Hours on one day of the week."""

    weekday: Annotated[int, Field(examples=[0])]


class ServiceHoursOut(Out):
    """A profession that one can meet, and when each week."""

    profession: Profession
    always: bool
    hours: list[HoursOut]


class SpecialDayOut(Out):
    """A day with hours of its own; without any it is closed."""

    day: Annotated[date, Field(examples=["2026-12-24"])]
    profession: Annotated[Profession | None, Field(examples=[None])]
    """Null for the whole clinic."""
    hours: list[SpanOut]


class PlaceOut(Out):
    """A clinic as administrators see it."""

    id: Id
    name: ClinicName
    area: Annotated[str, Field(examples=["Mälarö"])]
    services: list[ServiceHoursOut]
    days: list[SpecialDayOut]
    """From today on."""

    @classmethod
    def of(cls, place: Place) -> "PlaceOut":
        """From the domain."""
        return cls(
            id=place.clinic.id,
            name=place.clinic.name,
            area=place.clinic.area,
            services=[
                ServiceHoursOut(
                    profession=profession,
                    always=schedule.always,
                    hours=[
                        HoursOut(weekday=day, opens=span.opens, closes=span.closes)
                        for day in sorted(schedule.weekly)
                        for span in sorted(schedule.weekly[day])
                    ],
                )
                for profession, schedule in place.hours.items()
            ],
            days=[
                SpecialDayOut(
                    day=each.day,
                    profession=each.profession,
                    hours=[SpanOut(opens=span.opens, closes=span.closes) for span in each.spans],
                )
                for each in place.days
            ],
        )


class PlacesOut(Out):
    """All clinics, by name."""

    clinics: list[PlaceOut]


class ActOut(Out):
    """A line of what administrators did: who, what, to whom or where, when."""

    id: Annotated[int, Field(examples=[17])]
    at: datetime
    actor: Annotated[str | None, Field(examples=["Karin Alm"])]
    """Null: by a command on the machine."""
    action: AdminAct
    person: Annotated[str | None, Field(examples=["Ulla Ek"])]
    clinic: Annotated[str | None, Field(examples=["Storgatans vårdcentral"])]
    profession: Profession | None

    @classmethod
    def of(cls, act: Act) -> "ActOut":
        """From the domain."""
        return cls(
            id=act.id,
            at=act.at,
            actor=act.actor,
            action=act.action,
            person=act.person,
            clinic=act.clinic,
            profession=act.profession,
        )


class ActsOut(Out):
    """A page of the log, the newest first."""

    acts: list[ActOut]
    more: bool
    """Whether there are older lines."""
