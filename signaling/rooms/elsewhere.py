"""Legs that other servers speak for: heard of through the media nodes, and taken over from there.

Every server has every leg of the cluster in its table, and tells its own sockets what concerns
them: all hear the same news, so nobody has to send hints to anybody else's sockets.
"""

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms import cards
from signaling.rooms.errors import CallNoLeg, CallUnavailable
from signaling.rooms.keeping import LegKeeper
from signaling.rooms.legs import Leg, Party
from signaling.rooms.media_port import (
    LegCard,
    LegEnded,
    LegSaid,
    LegSpoken,
    MediaError,
    NoSuchLeg,
    SharedEvent,
    SharedMediaPort,
)
from signaling.rooms.needs import Needs
from signaling.rooms.news import CallNews
from signaling.rooms.seating import Seats
from signaling.rooms.surroundings import Surroundings

log = get_logger(__name__)


class Elsewhere:
    """What is told to the other servers of one's legs, and what they tell of theirs."""

    def __init__(
        self,
        media: SharedMediaPort,
        around: Surroundings,
        keeper: LegKeeper,
        news: CallNews,
        seats: Seats,
        needs: Needs,
    ) -> None:
        self._media = media
        self._around = around
        self._needs = needs
        self._keeper = keeper
        self._legs = keeper.legs
        self._news = news
        self._seats = seats

    async def start(self) -> None:
        """Begin to hear of others' legs."""
        await self._media.watch()

    def publish(self, leg: Leg) -> None:
        """Let the others know how a leg of this server is now, if that is another than before."""
        card = cards.written(leg)
        if leg.here and leg.card != card:
            leg.card = card
            self._media.put_card(leg.leg_id, card)

    def say(self, to: Leg, sender: Leg, text: str) -> None:
        """Pass a word on to a leg that another server speaks for."""
        self._media.say(to.leg_id, sender.leg_id, text)

    async def adopt(self, leg: Leg, sid: str, party: Party) -> None:
        """Speak for a leg from now on, through this socket. Raises `CallNoLeg`, `CallUnavailable`.

        Its media goes on as it is: neither the relay nor the browser hears of it.
        """
        try:
            await self._media.adopt(leg.leg_id)
        except NoSuchLeg as error:
            if self._keeper.holds(leg):
                self._keeper.strike(leg)
                self._news.gone(leg, "worker")
            raise CallNoLeg("The media node no longer knows the leg.") from error
        except MediaError as error:
            raise CallUnavailable("The media node did not answer.") from error
        if not (leg.here and self._keeper.holds(leg)):
            # It ended, or moved on once more, right after.
            raise CallNoLeg("The leg is over, or another server has it.")
        log.info("call.adopted", role=party.role)
        if not self._around.is_connected(sid):
            self._keeper.detach(leg)
        self._needs.again(leg, party.communication)
        self.publish(leg)

    def happened(self, event: SharedEvent) -> None:
        """What the nodes tell."""
        match event:
            case LegCard():
                self._card(event)
            case LegEnded():
                if leg := self._legs.get(event.leg_id):
                    self._keeper.ended(leg, event.reason)
            case LegSpoken():
                if leg := self._legs.get(event.leg_id):
                    self._spoken(leg, event)
            case LegSaid():
                to, sender = self._legs.get(event.leg_id), self._legs.get(event.sender)
                if to and to.here and sender and sender.party.visit_id == to.party.visit_id:
                    self._news.key(to, sender, event.text)

    def _spoken(self, leg: Leg, event: LegSpoken) -> None:
        if event.here:
            self._legs.spoken(leg, here=True)
        else:
            self._keeper.let_go(leg)

    def _card(self, event: LegCard) -> None:
        try:
            told = cards.read(event.leg_id, event.visit_id, event.card)
        except cards.NoCard:
            log.error("call.card_not_read")
            return
        leg = self._legs.get(told.leg_id)
        if leg is None:
            self._arrived(told)
        elif not leg.here:
            self._changed(leg, told)

    def _arrived(self, leg: Leg) -> None:
        old = self._legs.of(leg.party.visit_id, leg.party.participant)
        if old is not None:
            # Of one node the newer comes after the end of the older. Of two, while a visit moves,
            # all must come to the same: ids rise with time.
            if old.leg_id > leg.leg_id:
                return
            self._keeper.ended(old, "replaced")
            _ = spawn(self._keeper.close_media(old, "replaced"), name="call.close")
        self._legs.add(leg)
        self._news.here(leg)
        self._seats.tell_others(leg)

    def _changed(self, leg: Leg, told: Leg) -> None:
        before, how = leg.on, leg.party.communication
        leg.party, leg.public_key, leg.on = told.party, told.public_key, told.on
        leg.on_hold_since, leg.screen_on = told.on_hold_since, told.screen_on
        leg.switched = told.switched
        if (before.mic_on, before.camera_on) != (leg.on.mic_on, leg.on.camera_on):
            self._news.here(leg)
        if how != leg.party.communication:
            self._seats.tell_all(leg.party.visit_id)
        elif before != leg.on:
            self._seats.tell_others(leg)
