"""A guest's way from the invitation to the call and out again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from server.guests.errors import (
    ConsentMissing,
    GuestIllegalMove,
    GuestsFull,
    InvitationOver,
    InvitationUnknown,
    InvitationUsed,
    NotAdmitted,
    OwnVisit,
)
from server.guests.events import GuestEvent, GuestMoved, GuestVisitMoved
from server.kit.actor import Profession
from server.queueing.domain import Channel, Communication
from server.visits.domain import VisitState

# Part of the domain, kept in files of their own.
__all__ = [
    "ConsentMissing",
    "GuestEvent",
    "GuestIllegalMove",
    "GuestMoved",
    "GuestVisitMoved",
    "GuestsFull",
    "InvitationOver",
    "InvitationUnknown",
    "InvitationUsed",
    "NotAdmitted",
    "OwnVisit",
]

#: Six people fit in a call, and two of them are patient and clinician.
MOST = 4
INVITATION_FOR = timedelta(hours=2)
#: A guest who has come and has no connection for so long has closed the page.
AWAY_AFTER = timedelta(seconds=15)
#: Longer than any visit; it ends with the visit.
SESSION_FOR = timedelta(hours=4)
NAME_LENGTH = 100


class GuestRole(StrEnum):
    """Why somebody is there: närstående, tolk, kollega."""

    RELATIVE = "relative"
    INTERPRETER = "interpreter"
    COLLEAGUE = "colleague"


class GuestState(StrEnum):
    """Where a guest stands (docs/rules.md)."""

    INVITED = "invited"
    WAITING = "waiting"
    ADMITTED = "admitted"
    LEFT = "left"
    REMOVED = "removed"
    REFUSED = "refused"
    EXPIRED = "expired"


_NEXT: Mapping[GuestState, frozenset[GuestState]] = {
    GuestState.INVITED: frozenset({GuestState.WAITING, GuestState.REMOVED, GuestState.EXPIRED}),
    GuestState.WAITING: frozenset(
        {GuestState.ADMITTED, GuestState.REFUSED, GuestState.LEFT, GuestState.EXPIRED}
    ),
    GuestState.ADMITTED: frozenset({GuestState.LEFT, GuestState.REMOVED, GuestState.EXPIRED}),
    # Back to where one was.
    GuestState.LEFT: frozenset(
        {GuestState.WAITING, GuestState.ADMITTED, GuestState.REMOVED, GuestState.EXPIRED}
    ),
    GuestState.REMOVED: frozenset(),
    GuestState.REFUSED: frozenset(),
    GuestState.EXPIRED: frozenset(),
}

#: Whoever may still be in the call, or come back to it: each of these has one of the places.
LIVE = frozenset({GuestState.INVITED, GuestState.WAITING, GuestState.ADMITTED, GuestState.LEFT})


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whom the clinician has asked into a visit.

    ``ends_at``: until when the invitation holds, and once it was used, the session. Of the tokens
    of both only the hashes are kept. ``account_id`` and ``title`` are those of a member of the
    staff who came with a session of her own. ``consent_at``: when the patient had said yes, by the
    word of whoever admitted. ``gone_at``: when the guest went for good, of her own will.
    ``version`` is the list's when this was changed last.
    """

    id: str
    visit_id: str
    role: GuestRole
    name: str
    title: str | None
    communication: Communication
    account_id: str | None
    state: GuestState
    token_hash: str | None
    redeem_key: str | None
    session_id: str | None
    session_hash: str | None
    invited_by: str
    invited_at: datetime
    ends_at: datetime
    redeemed_at: datetime | None
    admitted_by: str | None
    admitted_at: datetime | None
    over_at: datetime | None
    consent_at: datetime | None
    gone_at: datetime | None
    version: int

    @property
    def is_live(self) -> bool:
        """Whether the guest may be in the visit, or come to it."""
        return self.state in LIVE

    @property
    def needs_consent(self) -> bool:
        """Whether the patient must have said yes first: but for staff, whom their login shows.

        That somebody was invited as a colleague is the inviter's word alone.
        """
        return self.account_id is None

    def has_session(self, now: datetime) -> bool:
        """Whether the guest's session may be used at the instant."""
        return self.is_live and self.state is not GuestState.INVITED and now < self.ends_at


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who comes with an invitation: the session that is made for it, and whose browser it is.

    ``key`` is the request's own, so that a repeat whose answer was lost gets in after all.
    """

    key: str
    session_id: str
    session_hash: str
    account_id: str | None = None
    name: str | None = None
    title: str | None = None


def _to(guest: Guest, state: GuestState) -> Guest:
    """The one door into each state."""
    if state not in _NEXT[guest.state]:
        raise GuestIllegalMove(
            f"A guest who is {guest.state} can't become {state}.", state=guest.state.value
        )
    return replace(guest, state=state)


def require_place(live: int) -> None:
    """Raise ``GuestsFull`` unless one more may be invited beside so many."""
    if live >= MOST:
        raise GuestsFull(f"At most {MOST} guests fit in a visit.", most=MOST)


def arrived(guest: Guest, arrival: Arrival, now: datetime) -> Guest:
    """The invitation is used: the guest waits in the lobby.

    The same request again replaces the session that nobody got. ``InvitationUsed`` for any other,
    ``InvitationOver`` when it can't be used any more.
    """
    if guest.state is not GuestState.INVITED:
        if not guest.has_session(now):
            raise InvitationOver("The invitation is no longer valid.")
        if guest.redeem_key != arrival.key:
            raise InvitationUsed("The invitation was used already.")
    elif now >= guest.ends_at:
        raise InvitationOver("The invitation is too old.")
    else:
        guest = replace(
            _to(guest, GuestState.WAITING),
            redeem_key=arrival.key,
            redeemed_at=now,
            ends_at=now + SESSION_FOR,
        )
    if arrival.account_id is not None:
        guest = replace(
            guest,
            role=GuestRole.COLLEAGUE,
            account_id=arrival.account_id,
            name=arrival.name or guest.name,
            title=arrival.title,
        )
    return replace(guest, session_id=arrival.session_id, session_hash=arrival.session_hash)


def admitted(guest: Guest, by: str, now: datetime, *, consent: bool) -> Guest:
    """The clinician lets the guest in; unchanged if in already. Who and when is kept.

    ``consent``: the clinician has heard the patient's yes. ``ConsentMissing`` where it is needed.
    """
    if guest.state is GuestState.ADMITTED:
        return guest
    if guest.state is not GuestState.WAITING:
        raise GuestIllegalMove("The guest is not in the lobby.", state=guest.state.value)
    if guest.needs_consent and not consent:
        raise ConsentMissing("The patient's yes to this guest is not noted.")
    return replace(
        _to(guest, GuestState.ADMITTED),
        admitted_by=by,
        admitted_at=now,
        consent_at=now if consent else None,
    )


def refused(guest: Guest, now: datetime) -> Guest:
    """The clinician does not let in who waits."""
    return replace(_to(guest, GuestState.REFUSED), over_at=now)


def removed(guest: Guest, now: datetime) -> Guest:
    """The clinician shows out who is in, or was."""
    if guest.state is GuestState.INVITED:
        raise GuestIllegalMove("Nobody came yet.", state=guest.state.value)
    return replace(_to(guest, GuestState.REMOVED), over_at=now)


def withdrawn(guest: Guest, now: datetime) -> Guest:
    """The clinician takes an invitation back that nobody used."""
    if guest.state is not GuestState.INVITED:
        raise GuestIllegalMove("The invitation was used.", state=guest.state.value)
    return replace(_to(guest, GuestState.REMOVED), over_at=now)


def left(guest: Guest) -> Guest:
    """The guest goes away and may come back; unchanged if away already."""
    return guest if guest.state is GuestState.LEFT else _to(guest, GuestState.LEFT)


def returned(guest: Guest) -> Guest:
    """Back to where the guest was: in the call without a new admission, or in the lobby."""
    if guest.state in {GuestState.WAITING, GuestState.ADMITTED}:
        return guest
    if guest.state is not GuestState.LEFT:
        raise GuestIllegalMove("The guest has not left.", state=guest.state.value)
    inside = guest.admitted_at is not None
    return _to(guest, GuestState.ADMITTED if inside else GuestState.WAITING)


def communication_set(guest: Guest, communication: Communication) -> Guest:
    """The guest speaks, signs or reads from now on."""
    if not guest.is_live:
        raise GuestIllegalMove("The guest is out.", state=guest.state.value)
    return replace(guest, communication=communication)


def gone(guest: Guest, now: datetime) -> Guest:
    """The guest goes for good, and the invitation with her."""
    return replace(expired(guest, now), gone_at=now)


def expired(guest: Guest, now: datetime) -> Guest:
    """The time of the invitation, of the session or of the visit is over."""
    return replace(_to(guest, GuestState.EXPIRED), over_at=now)


@dataclass(frozen=True, slots=True)
class GuestList:
    """The guests of a visit, in the order in which they were invited, and the list's version."""

    visit_id: str
    version: int
    guests: list[Guest]


@dataclass(frozen=True, slots=True)
class GuestStanding:
    """Where a guest and the visit stand, without anything of the patient."""

    guest_id: str
    visit_id: str
    name: str
    role: GuestRole
    state: GuestState
    visit_state: VisitState
    mode: Channel
    communication: Communication
    version: int


@dataclass(frozen=True, slots=True)
class GuestView:
    """What the guest may know. ``patient_name`` only once admitted, as called in the visit."""

    guest: Guest
    standing: GuestStanding
    clinician_name: str
    profession: Profession
    clinic_name: str
    patient_name: str | None
