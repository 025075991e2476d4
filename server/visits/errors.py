"""The errors of visits that a person can meet. The domain passes them on."""

from server.kit.errors import Conflict, Invalid


class IllegalMove(Conflict):
    """The visit's state does not allow this; ``state`` says which it is."""

    code = "visit.illegal_move"


class VisitClosed(Conflict):
    """The visit is over; ``state`` says how."""

    code = "visit.closed"


class NoteStale(Conflict):
    """Somebody saved meanwhile: ``version`` and ``text`` are what is stored."""

    code = "note.stale"


class NoteSigned(Conflict):
    """A signed note is not changed."""

    code = "note.signed"


class NoteEmpty(Invalid):
    """There is nothing to sign."""

    code = "note.empty"
