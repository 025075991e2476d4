"""What can stand in the way of a call."""

from server.kit.errors import Busy, Conflict, Denied, Invalid, NotFound


class CallNotVideo(Conflict):
    """The visit goes on as chat; change its mode first."""

    code = "call.not_video"
    title = "The visit is held as chat"


class CallUnavailable(Busy):
    """No media worker can take the call just now."""

    code = "call.unavailable"
    title = "Video can't be offered just now"


class CallFull(CallUnavailable):
    """All workers are full: more of them are wanted."""

    code = "call.full"
    title = "All video lines are taken just now"


class CallVisitFull(Conflict):
    """Six people are in the call, which is as many as each can be shown."""

    code = "call.visit_full"
    title = "The call is full"


class CallBadSdp(Invalid):
    """The answer can't be read, or does not answer the offer."""

    code = "call.bad_sdp"
    title = "The answer can't be used"


class CallNoLeg(NotFound):
    """There is no such leg of this account: it was replaced, closed or never was."""

    code = "call.no_leg"
    title = "That leg is gone"


class CallReplaced(CallNoLeg):
    """That leg is gone because another tab or device of this account has the call now."""

    code = "call.replaced"
    title = "The call goes on elsewhere"


class CallNoScreen(Denied):
    """Patient and clinician may show a screen; who is in their visit as a guest may not."""

    code = "call.no_screen"
    title = "Guests share no screen"
