"""What the guests' routes take and give."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from server.guests.domain import NAME_LENGTH, Guest, GuestList, GuestRole, GuestState, GuestView
from server.kit.actor import Profession
from server.kit.fields import ClinicName, Id, NotYet, StaffName, Version
from server.kit.http import In, Out
from server.queueing.domain import Channel, Communication
from server.visits.domain import VisitState

GuestName = Annotated[str, Field(examples=["Gunnar"])]
Secret = Annotated[str, Field(examples=["u3Yq0cXo1v2rJ5kTg8nZbWmPfAeLsDhRiVtKxQyNw4E"])]


class InviteIn(In):
    """Whom to ask into the visit."""

    name: GuestName = Field(min_length=1, max_length=NAME_LENGTH)
    """What the others in the visit are shown: a given name is enough."""
    role: GuestRole
    """Why they are there; everybody in the visit sees it."""
    communication: Communication = Communication.SPEECH
    """`signs` makes an interpreter one of sign language; everybody in the visit sees it."""


class AdmitIn(In):
    """Whether the patient wants the guest there."""

    consent: bool = False
    """The patient has said yes. Needed, but for a colleague who came with a staff session."""


class RedeemIn(In):
    """The token of an invitation."""

    token: Secret = Field(min_length=20, max_length=100)
    """As it stands in the link, after the `#`."""


class GuestOut(Out):
    """A guest, as patient and clinician see them."""

    id: Id
    role: GuestRole
    name: GuestName
    title: Annotated[str | None, Field(examples=[None])]
    """Of a colleague who came with a staff session; else null, and the name was never checked."""
    communication: Communication
    """How they take part: by speech, in sign language, or by reading."""
    state: GuestState
    invited_at: datetime
    expires_at: datetime
    """Until when the invitation can be used; once it was, until when the session lives."""
    arrived_at: NotYet
    """When the invitation was used."""
    admitted_at: NotYet
    """When the visit's clinician let them in."""
    over_at: NotYet
    """When they were refused or shown out, or their time was over."""
    needs_consent: bool
    """Whether the patient must say yes before they are let in."""
    consent_at: NotYet
    """When the patient had, by the word of who let them in."""
    gone_at: NotYet
    """When they went for good, of their own will."""

    @classmethod
    def of(cls, guest: Guest) -> "GuestOut":
        """The guest as both parties get them."""
        return cls(
            id=guest.id,
            role=guest.role,
            name=guest.name,
            title=guest.title,
            communication=guest.communication,
            state=guest.state,
            invited_at=guest.invited_at,
            expires_at=guest.ends_at,
            arrived_at=guest.redeemed_at,
            admitted_at=guest.admitted_at,
            over_at=guest.over_at,
            needs_consent=guest.needs_consent,
            consent_at=guest.consent_at,
            gone_at=guest.gone_at,
        )


class GuestsOut(Out):
    """Everybody who was invited to the visit, in that order, and where they are."""

    visit_id: Id
    version: Version
    """Rises with every change of the list; hints carry it."""
    guests: list[GuestOut]

    @classmethod
    def of(cls, found: GuestList) -> "GuestsOut":
        """The list as both parties get it."""
        return cls(
            visit_id=found.visit_id,
            version=found.version,
            guests=[GuestOut.of(each) for each in found.guests],
        )


class InvitedOut(Out):
    """The guest who was invited, and the token: it is told here and never again."""

    guest: GuestOut
    version: Version
    """Of the visit's list of guests."""
    token: Annotated[str | None, Field(examples=["u3Yq0cXo1v2rJ5kTg8nZbWmPfAeLsDhRiVtKxQyNw4E"])]
    """Null in a repeat that comes after the invitation was used."""
    link: Annotated[str | None, Field(examples=["https://vard.example.se/gast#u3Yq0cXo1v2rJ5kT"])]
    """Where the guest comes in, at the address of patients and guests. Null as the token."""

    @classmethod
    def of(cls, guest: Guest) -> "InvitedOut":
        """Without the token: this much of the answer is stored."""
        return cls(guest=GuestOut.of(guest), version=guest.version, token=None, link=None)


class GuestSessionOut(Out):
    """Whether this browser has a guest's session, and where the guest stands."""

    state: Annotated[GuestState | None, Field(examples=["waiting"])]
    """Null without a session. Told also when the session is over: that is how one learns why."""


class GuestVisitOut(Out):
    """A visit as its guest sees it: who one is there, who receives, and nothing more."""

    guest_id: Id
    visit_id: Id
    role: GuestRole
    name: GuestName
    title: Annotated[str | None, Field(examples=[None])]
    communication: Communication
    """How one takes part; to who signs or reads sound alone is never offered."""
    state: GuestState
    clinic_name: ClinicName
    clinician_name: StaffName
    profession: Profession
    """What the clinician receives as."""
    patient_name: Annotated[str | None, Field(examples=["Pia"])]
    """What the patient is called in the visit; null until one is let in."""
    visit_state: VisitState
    mode: Channel
    """By chat, which guests take no part in, the call waits until it is video again."""
    expires_at: datetime
    """When the session ends at the latest; it ends with the visit."""
    version: Version
    """Rises with every change of this; hints carry it."""

    @classmethod
    def of(cls, view: GuestView) -> "GuestVisitOut":
        """The visit as the guest gets it."""
        return cls(
            guest_id=view.guest.id,
            visit_id=view.guest.visit_id,
            role=view.guest.role,
            name=view.guest.name,
            title=view.guest.title,
            communication=view.guest.communication,
            state=view.guest.state,
            clinic_name=view.clinic_name,
            clinician_name=view.clinician_name,
            profession=view.profession,
            patient_name=view.patient_name,
            visit_state=view.standing.visit_state,
            mode=view.standing.mode,
            expires_at=view.guest.ends_at,
            version=view.standing.version,
        )
