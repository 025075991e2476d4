"""The fixed media sections of every leg: what a peer may send, and where it is sent the others.

A visit holds six people, so each is offered a slot for each of five others, and one for the screen
that somebody shares. Nothing here changes while a call lasts: who sits in which slot does.
"""

from dataclasses import dataclass
from typing import Final, Literal

MAX_PARTICIPANTS: Final = 6
PEERS: Final = MAX_PARTICIPANTS - 1

Media = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class Section:
    """One m-line. `up`: the peer sends in it; else `stream` is what the relay's SDP calls it."""

    mid: int
    media: Media
    up: bool
    stream: str


# What a peer sends, by mid.
AUDIO, CAMERA, SCREEN = range(3)
UP: Final = (
    Section(AUDIO, "audio", True, ""),
    Section(CAMERA, "video", True, ""),
    Section(SCREEN, "video", True, ""),
)
# Sound and picture of one slot share a stream, so that the receiver keeps the lips in step.
DOWN: Final = (
    *(Section(3 + n, "audio", False, f"slot{n}") for n in range(PEERS)),
    *(Section(3 + PEERS + n, "video", False, f"slot{n}") for n in range(PEERS)),
    Section(3 + 2 * PEERS, "video", False, "screen"),
)
ALL: Final = UP + DOWN
SCREEN_MID: Final = DOWN[-1].mid


def is_camera(mid: int) -> bool:
    """Whether a section carries the picture of somebody's camera to a peer."""
    return 3 + PEERS <= mid < SCREEN_MID


def audio_mid(slot: int) -> int:
    """The section that carries the sound of who is in this slot."""
    return 3 + slot


def video_mid(slot: int) -> int:
    """The section that carries the picture of who is in this slot."""
    return 3 + PEERS + slot
