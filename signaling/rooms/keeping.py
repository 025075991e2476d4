"""Legs while they live: watched without a socket, given up, moved from a worker, closed.

A leg outlives its socket for a grace, because a dropped socket says nothing about the media.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.call_states import CallState, Detached, overdue
from signaling.rooms.legs import Leg, LegTable
from signaling.rooms.media_port import Ending, MediaError, MediaPort, SharedMediaPort
from signaling.rooms.news import CallNews
from signaling.rooms.surroundings import Surroundings

log = get_logger(__name__)

# Seconds between two visits that move, and in which all of a worker's have: a handshake costs the
# next worker a few milliseconds, and the one that goes waits for half a minute.
_BETWEEN_MOVES = 0.25
_ALL_MOVED_IN = 10.0


class LegKeeper:
    """The table of legs, and how they leave it."""

    def __init__(
        self, media: MediaPort, around: Surroundings, news: CallNews, grace: timedelta
    ) -> None:
        self.legs = LegTable()
        self._media = media
        self._shared = media if isinstance(media, SharedMediaPort) else None
        self._around = around
        self._news = news
        self._grace = grace
        self._timers: dict[str, asyncio.TimerHandle] = {}
        # Legs that are to leave a worker that retires, by their visits.
        self._moving: dict[str, list[Leg]] = {}

    def holds(self, leg: Leg) -> bool:
        """Whether the leg has not been struck out."""
        return self.legs.get(leg.leg_id) is leg

    def attach(self, leg: Leg, sid: str) -> None:
        """From now on this socket speaks for the leg."""
        leg.attach(sid)
        self._forget_timer(leg)

    def detach(self, leg: Leg) -> None:
        """The socket is gone: the leg stays for the grace."""
        leg.detach(self._around.now())
        self._watch(leg, self._grace)

    def strike(self, leg: Leg) -> None:
        """Out of the table; its media is to be closed next."""
        leg.to(CallState.CLOSED)
        self.legs.remove(leg)
        self._forget_timer(leg)

    async def dismiss(self, leg: Leg) -> None:
        """Its owner left, or may no longer be in the call."""
        self.strike(leg)
        self._news.gone(leg, "left")
        await self.close_media(leg, "left")

    def give_up(self, leg: Leg) -> None:
        """The connection failed, or nobody came back for it."""
        self.strike(leg)
        self._news.lost(leg, "closed")
        self._news.gone(leg, "connection_lost")
        if leg.here:
            _ = spawn(self.close_media(leg, "connection_lost"), name="call.close")

    def evict(self, leg: Leg) -> None:
        """Its worker is lost; the owner asks for another leg at once, which another gives."""
        self.strike(leg)
        self._news.lost(leg, "worker")
        self._news.gone(leg, "worker")

    def ended(self, leg: Leg, reason: Ending) -> None:
        """Another server ended the leg, or its node did: who is here is told, nothing is closed."""
        self.strike(leg)
        if reason == "replaced":
            self._news.lost(leg, "replaced")
            return  # of its successor is told next
        if reason != "left":
            self._news.lost(leg, "worker" if reason == "worker" else "closed")
        self._news.gone(leg, reason)
        if reason == "worker" and (left := self._moving.get(leg.party.visit_id)):
            # The first of the visit moves, at another server: nobody is to wait alone.
            _ = spawn(self._move(left), name="call.move")

    def let_go(self, leg: Leg) -> None:
        """Another server speaks for the leg from now on."""
        self.legs.spoken(leg, here=False)
        leg.attach(None)
        leg.card = None
        self._forget_timer(leg)

    async def move(self, legs: Sequence[Leg]) -> None:
        """One visit at a time, so that not everybody shakes hands at once."""
        for leg in legs:
            self._moving.setdefault(leg.party.visit_id, []).append(leg)
        # In an order that every server comes to.
        visits = sorted({leg.party.visit_id for leg in legs})
        pause = min(_BETWEEN_MOVES, _ALL_MOVED_IN / max(1, len(visits)))
        for visit_id in visits:
            await self._move(self._moving.pop(visit_id, []))
            await asyncio.sleep(pause)

    async def _move(self, legs: Sequence[Leg]) -> None:
        for leg in legs:
            if leg.here and self.holds(leg):
                self.evict(leg)
                await self.close_media(leg, "worker")

    async def close_media(self, leg: Leg, reason: Ending) -> None:
        """The worker forgets the leg; the other servers are told why."""
        try:
            if self._shared is not None:
                await self._shared.end_leg(leg.leg_id, reason)
            else:
                await self._media.close_leg(leg.leg_id)
        except MediaError as error:
            # The worker is gone or stuck; its own restart takes the leg with it.
            log.warning("call.leg_not_closed", leg_id=leg.leg_id, error=error)

    async def end_first(self, leg: Leg) -> None:
        """A leg is to be replaced. Where media is shared its node ends it, with the next one."""
        if self._shared is None:
            await self.close_media(leg, "replaced")

    def end_last(self, leg: Leg, reason: Ending) -> None:
        """A leg was replaced, perhaps by one of another node; of the same one it is over."""
        if self._shared is not None:
            _ = spawn(self.close_media(leg, reason), name="call.close")

    def stop(self) -> None:
        """Forget every leg."""
        for leg in self.legs.all():
            self.strike(leg)

    def _watch(self, leg: Leg, delay: timedelta) -> None:
        self._forget_timer(leg)
        self._timers[leg.leg_id] = asyncio.get_running_loop().call_later(
            delay.total_seconds(), self._grace_over, leg
        )

    def _grace_over(self, leg: Leg) -> None:
        self._timers.pop(leg.leg_id, None)
        if leg.detached_at is None or not self.holds(leg):
            return
        owner_online = self._around.has_socket(leg.party.account_id)
        seen = Detached(leg.state, leg.detached_at, owner_online)
        if overdue(seen, self._around.now(), self._grace):
            self.give_up(leg)
        else:
            self._watch(leg, self._grace / 4)

    def _forget_timer(self, leg: Leg) -> None:
        if timer := self._timers.pop(leg.leg_id, None):
            timer.cancel()
