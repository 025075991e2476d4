"""The calls: joins, replaces and closes legs, and tells who must know.

Any number of people may be in a visit's call, up to the relay's six; each is a participant with at
most one leg. What changes a visit is told through `visit_changed` and `dismiss`; what happens to
the media, by the port. Where servers share the media, the table has the legs of all of them
(`elsewhere.py`), and a socket that names a leg of another server's takes it over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

from server.kit.ids import new_id
from server.kit.tasks import spawn
from signaling.rooms.call_states import GRACE, CallState
from signaling.rooms.elsewhere import Elsewhere
from signaling.rooms.errors import CallNoLeg, CallNoScreen, CallReplaced, CallUnavailable
from signaling.rooms.happenings import Happenings
from signaling.rooms.keeping import LegKeeper
from signaling.rooms.legs import Leg, Party, Switches, participant_of
from signaling.rooms.media_port import MediaError, MediaPort, NoSuchLeg, SharedMediaPort
from signaling.rooms.needs import Needs
from signaling.rooms.news import CallNews
from signaling.rooms.refusals import not_done, not_opened
from signaling.rooms.seating import Seats, peer_in_call
from signaling.rooms.surroundings import Surroundings
from signaling.rooms.switching import Switching
from signaling.rooms.turn import TurnServer
from signaling.wire.base import Communication
from signaling.wire.requests import CallJoined

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
        self._elsewhere = (
            Elsewhere(media, around, self._keeper, self._news, self._seats, self._needs)
            if isinstance(media, SharedMediaPort)
            else None
        )
        # What a worker is being asked for; who is struck out meanwhile was opened on a dead one.
        self._opening: dict[str, Leg] = {}
        happenings = Happenings(self._keeper, self._seats, self._opening, self._elsewhere)
        media.on_event(happenings.on_media)

    def __len__(self) -> int:
        """How many legs this server speaks for."""
        return len(self._legs)

    async def start(self) -> None:
        """Hear of the legs that other servers have."""
        if self._elsewhere is not None:
            await self._elsewhere.start()

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
            sdp = await self._open(leg, old)
            self._legs.add(leg)
            self._switching.switch(leg)
            self._publish(leg)
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

    async def claim(
        self,
        account_id: str,
        sid: str,
        visit_id: str,
        leg_id: str,
        admit: Callable[[], Awaitable[Party]],
    ) -> None:
        """Take one's own leg over from the server that spoke for it; no other is touched.

        `admit` as in `join`: who may not join may not come back either.
        """
        leg = self._legs.get(leg_id)
        if self._elsewhere is None or leg is None or leg.here:
            return
        if (leg.party.account_id, leg.party.visit_id) != (account_id, visit_id):
            return  # what is asked next says so
        async with self._lock((visit_id, leg.party.participant)):
            still = self._legs.get(leg_id)
            if still is not None and not still.here:
                await self._elsewhere.adopt(still, sid, await admit())

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
        self._publish(leg)

    def pass_on(
        self, account_id: str, sid: str, visit_id: str, leg_id: str, messages: Mapping[str, str]
    ) -> None:
        """Tell devices of others in the call what this one says. Nothing of it is kept."""
        leg = self._take(account_id, sid, visit_id, leg_id)
        for participant, sealed in messages.items():
            other = self._legs.of(visit_id, participant)
            if other is None or other is leg:
                continue
            if other.here or self._elsewhere is None:
                self._news.key(other, leg, sealed)
            else:
                self._elsewhere.say(other, leg, sealed)

    def party_of(self, leg_id: str) -> Party | None:
        """Whose leg it is, if this server speaks for it."""
        return leg.party if (leg := self._legs.get(leg_id)) and leg.here else None

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
            self._publish(leg)

    async def stop(self) -> None:
        """Forget every leg. What becomes of its media is said by `MediaPort.leave`."""
        self._keeper.stop()

    async def _open(self, leg: Leg, old: Leg | None) -> str:
        """Ask for a leg, in the place of another perhaps; its offer."""
        party, self._opening[leg.leg_id] = leg.party, leg
        try:
            if old is not None:
                await self._keeper.end_first(old)
            sdp = await self._media.open_leg(party.visit_id, leg.leg_id, party.participant)
            if leg.leg_id not in self._opening:
                # Of one that retires, the leg is still there, and would keep it from its end.
                await self._keeper.close_media(leg, "worker")
                raise CallUnavailable("The media worker was lost while it answered.")
        except BaseException as error:
            replaced = isinstance(error, CallUnavailable) and leg.state is CallState.CLOSED
            if replaced or isinstance(error, NoSuchLeg):
                raise CallReplaced("Another tab or device joined meanwhile.") from error
            # Struck out for a successor that does not come: the peer must not wait for it.
            if old is not None:
                self._news.gone(old, "worker")
                self._keeper.end_last(old, "worker")
            if isinstance(error, MediaError):
                raise not_opened(error) from error
            raise
        finally:
            self._opening.pop(leg.leg_id, None)
        if old is not None:
            self._keeper.end_last(old, "replaced")
        return sdp

    def _publish(self, leg: Leg) -> None:
        if self._elsewhere is not None:
            self._elsewhere.publish(leg)

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
        if isinstance(error, NoSuchLeg) and self._keeper.holds(leg):
            self._keeper.strike(leg)
            self._news.gone(leg, "worker")
        return not_done(error)

    async def _dismiss(self, place: Place) -> None:
        async with self._lock(place):
            if leg := self._legs.of(*place):
                await self._keeper.dismiss(leg)
