"""What the media says of itself, in the words of who asked for a call."""

from signaling.rooms.errors import (
    CallBadSdp,
    CallFull,
    CallNoLeg,
    CallUnavailable,
    CallVisitFull,
)
from signaling.rooms.media_port import BadSdp, MediaError, MediaFull, NoSuchLeg, VisitFull


def not_opened(error: MediaError) -> Exception:
    """Why there is no leg."""
    if isinstance(error, MediaFull):
        return CallFull("Every media worker has as many calls as it may have.")
    if isinstance(error, VisitFull):
        return CallVisitFull("Six people are in the call.")
    return CallUnavailable("No media worker took the call.")


def not_done(error: MediaError) -> Exception:
    """Why a leg that there was is not served."""
    if isinstance(error, BadSdp):
        return CallBadSdp("The SDP answer can't be used.", field="sdp")
    if isinstance(error, NoSuchLeg):
        return CallNoLeg("The media worker no longer knows the leg.")
    return CallUnavailable("The media worker did not answer.")
