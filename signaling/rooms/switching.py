"""Tells the worker what people have switched: their screen, pictures, a hold. It decides nothing.

Each is told on its way, and nobody waits for it: what the browser itself sends has stopped already,
and a worker that is gone takes the leg with it. What it could not be told is told again when its
owner says it again.
"""

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.legs import Leg
from signaling.rooms.media_port import MediaError, MediaPort

log = get_logger(__name__)


class Switching:
    """What is asked of the media port when somebody presses a button."""

    def __init__(self, media: MediaPort) -> None:
        self._media = media

    def present(self, leg: Leg, *, on: bool) -> None:
        """Show a leg's screen to the others, or no longer."""
        leg.screen_on = on
        _ = spawn(self._present(leg, on=on), name="call.present")

    def switch(self, leg: Leg) -> None:
        """Send a leg pictures or none, put it on hold or end that, if its owner said otherwise."""
        wanted = leg.on.pictures_wanted, leg.on.on_hold
        if wanted != leg.switched:
            before, leg.switched = leg.switched, wanted
            _ = spawn(self._switch(leg, before, wanted), name="call.switch")

    async def _present(self, leg: Leg, *, on: bool) -> None:
        try:
            await self._media.present(leg.leg_id, on=on)
            # Of two who began at the same moment, the one whom the worker shows: it says who that
            # is before it answers, and may have said more since.
            leg.screen_on = on and leg.screen is None
        except MediaError as error:
            leg.screen_on = not on  # so that it is asked for again when its owner says it again
            log.warning("call.screen_not_switched", leg_id=leg.leg_id, error=error)

    async def _switch(self, leg: Leg, before: tuple[bool, bool], wanted: tuple[bool, bool]) -> None:
        pictures, on_hold = wanted
        try:
            await self._media.switch(leg.leg_id, pictures=pictures, on_hold=on_hold)
        except MediaError as error:
            leg.switched = before
            log.warning("call.not_switched", leg_id=leg.leg_id, error=error)
