"""What the relay tells of its legs."""

from dataclasses import dataclass

from signaling.media.quality import Summary
from signaling.media.states import LegState
from signaling.media.verdict import Reason, Way, Word


@dataclass(frozen=True, slots=True)
class LegStateChanged:
    """A leg went through the door of its states."""

    leg_id: str
    visit_id: str
    state: LegState


@dataclass(frozen=True, slots=True)
class LegMediaChanged:
    """Whether a leg sent audio and video within the last second, on change."""

    leg_id: str
    audio: bool
    video: bool


@dataclass(frozen=True, slots=True)
class LegSlotsChanged:
    """Who is in which slot of a leg, whose screen it is sent, and whether pictures are held back.

    `held`: its link carries no pictures just now but the preferred; sound and screen go on.
    `preferred_held`: nor those.
    """

    leg_id: str
    slots: tuple[str | None, ...]
    screen: str | None
    held: bool
    preferred_held: bool = False


@dataclass(frozen=True, slots=True)
class LegJudged:
    """The word for a leg's line is another: see `verdict.py`."""

    leg_id: str
    word: Word
    reason: Reason | None
    way: Way | None


@dataclass(frozen=True, slots=True)
class LegOver:
    """A leg has ended, and this is what its connection was like. Its state is told next."""

    leg_id: str
    visit_id: str
    state: LegState
    quality: Summary


RelayEvent = LegStateChanged | LegMediaChanged | LegSlotsChanged | LegJudged | LegOver
