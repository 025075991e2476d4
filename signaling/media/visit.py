"""Which legs hear each other: all of a visit, each in a slot of its own at every other.

An echo is a visit of one, who is sent his own sound and picture in the first slot.
"""

from collections.abc import Iterable, Iterator

from signaling.media import budget, limits, slots
from signaling.media.budget import Held
from signaling.media.estimate import Estimate
from signaling.media.events import LegSlotsChanged
from signaling.media.leg import Leg
from signaling.media.uplink import Uplink


class Visit:
    """The legs of one visit by participant, and whose screen is shown.

    An echo has an end, on the relay's clock in seconds; others last for as long as their legs.
    """

    __slots__ = ("ends_at", "legs", "presenter")

    def __init__(self, ends_at: float | None = None) -> None:
        self.ends_at = ends_at
        self.legs: dict[str, Leg] = {}
        self.presenter: Leg | None = None

    @property
    def echo(self) -> bool:
        """Whether its one leg is sent what it sends."""
        return self.ends_at is not None

    def over(self, now: float) -> bool:
        """Whether it has come to its end."""
        return self.ends_at is not None and now >= self.ends_at

    def add(self, leg: Leg) -> None:
        """Seat a leg at every other and them at it. What they send waits until it can be sent."""
        for other in self.legs.values():
            other.seats.take(leg.participant)
            leg.seats.take(other.participant)
        if self.echo:
            leg.seats.take(leg.participant)
        self.legs[leg.participant] = leg
        leg.on_uplink = self.wire

    def remove(self, leg: Leg) -> None:
        """Take a leg out; the streams that the others had of it wait, silent, for a successor."""
        if self.legs.get(leg.participant) is leg:
            del self.legs[leg.participant]
        if self.presenter is leg:
            self.presenter = None
        leg.on_uplink = None
        for other in self.legs.values():
            other.seats.leave(leg.participant)
        for source in leg.up.values():
            source.release()
        for stream in leg.down.values():
            stream.detach()

    def present(self, leg: Leg | None) -> bool:
        """Show this leg's screen to the others, or nobody's; whether that is a change."""
        if leg is self.presenter:
            return False
        before, self.presenter = self.presenter, leg
        for source in before.live(slots.SCREEN) if before is not None else ():
            source.release()
        for source in leg.live(slots.SCREEN) if leg is not None else ():
            self.wire(source)
        return True

    def prefer(self, leg: Leg, *, on: bool) -> None:
        """Put this leg's picture before the others', or among them again."""
        leg.preferred = on
        for receiver in self.legs.values():
            if receiver.budget.held is Held.OTHERS:
                budget.hold(receiver)
                self.wire_receiver(receiver)

    def review(self, receiver: Leg, now: float) -> bool:
        """Hold pictures back from a poor receiver, or let it try again; whether that changed."""
        mine, crowded = receiver.budget, receiver.seats.count() > 1
        if not crowded and not mine.held:
            return False
        before = mine.held
        if not mine.review(budget.shares(receiver, now), now, crowded=crowded):
            return False
        budget.hold(receiver)
        if mine.held < before:
            receiver.estimate = Estimate()
            self.wire_receiver(receiver)
            receiver.ask_incoming_keyframes(now)
        return True

    def wire(self, source: Uplink) -> None:
        """A source is there: let it begin with its next packet at everybody who takes it."""
        for receiver in self.legs.values():
            self._link(source, receiver)

    def wire_receiver(self, receiver: Leg) -> None:
        """A receiver can be sent to now, or takes more than before."""
        for source in self._sources():
            self._link(source, receiver)

    def _sources(self) -> Iterator[Uplink]:
        for leg in self.legs.values():
            for source in leg.up.values():
                if not source.retired:
                    yield source

    def _link(self, source: Uplink, receiver: Leg) -> None:
        sender = source.owner
        if receiver.srtp is None or (sender is receiver and not self.echo) or sender.on_hold:
            return
        if source.section == slots.SCREEN:
            mid = slots.SCREEN_MID if sender is self.presenter else None
        else:
            slot = receiver.seats.of(sender.participant)
            at = slots.audio_mid if source.section == slots.AUDIO else slots.video_mid
            mid = None if slot is None else at(slot)
        if mid is None or budget.spares(receiver, mid, sender):
            return
        if receiver.receives(mid):
            receiver.down[mid].follow(source)


def has_room(legs: int, capacity: int, visits: Iterable[Visit], *, echo: bool) -> bool:
    """Whether another leg may come where so many are open already.

    Tests of equipment never take the place of a visit: they have a limit of their own, and nothing
    where the visits fill the worker.
    """
    echoes = sum(visit.echo for visit in visits)
    if echo:
        return legs < capacity and echoes < limits.MAX_ECHOES
    return legs - echoes < capacity


def slots_of(leg: Leg, visit: Visit) -> LegSlotsChanged:
    """Who is in which slot of a leg, and whose screen it is sent."""
    presenter = visit.presenter
    screen = None if presenter is None or presenter is leg else presenter.participant
    held = leg.budget.held
    return LegSlotsChanged(
        leg.id, leg.seats.shown(), screen, held is not Held.NONE, held is Held.ALL
    )
