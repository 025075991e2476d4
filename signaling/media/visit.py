"""Which legs hear each other: the participants of a visit, joined one to one."""

from signaling.media.leg import Leg


class Visit:
    """The legs of one visit by participant."""

    __slots__ = ("legs",)

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}

    def add(self, leg: Leg) -> None:
        """Join a leg to the other participant's, whose streams go on unbroken."""
        self.legs[leg.participant] = leg
        for other in self.legs.values():
            if other is not leg:
                leg.peer, other.peer = other, leg

    def remove(self, leg: Leg) -> None:
        """Take a leg out; what its peer was receiving waits for a successor."""
        if self.legs.get(leg.participant) is leg:
            del self.legs[leg.participant]
        peer, leg.peer = leg.peer, None
        for source in leg.up.values():
            source.downlink = None
        for stream in leg.down.values():
            stream.source = None
        if peer is None or peer.peer is not leg:
            return
        peer.peer = None
        for source in peer.up.values():
            source.downlink = None
        for stream in peer.down.values():
            stream.source = None
