"""The legs of a media node: which server speaks for each, and what all servers are told of it.

A leg is spoken for by the server that opened it, or that adopted it since; nobody else may ask for
anything of it but its end. One that nobody speaks for any more is kept for a while: its person
comes back by another server. Each leg has a card, written by the server that speaks for it, kept
here unread and told to every server that watches; so is what its media does. Of two legs of one
participant the newer stays: the order in which they are asked for here is the one that counts.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.media_port import (
    Ending,
    LegJudged,
    LegMediaChanged,
    LegOver,
    LegsHomeless,
    LegSlotsChanged,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaPort,
    MediaUnavailable,
    NoSuchLeg,
    VisitHeld,
)

log = get_logger(__name__)

# Seconds that a leg stays of which nobody speaks: its server is gone.
KEPT_FOR = 60.0
# Ends that no server was there to hear of.
MAX_UNHEARD = 1000

_NAMES: dict[type, str] = {
    LegStateChanged: "leg.state",
    LegMediaChanged: "leg.media",
    LegSlotsChanged: "leg.slots",
    LegJudged: "leg.judged",
}


class Line(Protocol):
    """A connection of a server."""

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message, if anybody is there."""
        ...


@dataclass(slots=True, eq=False)
class NodeLeg:
    """A leg, the connection that speaks for it, its card, and what was last said of its media."""

    leg_id: str
    visit_id: str
    participant: str
    owner: Line | None
    echo: bool = False
    card: str | None = None
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Its end is told, or will be by who ends it: what its media does then is nobody's news.
    ended: bool = False
    left_at: float | None = None

    @property
    def connected(self) -> bool:
        """Whether media came through, and it is not over."""
        state = self.said.get(_NAMES[LegStateChanged], {}).get("state")
        return state in ("connected", "disconnected")

    def news(self) -> list[dict[str, Any]]:
        """Everything that another server is to know."""
        card = {"event": "leg.card", "leg_id": self.leg_id, "visit_id": self.visit_id}
        return [{**card, "card": self.card}, *self.said.values()]


