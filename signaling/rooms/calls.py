"""The calls of this process: joins, replaces, keeps and closes legs, and tells who must know.

A leg outlives its socket for a grace, because a dropped socket says nothing about the media.
What changes a visit is told through `visit_changed`; what happens to the media, by the port.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from weakref import WeakValueDictionary

from server.kit.ids import new_id
from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.call_states import GRACE, CallState, Detached, after_media, overdue
from signaling.rooms.errors import CallBadSdp, CallFull, CallNoLeg, CallUnavailable, CallVisitFull
from signaling.rooms.legs import Leg, LegTable, Party
from signaling.rooms.media_port import (
    BadSdp,
    LegsHomeless,
    LegSlotsChanged,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaPort,
    NoSuchLeg,
    Role,
    VisitFull,
)
from signaling.rooms.news import CallNews
from signaling.rooms.seating import Seats, peer_in_call
from signaling.rooms.surroundings import Surroundings
from signaling.rooms.turn import TurnServer
from signaling.wire.requests import CallJoined

log = get_logger(__name__)

# Seconds; a handshake costs a worker a few milliseconds.
_BETWEEN_MOVES = 0.05


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
        self._grace = grace
        self._legs = LegTable()
        self._seats = Seats(self._legs, self._news)
        self._locks: WeakValueDictionary[tuple[str, Role], asyncio.Lock] = WeakValueDictionary()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        # What a worker is being asked for; who is struck out meanwhile was opened on a dead one.
        self._opening: dict[str, Leg] = {}
        media.on_event(self.on_media)

    def __len__(self) -> int:
        return len(self._legs)

    def in_call(self, visit_id: str, role: Role) -> bool:
        """Whether this party has a leg."""
        return self._legs.of(visit_id, role) is not None

    async def join(
        self, visit_id: str, role: Role, sid: str, admit: Callable[[], Awaitable[Party]]
    ) -> CallJoined:
        """Open a leg and return the offer. A leg that the party has is replaced.

        `admit` says who the party is or raises. It is asked under the lock that closing takes, so
        that a visit which ends meanwhile is either refused here or closed right after.
        """
        async with self._lock(visit_id, role):
            party = await admit()
            old = self._legs.of(visit_id, role)
            if old is not None:
                self._strike(old)
                self._news.lost(old, "replaced", skip_sid=sid)
            leg = Leg(new_id(), party, sid)
            if old is not None:
                leg.mic_on, leg.camera_on = old.mic_on, old.camera_on
            self._opening[leg.leg_id] = leg
            try:
                if old is not None:
                    await self._close_media(old)
                sdp = await self._media.open_leg(visit_id, leg.leg_id, party.participant)
                if leg.leg_id not in self._opening:
                    raise CallUnavailable("The media worker was lost while it answered.")
            except BaseException as error:
                # Struck out for a successor that does not come: the peer must not wait for it.
                if old is not None:
                    self._news.gone(old, "worker")
                if isinstance(error, MediaFull):
                    raise CallFull(
                        "Every media worker has as many calls as it may have."
                    ) from error
                if isinstance(error, VisitFull):
                    raise CallVisitFull("Six people are in the call.") from error
                if isinstance(error, MediaError):
                    raise CallUnavailable("No media worker took the call.") from error
                raise
            finally:
                self._opening.pop(leg.leg_id, None)
            self._legs.add(leg)
            if not self._around.is_connected(sid):
                self._detach(leg)
            self._news.here(leg)
            self._seats.tell_others(leg)
        peer = self._legs.of(visit_id, party.peer_role)
        return CallJoined(
            leg_id=leg.leg_id,
            participant_id=party.participant,
            sdp=sdp,
            peer=peer_in_call(peer),
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
        *,
        mic_on: bool,
        camera_on: bool,
        screen_on: bool = False,
    ) -> None:
        """Note what is switched on and tell the others. Who shares a screen takes it over."""
        leg = self._take(account_id, sid, visit_id, leg_id)
        if (leg.mic_on, leg.camera_on) != (mic_on, camera_on):
            leg.mic_on, leg.camera_on = mic_on, camera_on
            self._news.here(leg)
            self._seats.tell_others(leg)
        if leg.screen_on != screen_on:
            leg.screen_on = screen_on
            _ = spawn(self._present(leg, on=screen_on), name="call.present")

    async def leave(self, account_id: str, visit_id: str, leg_id: str) -> None:
        """Close one's own leg; leaving again is no error."""
        try:
            leg = self._legs.owned(account_id, visit_id, leg_id)
        except CallNoLeg:
            return
        self._strike(leg)
        self._news.gone(leg, "left")
        await self._close_media(leg)

    def socket_gone(self, sid: str) -> None:
        """A socket closed: its legs stay for the grace."""
        for leg in self._legs.spoken_for_by(sid):
            self._detach(leg)

    def visit_changed(self, visit_id: str, *, call_possible: bool, patient_left: bool) -> None:
        """A visit moved: close the legs that it no longer allows."""
        roles: tuple[Role, ...] = ("patient", "clinician") if not call_possible else ()
        if patient_left and not roles:
            roles = ("patient",)
        for role in roles:
            # A lock is there exactly when a join is under way.
            if self.in_call(visit_id, role) or (visit_id, role) in self._locks:
                _ = spawn(self._dismiss(visit_id, role), name="call.dismiss")

    def on_media(self, event: MediaEvent) -> None:
        """What the workers report."""
        if isinstance(event, LegsHomeless):
            homeless = [leg for leg in self._legs.all() if leg.leg_id in event.leg_ids]
            if event.gone:
                for leg_id in event.leg_ids:
                    self._opening.pop(leg_id, None)
                for leg in homeless:
                    self._evict(leg)
            else:
                _ = spawn(self._move(homeless), name="call.move")
        elif isinstance(event, LegSlotsChanged):
            leg_id = event.leg_id
            if seated := self._legs.get(leg_id) or self._opening.get(leg_id):
                self._seats.changed(seated, event)
        elif isinstance(event, LegStateChanged) and (moved := self._legs.get(event.leg_id)):
            state = after_media(moved.state, event.state)
            if state is CallState.CLOSED:
                self._give_up(moved)
            else:
                moved.to(state)

    async def stop(self) -> None:
        """Forget every leg. The worker is stopped by whoever started it."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for leg in self._legs.all():
            self._strike(leg)

    async def _present(self, leg: Leg, *, on: bool) -> None:
        try:
            await self._media.present(leg.leg_id, on=on)
            leg.screen_on = on  # whoever shared meanwhile has been taken over from
        except MediaError as error:
            log.warning("call.screen_not_switched", leg_id=leg.leg_id, error=error)

    def _lock(self, visit_id: str, role: Role) -> asyncio.Lock:
        return self._locks.setdefault((visit_id, role), asyncio.Lock())

    def _take(self, account_id: str, sid: str, visit_id: str, leg_id: str) -> Leg:
        """The leg, from now on spoken for by this socket: a tab that came back names its leg."""
        leg = self._legs.owned(account_id, visit_id, leg_id)
        if self._around.is_connected(sid):
            leg.attach(sid)
            self._forget_timer(leg)
        return leg

    def _refusal(self, leg: Leg, error: MediaError) -> Exception:
        if isinstance(error, BadSdp):
            return CallBadSdp("The SDP answer can't be used.", field="sdp")
        if isinstance(error, NoSuchLeg):
            if self._legs.get(leg.leg_id) is leg:
                self._strike(leg)
                self._news.gone(leg, "worker")
            return CallNoLeg("The media worker no longer knows the leg.")
        return CallUnavailable("The media worker did not answer.")

    async def _dismiss(self, visit_id: str, role: Role) -> None:
        async with self._lock(visit_id, role):
            leg = self._legs.of(visit_id, role)
            if leg is None:
                return
            self._strike(leg)
            self._news.gone(leg, "left")
            await self._close_media(leg)

    def _detach(self, leg: Leg) -> None:
        leg.detach(self._around.now())
        self._watch(leg, self._grace)

    def _watch(self, leg: Leg, delay: timedelta) -> None:
        self._forget_timer(leg)
        self._timers[leg.leg_id] = asyncio.get_running_loop().call_later(
            delay.total_seconds(), self._grace_over, leg
        )

    def _grace_over(self, leg: Leg) -> None:
        self._timers.pop(leg.leg_id, None)
        if leg.detached_at is None or self._legs.get(leg.leg_id) is not leg:
            return
        owner_online = self._around.has_socket(leg.party.account_id)
        seen = Detached(leg.state, leg.detached_at, owner_online)
        if overdue(seen, self._around.now(), self._grace):
            self._give_up(leg)
        else:
            self._watch(leg, self._grace / 4)

    def _give_up(self, leg: Leg) -> None:
        self._strike(leg)
        self._news.lost(leg, "closed")
        self._news.gone(leg, "connection_lost")
        _ = spawn(self._close_media(leg), name="call.close")

    def _evict(self, leg: Leg) -> None:
        """Its owner asks for another at once, which another worker gives."""
        self._strike(leg)
        self._news.lost(leg, "worker")
        self._news.gone(leg, "worker")

    async def _move(self, legs: list[Leg]) -> None:
        """One visit at a time, so that not everybody shakes hands at once."""
        visits = {leg.party.visit_id for leg in legs}
        for visit_id in visits:
            for leg in legs:
                if leg.party.visit_id == visit_id and self._legs.get(leg.leg_id) is leg:
                    self._evict(leg)
                    await self._close_media(leg)
            await asyncio.sleep(_BETWEEN_MOVES)

    def _strike(self, leg: Leg) -> None:
        leg.to(CallState.CLOSED)
        self._legs.remove(leg)
        self._forget_timer(leg)

    def _forget_timer(self, leg: Leg) -> None:
        if timer := self._timers.pop(leg.leg_id, None):
            timer.cancel()

    async def _close_media(self, leg: Leg) -> None:
        try:
            await self._media.close_leg(leg.leg_id)
        except MediaError as error:
            # The worker is gone or stuck; its own restart takes the leg with it.
            log.warning("call.leg_not_closed", leg_id=leg.leg_id, error=error)
