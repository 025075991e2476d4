"""What becomes of calls when something happens to their media."""

from server.kit.tasks import spawn
from signaling.rooms.call_states import CallState, after_media
from signaling.rooms.elsewhere import Elsewhere
from signaling.rooms.keeping import LegKeeper
from signaling.rooms.legs import Leg
from signaling.rooms.media_port import (
    LegCard,
    LegEnded,
    LegJudged,
    LegSaid,
    LegsHomeless,
    LegSlotsChanged,
    LegSpoken,
    LegStateChanged,
    MediaEvent,
)
from signaling.rooms.seating import Seats


class Happenings:
    """Reads what the port reports, and has it done by who keeps legs and seats."""

    def __init__(
        self,
        keeper: LegKeeper,
        seats: Seats,
        opening: dict[str, Leg],
        elsewhere: Elsewhere | None,
    ) -> None:
        """`opening`: what is being asked for; who is struck out of it was opened in vain."""
        self._keeper = keeper
        self._legs = keeper.legs
        self._seats = seats
        self._opening = opening
        self._elsewhere = elsewhere

    def on_media(self, event: MediaEvent) -> None:
        """What the workers or nodes report."""
        match event:
            case LegsHomeless():
                self._homeless(event)
            case LegSlotsChanged():
                if seated := self._legs.get(event.leg_id) or self._opening.get(event.leg_id):
                    self._seats.changed(seated, event)
            case LegJudged():
                if judged := self._legs.get(event.leg_id):
                    self._seats.judged(judged, event)
            case LegStateChanged():
                if moved := self._legs.get(event.leg_id):
                    self._moved(moved, after_media(moved.state, event.state))
            case LegCard() | LegEnded() | LegSpoken() | LegSaid():
                if isinstance(event, LegEnded):
                    self._opened_in_vain(event)
                if self._elsewhere is not None:
                    self._elsewhere.happened(event)
            case _:
                pass

    def _homeless(self, event: LegsHomeless) -> None:
        homeless = [leg for leg in self._legs.all() if leg.leg_id in event.leg_ids]
        for leg_id in event.leg_ids:
            self._opening.pop(leg_id, None)
        if event.gone:
            for leg in homeless:
                self._keeper.evict(leg)
        else:
            _ = spawn(self._keeper.move(homeless), name="call.move")

    def _moved(self, leg: Leg, state: CallState) -> None:
        if state is CallState.CLOSED:
            self._keeper.give_up(leg)
        else:
            leg.to(state)

    def _opened_in_vain(self, event: LegEnded) -> None:
        leg = self._opening.pop(event.leg_id, None)
        if leg is not None and event.reason == "replaced":
            leg.to(CallState.CLOSED)
