"""Stand-ins that the tests of this room share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from signaling.media.slots import MAX_PARTICIPANTS
from signaling.rooms.media_port import (
    BadSdp,
    LegOver,
    LegsHomeless,
    LegSlotsChanged,
    LegStateChanged,
    MediaEvent,
    MediaFull,
    MediaListener,
    MediaState,
    MediaUnavailable,
    NoSuchLeg,
    Quality,
    VisitFull,
)
from signaling.wire.base import CallRole
from signaling.wire.hints import CallHint


class FakeMedia:
    """A media worker that holds legs and lets a test say what happens to them."""

    def __init__(self) -> None:
        self.legs: dict[str, tuple[str, str]] = {}
        self.echoes: set[str] = set()
        self.most_echoes = 40
        self.answered: list[str] = []
        self.presenting: str | None = None
        self.preferred: set[str] = set()
        #: Whether a leg is sent pictures, and whether it is on hold, as was last said.
        self.switched: dict[str, tuple[bool, bool]] = {}
        self.available = True
        #: What it counts.
        self.told: Mapping[str, object] = {"workers": []}
        #: What a leg that is closed tells of its connection; nothing, when None.
        self.ends_with: Quality | None = None
        self._listeners: list[MediaListener] = []

    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        if not self.available:
            raise MediaUnavailable
        if echo:
            if len(self.echoes & self.legs.keys()) >= self.most_echoes:
                raise MediaFull
            self.echoes.add(leg_id)
        assert (visit_id, participant) not in self.legs.values(), "the former leg was not closed"
        if sum(visit == visit_id for visit, _ in self.legs.values()) >= MAX_PARTICIPANTS:
            raise VisitFull
        self.legs[leg_id] = (visit_id, participant)
        self._seat(visit_id)
        return f"v=0 offer {leg_id}"

    async def answer(self, leg_id: str, sdp: str) -> None:
        self._known(leg_id)
        if not sdp.startswith("v=0"):
            raise BadSdp
        self.answered.append(leg_id)

    async def restart(self, leg_id: str) -> str:
        self._known(leg_id)
        return f"v=0 restart {leg_id}"

    async def present(self, leg_id: str, *, on: bool) -> None:
        self._known(leg_id)
        self.presenting = leg_id if on else None
        self._seat(self.legs[leg_id][0])

    async def prefer(self, leg_id: str, *, on: bool) -> None:
        self._known(leg_id)
        (self.preferred.add if on else self.preferred.discard)(leg_id)

    async def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        self._known(leg_id)
        self.switched[leg_id] = pictures, on_hold

    async def close_leg(self, leg_id: str) -> None:
        visit_id, _ = self.legs.pop(leg_id, ("", ""))
        if visit_id and self.ends_with is not None:
            self._tell(LegOver(leg_id, visit_id, "closed", self.ends_with))
        if self.presenting == leg_id:
            self.presenting = None
        self._seat(visit_id)

    async def leave(self) -> None:
        for leg_id in list(self.legs):
            await self.close_leg(leg_id)

    def on_event(self, listener: MediaListener) -> None:
        self._listeners.append(listener)

    async def stats(self) -> Mapping[str, object]:
        return self.told

    def report(self, leg_id: str, state: MediaState) -> None:
        """The transport of a leg moved."""
        self._tell(LegStateChanged(leg_id, self.legs.get(leg_id, ("", "patient"))[0], state))

    def happen(self, event: MediaEvent) -> None:
        """The worker tells of anything."""
        self._tell(event)

    def die(self) -> None:
        """The worker is lost with all its legs; the next one is there at once."""
        gone = frozenset(self.legs)
        self.legs.clear()
        self._tell(LegsHomeless(gone, gone=True))

    def retire(self) -> None:
        """The worker is to end; its legs carry on until they are closed."""
        self._tell(LegsHomeless(frozenset(self.legs), gone=False))

    def _seat(self, visit_id: str) -> None:
        """As the relay: everybody is told who is where, the newcomer as well."""
        here = [(leg, who) for leg, (visit, who) in self.legs.items() if visit == visit_id]
        for leg_id, me in here:
            others = [who for _, who in here if who != me]
            slots = tuple([*others, *[None] * 5][:5])
            shown = self.legs.get(self.presenting or "")
            screen = shown[1] if shown is not None and shown[1] != me else None
            self._tell(LegSlotsChanged(leg_id, slots, screen, held=False))

    def _known(self, leg_id: str) -> None:
        if not self.available:
            raise MediaUnavailable
        if leg_id not in self.legs:
            raise NoSuchLeg

    def _tell(self, event: MediaEvent) -> None:
        for listener in self._listeners:
            listener(event)


@dataclass
class FakeSurroundings:
    """Sockets and hints as lists."""

    at: datetime
    sockets: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, CallHint, str | None]] = field(default_factory=list)
    roles: dict[str, CallRole] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.at

    def tell(
        self,
        role: CallRole,
        account_id: str,
        hint: CallHint,
        skip_sid: str | None = None,
    ) -> None:
        assert self.roles.setdefault(account_id, role) == role
        self.told.append((account_id, hint, skip_sid))

    def is_connected(self, sid: str) -> bool:
        return sid in self.sockets

    def has_socket(self, account_id: str) -> bool:
        return account_id in self.sockets.values()
