"""The calls of this process: joins, replaces and closes legs, and tells who must know.

Any number of people may be in a visit's call, up to the relay's six; each is a participant with at
most one leg. What changes a visit is told through `visit_changed` and `dismiss`; what happens to
the media, by the port.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from server.kit.ids import new_id
from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.call_states import GRACE, CallState, after_media
from signaling.rooms.errors import (
    CallBadSdp,
    CallFull,
    CallNoLeg,
    CallNoScreen,
    CallReplaced,
    CallUnavailable,
    CallVisitFull,
)
from signaling.rooms.keeping import LegKeeper
from signaling.rooms.legs import Leg, Party, Switches, participant_of
from signaling.rooms.media_port import (
    BadSdp,
    LegJudged,
    LegsHomeless,
    LegSlotsChanged,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaPort,
    NoSuchLeg,
    VisitFull,
)
from signaling.rooms.needs import Needs
from signaling.rooms.news import CallNews
from signaling.rooms.seating import Seats, peer_in_call
from signaling.rooms.surroundings import Surroundings
from signaling.rooms.switching import Switching
from signaling.rooms.turn import TurnServer
from signaling.wire.base import Communication
from signaling.wire.requests import CallJoined

log = get_logger(__name__)

Place = tuple[str, str]
"""A visit and a participant of it."""


class CallRegistry:
    """Which leg belongs to whom, and what becomes of it."""

    def __init__(
        self,
        media: MediaPort,
        around: Surroundings,
        grace: timedelta = GRACE,
        turn: TurnServer | None = None,
    ) -> None:
        self._media = media
        self._turn = turn
        self._around = around
        self._news = CallNews(around.tell)
        self._keeper = LegKeeper(media, around, self._news, grace)
        self._legs = self._keeper.legs
        self._seats = Seats(self._legs, self._news)
        self._needs = Needs(media, self._seats)
        self._switching = Switching(media)
        self._locks: WeakValueDictionary[Place, asyncio.Lock] = WeakValueDictionary()
        # What a worker is being asked for; who is struck out meanwhile was opened on a dead one.
        self._opening: dict[str, Leg] = {}
        media.on_event(self.on_media)

    def __len__(self) -> int:
        return len(self._legs)

    def in_call(self, visit_id: str, account_id: str) -> bool:
        """Whether this account (or guest) has a leg in the visit."""
        return self._legs.of(visit_id, participant_of(visit_id, account_id)) is not None

    async def join(
        self,
        visit_id: str,
        account_id: str,
        sid: str,
        admit: Callable[[], Awaitable[Party]],
        public_key: str | None = None,
    ) -> CallJoined:
        """Open a leg and return the offer. A leg that the party has is replaced.

        `admit` says who the party is or raises. It is asked under the lock that closing takes, so
        that whoever is put out meanwhile is either refused here or dismissed right after.
        """
        place = visit_id, participant_of(visit_id, account_id)
        async with self._lock(place):
            party = await admit()
            old = self._legs.of(*place)
            if old is not None:
                self._keeper.strike(old)
                self._news.lost(old, "replaced", skip_sid=sid)
            leg = Leg(new_id(), party, sid, public_key)
            if old is not None:
                leg.inherit(old)
            self._opening[leg.leg_id] = leg
            try:
                if old is not None:
                    await self._keeper.close_media(old)
                sdp = await self._media.open_leg(visit_id, leg.leg_id, party.participant)
                if leg.leg_id not in self._opening:
                    # Of one that retires, the leg is still there, and would keep it from its end.
                    await self._keeper.close_media(leg)
                    raise CallUnavailable("The media worker was lost while it answered.")
            except BaseException as error:
                # Struck out for a successor that does not come: the peer must not wait for it.
                if old is not None:
                    self._news.gone(old, "worker")
                if isinstance(error, MediaError):
                    raise _not_opened(error) from error
                raise
            finally:
                self._opening.pop(leg.leg_id, None)
            self._legs.add(leg)
            self._switching.switch(leg)
            if not self._around.is_connected(sid):
                self._keeper.detach(leg)
            self._needs.begin(leg)
            self._news.here(leg)
            self._seats.tell_others(leg)
        return CallJoined(
            leg_id=leg.leg_id,
            participant_id=party.participant,
            sdp=sdp,
            peer=peer_in_call(self._peer_of(party)),
            seating=self._seats.of(leg),
            ice_servers=(
                [self._turn.for_leg(leg.leg_id, self._around.now())] if self._turn else []
            ),
        )

    async def answer(self, account_id: str, sid: str, visit_id: str, leg_id: str, sdp: str) -> None:
        """Apply the browser's answer, to the first offer or to one of a restart."""
        leg = self._take(account_id, sid, visit_id, leg_id)
        try:
            await self._media.answer(leg_id, sdp)
        except MediaError as error:
            raise self._refusal(leg, error) from error
        if leg.state is CallState.OFFERED:
            leg.to(CallState.CONNECTING)

    async def restart(self, account_id: str, sid: str, visit_id: str, leg_id: str) -> str:
        """An offer with new ICE credentials."""
        leg = self._take(account_id, sid, visit_id, leg_id)
        try:
            return await self._media.restart(leg_id)
        except MediaError as error:
            raise self._refusal(leg, error) from error

    def set_state(
        self,
        account_id: str,
        sid: str,
        visit_id: str,
        leg_id: str,
        on: Switches,
        *,
        screen_on: bool = False,
    ) -> None:
        """Note what is switched on and tell the others. Who shares a screen takes it over.

        Raises `CallNoScreen` for a guest who would.
        """
        leg = self._take(account_id, sid, visit_id, leg_id)
        if screen_on and not leg.party.shares:
            raise CallNoScreen
        before = leg.on
        if before != on:
            leg.take(on, self._around.now())
            if (before.mic_on, before.camera_on) != (on.mic_on, on.camera_on):
                self._news.here(leg)
            self._seats.tell_others(leg)
        self._switching.switch(leg)
        if leg.screen_on != screen_on:
            self._switching.present(leg, on=screen_on)

    def pass_on(
        self, account_id: str, sid: str, visit_id: str, leg_id: str, messages: Mapping[str, str]
    ) -> None:
        """Tell devices of others in the call what this one says. Nothing of it is kept."""
        leg = self._take(account_id, sid, visit_id, leg_id)
        for participant, sealed in messages.items():
            other = self._legs.of(visit_id, participant)
            if other is not None and other is not leg:
                self._news.key(other, leg, sealed)

    def party_of(self, leg_id: str) -> Party | None:
        """Whose leg it is, if it is one of these."""
        return leg.party if (leg := self._legs.get(leg_id)) else None

    async def leave(self, account_id: str, visit_id: str, leg_id: str) -> None:
        """Close one's own leg; leaving again is no error."""
        try:
            leg = self._legs.owned(account_id, visit_id, leg_id)
        except CallNoLeg:
            return
        await self._keeper.dismiss(leg)

    def socket_gone(self, sid: str) -> None:
        """A socket closed: its legs stay for the grace."""
        for leg in self._legs.spoken_for_by(sid):
            self._keeper.detach(leg)

    def visit_changed(self, visit_id: str, *, call_possible: bool) -> None:
        """A visit moved: close the legs that it no longer allows."""
        if call_possible:
            return
        places = {(visit_id, leg.party.participant) for leg in self._legs.in_visit(visit_id)}
        # A lock is there exactly when a join is under way.
        places |= {place for place in list(self._locks) if place[0] == visit_id}
        for place in sorted(places):
            _ = spawn(self._dismiss(place), name="call.dismiss")

    def dismiss(self, visit_id: str, account_id: str) -> None:
        """Somebody went away from the visit, or may no longer be in its call."""
        place = visit_id, participant_of(visit_id, account_id)
        if self._legs.of(*place) is not None or place in self._locks:
            _ = spawn(self._dismiss(place), name="call.dismiss")

    def communicates(self, visit_id: str, account_id: str, how: Communication) -> None:
        """Somebody speaks, signs or reads from now on: all in the call are told, and the relay."""
        place = visit_id, participant_of(visit_id, account_id)
        for opening in self._opening.values():
            if (opening.party.visit_id, opening.party.participant) == place:
                opening.party = replace(opening.party, communication=how)
        if leg := self._legs.of(*place):
            self._needs.change(leg, how)

    def on_media(self, event: MediaEvent) -> None:
        """What the workers report."""
        if isinstance(event, LegsHomeless):
            homeless = [leg for leg in self._legs.all() if leg.leg_id in event.leg_ids]
            for leg_id in event.leg_ids:
                self._opening.pop(leg_id, None)
            if event.gone:
                for leg in homeless:
                    self._keeper.evict(leg)
            else:
                _ = spawn(self._keeper.move(homeless), name="call.move")
        elif isinstance(event, LegSlotsChanged):
            if seated := self._legs.get(event.leg_id) or self._opening.get(event.leg_id):
                self._seats.changed(seated, event)
        elif isinstance(event, LegJudged):
            if found := self._legs.get(event.leg_id):
                self._seats.judged(found, event)
        elif isinstance(event, LegStateChanged) and (moved := self._legs.get(event.leg_id)):
            state = after_media(moved.state, event.state)
            if state is CallState.CLOSED:
                self._keeper.give_up(moved)
            else:
                moved.to(state)

    async def stop(self) -> None:
        """Forget every leg. What becomes of its media is said by `MediaPort.leave`."""
        self._keeper.stop()

    def _lock(self, place: Place) -> asyncio.Lock:
        return self._locks.setdefault(place, asyncio.Lock())

    def _peer_of(self, party: Party) -> Leg | None:
        if party.peer is None:
            return None
        return self._legs.of(party.visit_id, participant_of(party.visit_id, party.peer[1]))

    def _take(self, account_id: str, sid: str, visit_id: str, leg_id: str) -> Leg:
        """The leg, from now on spoken for by this socket: a tab that came back names its leg."""
        try:
            leg = self._legs.owned(account_id, visit_id, leg_id)
        except CallNoLeg:
            # Its hint may have met a socket that slept: without this word it would take over anew.
            if self.in_call(visit_id, account_id):
                raise CallReplaced from None
            raise
        if self._around.is_connected(sid):
            moved = leg.sid != sid
            self._keeper.attach(leg, sid)
            if moved:
                # What was told to the socket before may be lost, and is nowhere else to be had.
                self._news.seated(leg, self._seats.of(leg))
        return leg

    def _refusal(self, leg: Leg, error: MediaError) -> Exception:
        if isinstance(error, BadSdp):
            return CallBadSdp("The SDP answer can't be used.", field="sdp")
        if isinstance(error, NoSuchLeg):
            if self._keeper.holds(leg):
                self._keeper.strike(leg)
                self._news.gone(leg, "worker")
            return CallNoLeg("The media worker no longer knows the leg.")
        return CallUnavailable("The media worker did not answer.")

    async def _dismiss(self, place: Place) -> None:
        async with self._lock(place):
            leg = self._legs.of(*place)
            if leg is not None:
                await self._keeper.dismiss(leg)


def _not_opened(error: MediaError) -> Exception:
    if isinstance(error, MediaFull):
        return CallFull("Every media worker has as many calls as it may have.")
    if isinstance(error, VisitFull):
        return CallVisitFull("Six people are in the call.")
    return CallUnavailable("No media worker took the call.")
