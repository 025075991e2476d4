"""Who is where in a leg, as its owner is told: the worker's slots, the rooms' people in them."""

from signaling.rooms.legs import Leg, LegTable
from signaling.rooms.media_port import LegJudged, LegSlotsChanged
from signaling.rooms.news import CallNews
from signaling.rooms.profiles import profile
from signaling.wire.hints import Line, Publish, Seat, Seating
from signaling.wire.requests import PeerInCall


class Seats:
    """Keeps what the worker said of each leg's slots, and tells the owners."""

    def __init__(self, legs: LegTable, news: CallNews) -> None:
        self._legs = legs
        self._news = news

    def of(self, leg: Leg) -> Seating:
        """What the owner of a leg is to know."""
        people = {each.party.participant: each for each in self._legs.in_visit(leg.party.visit_id)}
        signers = sum(each.party.signs for each in people.values())
        best = profile(len(people), signs=leg.party.signs, signers=signers)
        return Seating(
            slots=[_seat(people.get(who)) if who is not None else None for who in leg.slots],
            screen=leg.screen if leg.screen in people else None,
            pictures_held=leg.pictures_held,
            signers_held=leg.signers_held,
            publish=Publish(**best._asdict(), motion=leg.party.signs),
            line=leg.line,
        )

    def changed(self, leg: Leg, event: LegSlotsChanged) -> None:
        """The worker seats people anew; a leg that is only being opened is told in its answer."""
        if event.screen is not None:
            leg.screen_on = False  # somebody else's is shown
        leg.slots, leg.screen = event.slots, event.screen
        leg.pictures_held, leg.signers_held = event.held, event.preferred_held
        if self._legs.get(leg.leg_id) is leg:
            self._news.seated(leg, self.of(leg))

    def judged(self, leg: Leg, event: LegJudged) -> None:
        """The worker has another word for a leg's line: its owner is told, and the others."""
        leg.line = Line(word=event.word, reason=event.reason, way=event.way)
        if self._legs.get(leg.leg_id) is leg:
            self._news.seated(leg, self.of(leg))
            self.tell_others(leg)

    def tell_others(self, leg: Leg) -> None:
        """Somebody came, or switched something: the others of the visit are told."""
        for other in self._legs.in_visit(leg.party.visit_id):
            if other is not leg:
                self._news.seated(other, self.of(other))

    def tell_all(self, visit_id: str) -> None:
        """Somebody signs now, or no longer: that changes what each of them is to send."""
        for leg in self._legs.in_visit(visit_id):
            self._news.seated(leg, self.of(leg))


def _seat(leg: Leg | None) -> Seat | None:
    # Not here yet, or no longer: the worker's word and the rooms' cross on the way.
    if leg is None:
        return None
    return Seat(
        participant_id=leg.party.participant,
        role=leg.party.role,
        name=leg.party.name,
        public_key=leg.public_key,
        mic_on=leg.on.mic_on,
        camera_on=leg.on.camera_on,
        communication=leg.party.communication,
        line=leg.line,
        pictures_wanted=leg.on.pictures_wanted,
        sound_first=leg.on.sound_first,
        on_hold_since=leg.on_hold_since,
    )


def peer_in_call(peer: Leg | None) -> PeerInCall:
    """The other party's side of the call, which may not be there."""
    if peer is None:
        return PeerInCall(joined=False, mic_on=False, camera_on=False)
    return PeerInCall(joined=True, mic_on=peer.on.mic_on, camera_on=peer.on.camera_on)
