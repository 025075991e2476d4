"""The errors of guests that a person can meet. The domain passes them on."""

from server.kit.errors import Conflict, Denied, NotFound, members


class GuestIllegalMove(Conflict):
    """The guest's state does not allow this; ``state`` says which it is."""

    code = "guest.illegal_move"
    carries = members(state=(str, "left"))


class ConsentMissing(Conflict):
    """The patient's yes to this guest is not noted, and nobody else is let in without it."""

    code = "guest.consent_missing"


class GuestsFull(Conflict):
    """The visit has as many guests as there are places beside patient and clinician."""

    code = "guest.full"
    carries = members(most=(int, 4))


class InvitationUnknown(NotFound):
    """No invitation has this token."""

    code = "guest.invitation_unknown"


class InvitationUsed(Conflict):
    """The invitation was used already, in another browser; one serves once."""

    code = "guest.invitation_used"


class InvitationOver(Conflict):
    """The invitation is no longer valid: it is too old, was withdrawn, or the visit is over."""

    code = "guest.invitation_over"


class OwnVisit(Conflict):
    """In this browser the patient or the clinician of the visit itself is logged in."""

    code = "guest.own_visit"


class NotAdmitted(Denied):
    """The clinician has not let the guest in, or the guest has left."""

    code = "guest.not_admitted"
