"""What can go wrong when a caller asks the relay for something.

    MediaError
    ├── BadSdp           the peer's session description can't be used
    ├── NoSuchLeg        the leg is closed, failed, or never was
    ├── LegExists        the id is taken
    ├── MediaFull        no room for another leg, or the worker is draining
    ├── VisitFull        six people are in the visit already
    └── MediaUnavailable no worker answers (raised by the client side only)

Packets from the network never raise these: noise is counted and dropped.
"""

from typing import ClassVar


class MediaError(Exception):
    """Base of the relay's errors; `code` travels over the control socket."""

    code: ClassVar[str] = "media.error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BadSdp(MediaError):
    """The session description is malformed or refuses what the relay needs."""

    code = "media.bad_sdp"


class NoSuchLeg(MediaError):
    """No open leg has this id."""

    code = "media.no_leg"


class LegExists(MediaError):
    """A leg with this id is open already."""

    code = "media.leg_exists"


class MediaFull(MediaError):
    """The worker takes no more legs, because it is full or draining."""

    code = "media.full"


class VisitFull(MediaError):
    """The visit holds as many people as a leg has slots for, and this is another."""

    code = "media.visit_full"


class MediaUnavailable(MediaError):
    """No media worker answered in time."""

    code = "media.unavailable"
