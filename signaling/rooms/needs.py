"""Who signs or reads, by the server's word: in the legs, told to the call and to the relay."""

from dataclasses import replace

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.legs import Leg
from signaling.rooms.media_port import MediaError, MediaPort
from signaling.rooms.seating import Seats
from signaling.wire.base import Communication

log = get_logger(__name__)


class Needs:
    """Puts the pictures of those who sign before the others'."""

    def __init__(self, media: MediaPort, seats: Seats) -> None:
        self._media = media
        self._seats = seats

    def begin(self, leg: Leg) -> None:
        """A leg was opened."""
        if leg.party.signs:
            _ = spawn(self._prefer(leg), name="call.prefer")

    def change(self, leg: Leg, how: Communication) -> None:
        """Its owner speaks, signs or reads from now on; nothing is told when that is no change."""
        before = leg.party
        if before.communication == how:
            return
        leg.party = replace(before, communication=how)
        if leg.here and (before.signs or leg.party.signs):
            _ = spawn(self._prefer(leg), name="call.prefer")
        self._seats.tell_all(before.visit_id)

    def again(self, leg: Leg, how: Communication) -> None:
        """A leg was taken over, and nobody may have told the relay of its last change."""
        self.change(leg, how)
        _ = spawn(self._prefer(leg), name="call.prefer")

    async def _prefer(self, leg: Leg) -> None:
        try:
            await self._media.prefer(leg.leg_id, on=leg.party.signs)
        except MediaError as error:
            # A worker of the release before knows of no order among pictures: the call goes on.
            log.warning("call.not_preferred", leg_id=leg.leg_id, error=error)
