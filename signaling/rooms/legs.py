"""One leg, and the table of who has which."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from signaling.rooms.call_states import CallState, move
from signaling.rooms.errors import CallNoLeg
from signaling.wire.base import CallRole, Communication, Role
from signaling.wire.hints import GOOD_LINE, Line

_OTHER: dict[CallRole, Role] = {"patient": "clinician", "clinician": "patient"}


def participant_of(visit_id: str, account_id: str) -> str:
    """Who an account is to the others of a visit and to the relay: the same in every leg of it.

    Made from the account, so that every server makes the same, and tells nobody which.
    """
    return str(uuid5(UUID(visit_id), account_id))


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a visit's call. `name` is what the others of the call may see.

    `account_id` is the guest's own id for who has no account. `peer_id` is the other of the two
    whose visit it is, who tell each other of their side of the call; guests have none.
    `communication` is the server's word, never the client's.
    """

    visit_id: str
    role: CallRole
    account_id: str
    name: str
    peer_id: str | None = None
    communication: Communication = "speech"

    @property
    def shares(self) -> bool:
        """Whether this one may show a screen: the two whose visit it is, and no guest."""
        return self.role in _OTHER

    @property
    def participant(self) -> str:
        """Who this is to the others and to the relay."""
        return participant_of(self.visit_id, self.account_id)

    @property
    def signs(self) -> bool:
        """Whether the picture is the speech: it goes before everything else."""
        return self.communication == "signs"

    @property
    def peer(self) -> tuple[Role, str] | None:
        """Role and account of the other party of the visit; None for a guest."""
        other = _OTHER.get(self.role)
        return None if other is None or self.peer_id is None else (other, self.peer_id)


@dataclass(frozen=True, slots=True)
class Switches:
    """What somebody has switched on; microphone and camera count as on until it is said.

    `pictures_wanted`: of the others' cameras. `sound_first`: what is off is so for the sound.
    """

    mic_on: bool = True
    camera_on: bool = True
    pictures_wanted: bool = True
    sound_first: bool = False
    on_hold: bool = False


@dataclass(slots=True)
class Leg:
    """A connection of one party to the relay. `sid` is the socket that speaks for it, if any.

    `here`: this server speaks for it. Of one that another server speaks for, this one knows what
    its card says and what the relay tells of it.
    """

    leg_id: str
    party: Party
    sid: str | None
    public_key: str | None = None
    on: Switches = field(default_factory=Switches)
    on_hold_since: datetime | None = None
    screen_on: bool = False
    # Whether the worker was told to send it pictures, and that it is on hold.
    switched: tuple[bool, bool] = (True, False)
    # As the worker last said: who is in which slot, whose screen comes, and what is held back.
    slots: tuple[str | None, ...] = (None,) * 5
    screen: str | None = None
    pictures_held: bool = False
    signers_held: bool = False
    line: Line = GOOD_LINE
    detached_at: datetime | None = None
    state: CallState = CallState.OFFERED
    here: bool = True
    # Its card, as the other servers were last told it.
    card: str | None = None

    def take(self, on: Switches, now: datetime) -> None:
        """From now on this is switched on."""
        if not on.on_hold:
            self.on_hold_since = None
        elif self.on_hold_since is None:
            self.on_hold_since = now
        self.on = on

    def inherit(self, old: "Leg") -> None:
        """It replaces another of the same person: what was off stays off until it is said."""
        self.on, self.on_hold_since = old.on, old.on_hold_since

    def to(self, state: CallState) -> None:
        """The one door into a state."""
        self.state = move(self.state, state)

    def attach(self, sid: str | None) -> None:
        """From now on this socket speaks for the leg, or one of another server."""
        self.sid, self.detached_at = sid, None

    def detach(self, now: datetime) -> None:
        """The socket is gone; the media may well be there still."""
        self.sid, self.detached_at = None, now


class LegTable:
    """At most one leg for each participant of each visit."""

    def __init__(self) -> None:
        self._by_id: dict[str, Leg] = {}
        self._by_visit: dict[str, dict[str, Leg]] = {}
        self._here: dict[str, Leg] = {}

    def __len__(self) -> int:
        """How many this server speaks for."""
        return len(self._here)

    def add(self, leg: Leg) -> None:
        """Enter a leg; the participant should have none, or has that one no longer."""
        self._by_id[leg.leg_id] = leg
        self.spoken(leg, here=leg.here)
        people = self._by_visit.setdefault(leg.party.visit_id, {})
        if (former := people.get(leg.party.participant)) is not None:
            self._by_id.pop(former.leg_id, None)
            self._here.pop(former.leg_id, None)
        people[leg.party.participant] = leg

    def remove(self, leg: Leg) -> None:
        """Strike a leg out; no error when it is out already."""
        self._by_id.pop(leg.leg_id, None)
        self._here.pop(leg.leg_id, None)
        visit_id, participant = leg.party.visit_id, leg.party.participant
        people = self._by_visit.get(visit_id, {})
        if people.get(participant) is leg:
            del people[participant]
            if not people:
                del self._by_visit[visit_id]

    def spoken(self, leg: Leg, *, here: bool) -> None:
        """From now on this server speaks for the leg, or another does."""
        leg.here = here
        if here:
            self._here[leg.leg_id] = leg
        else:
            self._here.pop(leg.leg_id, None)

    def get(self, leg_id: str) -> Leg | None:
        """The leg with this id."""
        return self._by_id.get(leg_id)

    def of(self, visit_id: str, participant: str) -> Leg | None:
        """The leg of this participant."""
        return self._by_visit.get(visit_id, {}).get(participant)

    def in_visit(self, visit_id: str) -> list[Leg]:
        """The legs of one visit."""
        return list(self._by_visit.get(visit_id, {}).values())

    def owned(self, account_id: str, visit_id: str, leg_id: str) -> Leg:
        """The leg, if it is this account's. Raises `CallNoLeg` as if it did not exist."""
        leg = self._by_id.get(leg_id)
        if leg is None or leg.party.account_id != account_id or leg.party.visit_id != visit_id:
            raise CallNoLeg
        return leg

    def spoken_for_by(self, sid: str) -> list[Leg]:
        """The legs of one socket."""
        return [leg for leg in self._here.values() if leg.sid == sid]

    def all(self) -> list[Leg]:
        """Every leg."""
        return list(self._by_id.values())