class NodeLegs:
    """All legs of the node, and the connections that watch them."""

    def __init__(self, media: MediaPort) -> None:
        self._media = media
        self._legs: dict[str, NodeLeg] = {}
        self._places: dict[tuple[str, str], NodeLeg] = {}
        # In the order in which they began to.
        self._watchers: dict[Line, None] = {}
        self._unheard: deque[dict[str, Any]] = deque(maxlen=MAX_UNHEARD)
        media.on_event(self._happened)

    def __len__(self) -> int:
        return len(self._legs)

    # -- what a server asks -------------------------------------------------------------------

    async def open(
        self, line: Line, visit_id: str, leg_id: str, participant: str, *, echo: bool
    ) -> str:
        """Open a leg; its offer. The leg that the participant has ends.

        Raises `NoSuchLeg` when a still newer one of the participant came meanwhile, and
        `MediaUnavailable` when it was ended or lost before it was there.
        """
        if leg_id in self._legs:
            raise MediaError("this leg is open already")
        leg = self._legs[leg_id] = NodeLeg(leg_id, visit_id, participant, line, echo)
        old = self._places.get((visit_id, participant))
        self._places[visit_id, participant] = leg
        if old is not None and old.ended:
            old = None  # somebody closes it already, and has said why
        try:
            if old is not None:
                # All are told why once it is known that there is a successor.
                old.ended = True
                await self._close_and_forget(old)
            self._require(leg)
            sdp = await self._media.open_leg(visit_id, leg_id, participant, echo=echo)
            if leg.ended:
                await self._close_media(leg)
            self._require(leg)
        except BaseException as error:
            self._forget(leg)
            if old is not None:
                self._tell_end(old, "replaced" if isinstance(error, NoSuchLeg) else "worker", None)
            if isinstance(error, MediaFull) and self._holds(visit_id):
                raise VisitHeld(str(error)) from error
            raise
        if old is not None:
            self._tell_end(old, "replaced", None)
        return sdp

    def _require(self, leg: NodeLeg) -> None:
        """A leg that is being opened is still wanted. Raises `NoSuchLeg`, `MediaUnavailable`."""
        newest = self._places.get((leg.visit_id, leg.participant))
        if newest is not None and newest is not leg:
            raise NoSuchLeg("another leg took its place")
        if leg.ended or self._legs.get(leg.leg_id) is not leg:
            raise MediaUnavailable("it was lost or ended meanwhile")

    def own(self, line: Line, leg_id: str) -> str:
        """The id, if this connection speaks for the leg. Raises `NoSuchLeg`."""
        leg = self._legs.get(leg_id)
        if leg is None or leg.owner is not line:
            raise NoSuchLeg("no such leg")
        return leg_id

    async def close(self, line: Line, leg_id: str, reason: Ending) -> None:
        """Close a leg, whoever speaks for it; one that is unknown is closed already."""
        leg = self._legs.get(leg_id)
        if leg is not None and reason == "connection_lost" and leg.owner is not line:
            return  # its person has come back, and by another server, just now
        if leg is not None:
            self._end(leg, reason, line)
            await self._media.close_leg(leg_id)
            self._forget(leg)

    def put_card(self, line: Line, leg_id: str, card: str) -> None:
        """The leg's card is this from now on. With the first one, the others hear of the leg."""
        leg = self._legs[leg_id]
        if leg.ended or leg.echo:
            return
        first, leg.card = leg.card is None, card
        news = leg.news() if first else leg.news()[:1]
        for other in self._watchers:
            if other is not line:
                for message in news:
                    other.tell(message)

    def adopt(self, line: Line, leg_id: str) -> None:
        """From now on this connection speaks for the leg. Raises `NoSuchLeg`."""
        leg = self._legs.get(leg_id)
        if leg is None or leg.ended or leg.card is None:
            raise NoSuchLeg("no such leg")
        spoken = {"event": "leg.spoken", "leg_id": leg_id, "connected": leg.connected}
        if leg.owner is not None and leg.owner is not line:
            leg.owner.tell({**spoken, "here": False})
        leg.owner, leg.left_at = line, None
        line.tell({**spoken, "here": True})

    def say(self, leg_id: str, sender: str, text: str) -> None:
        """Pass a word on between two legs of a visit; what nobody is there for is lost."""
        to, by = self._legs.get(leg_id), self._legs[sender]
        if to is not None and to.owner is not None and to.visit_id == by.visit_id:
            message = {"event": "leg.said", "leg_id": leg_id, "sender": sender, "text": text}
            to.owner.tell(message)

    def watch(self, line: Line) -> None:
        """Tell a connection all that there is, and from now on everything."""
        self._watchers[line] = None
        for leg in self._legs.values():
            if leg.card is not None and not leg.ended and leg.owner is not line:
                for message in leg.news():
                    line.tell(message)
        while self._unheard:
            line.tell(self._unheard.popleft())

    def gone(self, line: Line) -> None:
        """A connection is over. Its legs stay for a while."""
        self._watchers.pop(line, None)
        loop = asyncio.get_running_loop()
        now = loop.time()
        left = [leg for leg in self._legs.values() if leg.owner is line]
        for leg in left:
            leg.owner, leg.left_at = None, now
        if left:
            loop.call_later(KEPT_FOR, self._nobody_came, left, now)

    # -- what the media does ------------------------------------------------------------------

    def _happened(self, event: MediaEvent) -> None:
        if isinstance(event, LegsHomeless):
            self._homeless(event)
        elif isinstance(event, LegOver):
            self._over(event)
        elif isinstance(event, LegStateChanged | LegMediaChanged | LegSlotsChanged | LegJudged):
            leg = self._legs.get(event.leg_id)
            if leg is not None:
                self._changed(leg, event)

    def _changed(
        self, leg: NodeLeg, event: LegStateChanged | LegMediaChanged | LegSlotsChanged | LegJudged
    ) -> None:
        name = _NAMES[type(event)]
        message = {"event": name, **asdict(event)}
        if not leg.ended and isinstance(event, LegMediaChanged):
            if leg.owner is not None:
                leg.owner.tell(message)
        elif not leg.ended:
            leg.said[name] = message
            self._tell(leg, message, None)
        if isinstance(event, LegStateChanged) and event.state in ("failed", "closed"):
            self._forget(leg)

    def _over(self, event: LegOver) -> None:
        """One server is told what it was like, so that it is written down once."""
        leg = self._legs.get(event.leg_id)
        if leg is None:
            return
        message = {"event": "leg.over", **asdict(event), "card": leg.card}
        hearer = leg.owner or next(iter(self._watchers), None)
        if hearer is not None:
            hearer.tell(message)
        elif leg.card is not None:
            self._unheard.append(message)

    def _homeless(self, event: LegsHomeless) -> None:
        legs = [self._legs[leg_id] for leg_id in sorted(event.leg_ids) if leg_id in self._legs]
        mine: dict[Line, list[str]] = {}
        for leg in legs:
            if leg.owner is not None:
                mine.setdefault(leg.owner, []).append(leg.leg_id)
        for line, leg_ids in mine.items():
            line.tell({"event": "legs.homeless", "leg_ids": leg_ids, "gone": event.gone})
        for leg in legs:
            if event.gone:
                self._end(leg, "worker", leg.owner)
                self._forget(leg)
            elif leg.owner is None:
                # Nobody else could send its person to another worker.
                self._end_alone([leg], "worker")

    def _nobody_came(self, left: Sequence[NodeLeg], at: float) -> None:
        # Who was adopted and left once more waits anew.
        self._end_alone([leg for leg in left if leg.left_at == at], "connection_lost")

    def _end_alone(self, legs: Sequence[NodeLeg], reason: Ending) -> None:
        for leg in legs:
            if self._legs.get(leg.leg_id) is leg and not leg.ended:
                self._end(leg, reason, None)
                _ = spawn(self._close_and_forget(leg), name="node.close")

    def _end(self, leg: NodeLeg, reason: Ending, by: Line | None) -> None:
        if not leg.ended:
            leg.ended = True
            self._tell_end(leg, reason, by)

    def _tell_end(self, leg: NodeLeg, reason: Ending, by: Line | None) -> None:
        self._tell(leg, {"event": "leg.ended", "leg_id": leg.leg_id, "reason": reason}, by)

    def _tell(self, leg: NodeLeg, message: dict[str, Any], by: Line | None) -> None:
        """To who speaks for the leg and, once it has a card, to all others; not to `by`."""
        if leg.owner is not None and leg.owner is not by:
            leg.owner.tell(message)
        if leg.card is not None:
            for line in self._watchers:
                if line is not leg.owner and line is not by:
                    line.tell(message)

    def _holds(self, visit_id: str) -> bool:
        return any(leg.visit_id == visit_id and not leg.ended for leg in self._legs.values())

    def _forget(self, leg: NodeLeg) -> None:
        """A leg is over."""
        if self._legs.get(leg.leg_id) is leg:
            del self._legs[leg.leg_id]
        if self._places.get((leg.visit_id, leg.participant)) is leg:
            del self._places[leg.visit_id, leg.participant]

    async def _close_and_forget(self, leg: NodeLeg) -> None:
        await self._close_media(leg)
        self._forget(leg)

    async def _close_media(self, leg: NodeLeg) -> None:
        try:
            await self._media.close_leg(leg.leg_id)
        except MediaError as error:
            log.warning("node.leg_not_closed", error=error)
