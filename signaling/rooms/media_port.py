"""What the rooms need of a media worker, or of nodes that several servers share.

The clients of workers and nodes implement it.

Errors: every method may raise `MediaUnavailable` when no worker answers in time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

MediaState = Literal["new", "connecting", "connected", "disconnected", "failed", "closed"]
Word = Literal["good", "weak", "bad"]
Reason = Literal["loss", "delay", "bandwidth"]
Way = Literal["up", "down", "both"]


class MediaError(Exception):
    """A media worker could not do what was asked."""


class MediaUnavailable(MediaError):
    """No worker is there, it is full, or it did not answer in time."""


class MediaFull(MediaUnavailable):
    """Every worker has as many legs as it may have."""


class VisitHeld(MediaFull):
    """No room where the visit is, and others of it are there, who can be heard nowhere else."""


class VisitFull(MediaError):
    """The visit has as many people as a leg has slots for, and this is another."""


class BadSdp(MediaError):
    """The browser's answer can't be read, or does not answer the offer."""


class NoSuchLeg(MediaError):
    """The worker does not know the leg, for instance because it was restarted."""


@dataclass(frozen=True, slots=True)
class LegStateChanged:
    """The transport of one leg moved, in the words of `RTCPeerConnection.connectionState`."""

    leg_id: str
    visit_id: str
    state: MediaState


@dataclass(frozen=True, slots=True)
class LegMediaChanged:
    """Packets of a kind began or ceased to arrive from this leg (judged over one second)."""

    leg_id: str
    audio: bool
    video: bool


@dataclass(frozen=True, slots=True)
class LegSlotsChanged:
    """Which participant is in each slot of a leg, and whose screen it is sent.

    `held`: its link carries no cameras' pictures just now; sound and screen go on, and so do the
    pictures of preferred legs, unless `preferred_held`.
    """

    leg_id: str
    slots: tuple[str | None, ...]
    screen: str | None
    held: bool
    preferred_held: bool = False


@dataclass(frozen=True, slots=True)
class LegJudged:
    """What a leg's line is like is another: a word that does not flicker, why, and which way.

    `up` is what the person sends. Of a good line there is no reason.
    """

    leg_id: str
    word: Word
    reason: Reason | None
    way: Way | None


@dataclass(frozen=True, slots=True)
class Quality:
    """What a leg's connection was like, from its handshake on. None for what was not measured.

    Loss is a fraction, before repair; bitrates are in bits a second.
    """

    seconds: float
    transport: Literal["udp", "tcp"] | None
    loss_up: float | None
    loss_down: float | None
    jitter_up_ms: float | None
    jitter_down_ms: float | None
    round_trip_p50_ms: float | None
    round_trip_p95_ms: float | None
    bitrate_up: int | None
    bitrate_down: int | None
    restarts: int
    interruptions: int


@dataclass(frozen=True, slots=True)
class LegOver:
    """A leg has ended, and this is what its connection was like. Its state is told next.

    `card`: the leg's last, where servers share the media; then one of them is told, whichever has
    spoken for it.
    """

    leg_id: str
    visit_id: str
    state: Literal["failed", "closed"]
    quality: Quality
    card: str | None = None


@dataclass(frozen=True, slots=True)
class LegsHomeless:
    """These legs need a fresh offer from another worker: theirs died, or retires.

    `gone`: they carry nothing any more. Otherwise they do until they are closed, and their visits
    can move one by one.
    """

    leg_ids: frozenset[str]
    gone: bool


Ending = Literal["left", "replaced", "connection_lost", "worker"]
"""Why a leg is no more: its owner's wish or the visit's, another of the same person, or a loss."""


@dataclass(frozen=True, slots=True)
class LegCard:
    """Another server speaks for this leg, or nobody just now, and its card is this from now on."""

    leg_id: str
    visit_id: str
    card: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is no more, by another server's word or by its node's."""

    leg_id: str
    reason: Ending


@dataclass(frozen=True, slots=True)
class LegSpoken:
    """From now on this server speaks for the leg, or no longer. `connected`: it carries media."""

    leg_id: str
    here: bool
    connected: bool = False


@dataclass(frozen=True, slots=True)
class LegSaid:
    """What another leg, which another server speaks for, says to a leg of this one."""

    leg_id: str
    sender: str
    text: str


SharedEvent = LegCard | LegEnded | LegSpoken | LegSaid
"""Of legs that several servers know of. Nobody tells these where one server has all."""

MediaEvent = (
    LegStateChanged
    | LegMediaChanged
    | LegSlotsChanged
    | LegJudged
    | LegOver
    | LegsHomeless
    | SharedEvent
)
MediaListener = Callable[[MediaEvent], None]


class MediaPort(Protocol):
    """The one place where media is asked for; the server always offers."""

    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        """Open a leg and return the SDP offer. The worker joins a visit's participants.

        `echo`: the leg is alone in its visit, is sent what it sends, and ends by itself.
        """
        ...

    async def answer(self, leg_id: str, sdp: str) -> None:
        """Apply the browser's SDP answer. Raises `BadSdp`, `NoSuchLeg`."""
        ...

    async def restart(self, leg_id: str) -> str:
        """Return an offer with new ICE credentials under the same DTLS session (RFC 8445 §2.4)."""
        ...

    async def present(self, leg_id: str, *, on: bool) -> None:
        """Show the leg's screen to the others, instead of anybody's before; or no longer."""
        ...

    async def prefer(self, leg_id: str, *, on: bool) -> None:
        """Give the leg's picture its share of a receiver's link first, and hold it back last."""
        ...

    async def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        """Send the leg the cameras' pictures or not; on hold, nothing to it and nothing from it."""
        ...

    async def close_leg(self, leg_id: str) -> None:
        """Close the leg; closing an unknown leg is no error."""
        ...

    async def leave(self) -> None:
        """This server ends: every leg is told as over (`LegOver`), and measured until now.

        What is on this machine is closed. What is elsewhere carries on for a while without a word
        to anybody, until its person joins anew at the next server.
        """
        ...

    def on_event(self, listener: MediaListener) -> None:
        """Call `listener` on the event loop for every event of every leg."""
        ...

    async def stats(self) -> Mapping[str, object]:
        """Counters of the worker, for metrics and readiness."""
        ...


@runtime_checkable
class SharedMediaPort(MediaPort, Protocol):
    """Media that several servers share: what each says of its legs, all of them hear.

    States, slots and words of every leg that has a card are told to every server.
    """

    async def watch(self) -> None:
        """Begin to hear of others' legs; when this returns, those that there are have been told."""
        ...

    def put_card(self, leg_id: str, card: str) -> None:
        """Let the others know this of a leg of this server. Never blocks, may be lost with it."""
        ...

    def say(self, leg_id: str, sender: str, text: str) -> None:
        """Say something to a leg that another server speaks for. What nobody hears is lost."""
        ...

    async def adopt(self, leg_id: str) -> None:
        """Speak for a leg from now on (`LegSpoken`), instead of who does. Raises `NoSuchLeg`."""
        ...

    async def end_leg(self, leg_id: str, reason: Ending) -> None:
        """Close a leg, whoever speaks for it, and let all know why; an unknown one is no error."""
        ...
