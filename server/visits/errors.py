"""The errors of visits that a person can meet. The domain passes them on."""

from server.kit.errors import Conflict, Invalid, members


class IllegalMove(Conflict):
    """The visit's state does not allow this; ``state`` says which it is."""

    code = "visit.illegal_move"
    carries = members(state=(str, "ended"))


class VisitClosed(Conflict):
    """The visit is over; ``state`` says how."""

    code = "visit.closed"
    carries = members(state=(str, "ended"))


class NoteStale(Conflict):
    """Somebody saved meanwhile: ``version`` and, over HTTP, ``text`` are what is stored."""

    code = "note.stale"
    carries = members(version=(int, 3), text=(str, "Feber sedan tre dagar."))


class NoteSigned(Conflict):
    """A signed note is not changed."""

    code = "note.signed"


class NoteEmpty(Invalid):
    """There is nothing to sign."""

    code = "note.empty"
