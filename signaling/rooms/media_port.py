"""What the rooms need of a media worker. The worker's client implements it.

Errors: every method may raise `MediaUnavailable` when no worker answers in time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

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
    """A leg has ended, and this is what its connection was like. Its state is told next."""

    leg_id: str
    visit_id: str
    state: Literal["failed", "closed"]
    quality: Quality


@dataclass(frozen=True, slots=True)
class LegsHomeless:
    """These legs need a fresh offer from another worker: theirs died, or retires.

    `gone`: they carry nothing any more. Otherwise they do until they are closed, and their visits
    can move one by one.
    """

    leg_ids: frozenset[str]
    gone: bool


MediaEvent = (
    LegStateChanged | LegMediaChanged | LegSlotsChanged | LegJudged | LegOver | LegsHomeless
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
