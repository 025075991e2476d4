"""What the people of a call are told: one's own leg, and the other party who comes and goes."""

from typing import Literal, Protocol

from signaling.rooms.legs import Leg
from signaling.wire.base import CallRole
from signaling.wire.hints import CallHint, CallKey, CallLost, CallPeer, CallSlots, Seating

LostReason = Literal["worker", "replaced", "closed"]
AwayReason = Literal["left", "connection_lost", "worker"]


class Tell(Protocol):
    """Sends a hint to every socket of the account, but for one."""

    def __call__(
        self,
        role: CallRole,
        account_id: str,
        hint: CallHint,
        skip_sid: str | None = None,
    ) -> None: ...


class CallNews:
    """Puts what happened to a leg into hints. It decides nothing."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def lost(self, leg: Leg, reason: LostReason, skip_sid: str | None = None) -> None:
        """The owner's leg is gone."""
        hint = CallLost(visit_id=leg.party.visit_id, leg_id=leg.leg_id, reason=reason)
        self._tell(leg.party.role, leg.party.account_id, hint, skip_sid)

    def here(self, leg: Leg) -> None:
        """The other party is told of the leg, and what is switched on."""
        self._peer(leg, joined=True, reason=None)

    def gone(self, leg: Leg, reason: AwayReason) -> None:
        """The other party is told that the leg is no more."""
        self._peer(leg, joined=False, reason=reason)

    def seated(self, leg: Leg, seating: Seating) -> None:
        """The owner is told who is where in the leg."""
        hint = CallSlots(visit_id=leg.party.visit_id, leg_id=leg.leg_id, **dict(seating))
        self._tell(leg.party.role, leg.party.account_id, hint)

    def key(self, leg: Leg, sender: Leg, sealed: str) -> None:
        """The owner's device is told what another's says to it."""
        party = leg.party
        who = sender.party.participant
        hint = CallKey(
            visit_id=party.visit_id, leg_id=leg.leg_id, participant_id=who, sealed=sealed
        )
        self._tell(party.role, party.account_id, hint)

    def _peer(self, leg: Leg, *, joined: bool, reason: AwayReason | None) -> None:
        party = leg.party
        if party.peer is None or (party.role != "patient" and party.role != "clinician"):
            return  # of a guest the seats tell
        hint = CallPeer(
            visit_id=party.visit_id,
            role=party.role,
            joined=joined,
            mic_on=joined and leg.on.mic_on,
            camera_on=joined and leg.on.camera_on,
            reason=reason,
        )
        self._tell(*party.peer, hint)
