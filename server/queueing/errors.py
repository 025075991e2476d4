"""The errors of the queue that a person can meet. The domain passes them on."""

from datetime import datetime

from server.kit.errors import Conflict, Invalid, members


class IllegalMove(Conflict):
    """The ticket's state does not allow this; ``state`` says which it is."""

    code = "queue.illegal_move"
    carries = members(state=(str, "left"))


class QueueClosed(Conflict):
    """Nobody can join now; ``next_opening`` says when (ISO 8601), or is null if never."""

    code = "queue.closed"
    carries = members(next_opening=(datetime | None, "2026-03-03T07:00:00Z"))


class AlreadyWaiting(Conflict):
    """One open case per clinic and profession: ``ticket_id`` and ``visit_id`` of the first."""

    code = "queue.already_waiting"
    carries = members(
        ticket_id=(str, "0198f0a2-6f3b-7c41-9d2e-5b8a17c0e4d6"), visit_id=(str | None, None)
    )


class QueueEmpty(Conflict):
    """Nobody who can be called is waiting."""

    code = "queue.empty"


class AlreadyTaken(Conflict):
    """A colleague was faster: ``taken_by`` is the name."""

    code = "queue.already_taken"
    carries = members(taken_by=(str, "Karin Alm"))


class TicketGone(Conflict):
    """The patient has left the queue."""

    code = "queue.ticket_left"


class RequeuedOnce(Conflict):
    """The patient has not answered once before; mark a no-show instead."""

    code = "visit.requeued_once"


class DutyOff(Conflict):
    """This takes being on duty."""

    code = "duty.off"


class DutyPaused(Conflict):
    """Taking patients takes being on duty, and not on pause."""

    code = "duty.paused"


class NoCommission(Invalid):
    """The commission is missing: one can be on duty only where one has a task."""

    code = "duty.no_commission"


class NoService(Invalid):
    """The clinic has nobody of this profession."""

    code = "queue.no_service"
