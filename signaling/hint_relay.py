"""Domain events → hints: the only map from one to the other.

Told after COMMIT, in order. A hint may be lost; nothing here is the truth, and everything that it
tells can be fetched. Places are not in the events: they are read once for each changed queue,
after a pause, so that a burst of changes becomes one hint for each person.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import cast

from server.accounts.domain import AccountChanged
from server.guests.domain import GuestEvent, GuestMoved
from server.guests.domain import GuestState as KnownGuestState
from server.kit.actor import Profession
from server.kit.db import Database, StoredEvent, UnitOfWork
from server.kit.errors import DomainError
from server.kit.events import Event
from server.kit.log import get_logger
from server.kit.tasks import spawn
from server.login.domain import SessionEnded
from server.messages.domain import MessagePosted
from server.queueing import service as queueing
from server.queueing.domain import DutyChanged, TicketEvent, TicketPlace, TicketState
from server.queueing.domain import Wait as KnownWait
from server.visits.domain import VisitEvent, VisitState
from signaling.outgoing import Outgoing, to_account, to_watchers
from signaling.presence.pairs import Pair, Pairs
from signaling.rooms.calls import CallRegistry
from signaling.wire import hints
from signaling.wire.base import (
    Communication,
    GuestRole,
    GuestState,
    Mode,
    ModeReason,
    Role,
    SenderWord,
    TicketWaitRange,
    TicketWaitUnknown,
    Wait,
)
from signaling.wire.base import Profession as WireProfession
from signaling.wire.base import TicketState as WireTicketState
from signaling.wire.base import VisitState as WireVisitState

# Hints after which others get their turn.
AT_ONCE = 50

log = get_logger(__name__)
Queue = tuple[str, str]
EndSession = Callable[[str, str], None]
"""Session id and reason: tell its sockets and close them."""
LeaveQueue = Callable[[str], None]
"""Account id: it is off duty, so its sockets watch no queue."""
LookAgain = Callable[[str], None]
"""Account id: what it may do is another, so its sockets are to find out."""


class HintRelay:
    """Listens to the database and gives hints to whom they concern."""

    def __init__(
        self,
        database: Database,
        outgoing: Outgoing,
        calls: CallRegistry,
        pairs: Pairs,
        here: Callable[[], Collection[str]],
        end_session: EndSession,
        leave_queue: LeaveQueue,
        look_again: LookAgain,
        pause: float = 0.15,
    ) -> None:
        self._database = database
        self._outgoing = outgoing
        self._calls = calls
        self._pairs = pairs
        self._here = here
        self._end_session = end_session
        self._leave_queue = leave_queue
        self._look_again = look_again
        self._pause = pause
        self._changed: set[Queue] = set()
        self._moved_on: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._telling = asyncio.Lock()
        self._live = False

    def start(self) -> None:
        """Begin to listen."""
        self._live = True
        self._database.subscribe(self.tell)

    def stop(self) -> None:
        """Hear no more; what was not told yet is lost, as any hint may be."""
        self._live = False
        if self._timer is not None:
            self._timer.cancel()

    def tell(self, stored: Sequence[StoredEvent]) -> None:
        """What was committed. Never blocks."""
        for each in stored if self._live else ():
            try:
                self._one(each.event)
            except Exception as error:
                # The next event may concern somebody else.
                log.error("hint.not_made", event_type=each.event.kind, error=error)

    def _one(self, event: Event) -> None:
        match event:
            case TicketEvent():
                self._ticket(event)
            case DutyChanged():
                if event.state == "off":
                    self._leave_queue(event.account_id)
                self._queue_changed(event.clinic_id, event.profession)
            case VisitEvent():
                self._visit(event)
            case MessagePosted():
                self._message(event)
            case GuestEvent():
                self._guest(event)
            case SessionEnded():
                self._end_session(event.session_id, event.reason)
            case AccountChanged():
                self._look_again(event.account_id)
            case _:
                pass

    def _ticket(self, event: TicketEvent) -> None:
        if event.state != TicketState.WAITING:
            self._moved_on.add(event.ticket_id)
            hint = hints.TicketChanged(
                ticket_id=event.ticket_id,
                version=event.version,
                state=cast("WireTicketState", event.state),
                place=None,
                waiting_total=None,
                wait=TicketWaitUnknown(),
                visit_id=event.visit_id,
                channel=cast("Mode", event.channel),
                communication=cast("Communication", event.communication),
                not_before=datetime.fromisoformat(event.not_before) if event.not_before else None,
                requeued=event.requeued,
            )
            self._outgoing.put(to_account("patient", event.patient_id), hint)
        self._queue_changed(event.clinic_id, event.profession)

    def _visit(self, event: VisitEvent) -> None:
        hint = hints.VisitChanged(
            visit_id=event.visit_id,
            version=event.version,
            state=cast("WireVisitState", event.state),
            mode=cast("Mode", event.mode),
            mode_reason=cast("ModeReason | None", event.mode_reason),
            mode_by=cast("Role | None", event.mode_by),
            last_seq=event.last_seq,
            patient_left=event.patient_left,
        )
        self._to_both(event.patient_id, event.clinician_id, hint)
        pair = Pair(event.visit_id, event.patient_id, event.clinician_id)
        self._pairs.note(pair, is_open=event.state in {VisitState.CALLED, VisitState.IN_PROGRESS})
        # After the hint, so that a client knows the reason before its leg is gone.
        call_possible = event.state == VisitState.IN_PROGRESS and event.mode == "video"
        self._calls.visit_changed(event.visit_id, call_possible=call_possible)
        self._communicates(event.visit_id, event.patient_id, event.communication)
        if event.patient_left:
            self._calls.dismiss(event.visit_id, event.patient_id)

    def _message(self, event: MessagePosted) -> None:
        hint = hints.MessagePosted(
            visit_id=event.visit_id,
            seq=event.seq,
            client_id=event.client_id,
            sender=cast("SenderWord", event.sender),
            sender_name=event.sender_name,
            body=event.body,
            sent_at=datetime.fromisoformat(event.sent_at),
        )
        self._to_both(event.patient_id, event.clinician_id, hint)

    def _guest(self, event: GuestEvent) -> None:
        state = cast("GuestState", event.state)
        if isinstance(event, GuestMoved):
            hint = hints.GuestChanged(
                visit_id=event.visit_id,
                version=event.version,
                guest_id=event.guest_id,
                role=cast("GuestRole", event.role),
                state=state,
            )
            self._to_both(event.patient_id, event.clinician_id, hint)
        own = hints.GuestStateChanged(
            guest_id=event.guest_id,
            version=event.own_version,
            state=state,
            mode=cast("Mode", event.mode),
        )
        self._outgoing.put(to_account(cast("GuestRole", event.role), event.guest_id), own)
        self._communicates(event.visit_id, event.guest_id, event.communication)
        if event.state != KnownGuestState.ADMITTED:
            self._calls.dismiss(event.visit_id, event.guest_id)

    def _communicates(self, visit_id: str, account_id: str, how: str) -> None:
        self._calls.communicates(visit_id, account_id, cast("Communication", how))

    def _to_both(self, patient_id: str, clinician_id: str, hint: hints.Hint) -> None:
        self._outgoing.put(to_account("patient", patient_id), hint)
        self._outgoing.put(to_account("clinician", clinician_id), hint)

    def _queue_changed(self, clinic_id: str, profession: str) -> None:
        self._changed.add((clinic_id, profession))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._pause_over)

    def _pause_over(self) -> None:
        self._timer = None
        _ = spawn(self._tell_queues(), name="hints.queues")

    async def _tell_queues(self) -> None:
        # One at a time, or a slow read could be told after a newer one.
        async with self._telling:
            await self._tell_changed()

    async def _tell_changed(self) -> None:
        changed, self._changed = self._changed, set()
        self._moved_on.clear()
        for clinic_id, profession in changed:
            try:
                await self._tell_queue(clinic_id, profession)
            except DomainError as error:
                # Too much to do just now: it may have been this queue's last change for long.
                log.warning("hint.queue_waits", error=error)
                if self._live:
                    self._queue_changed(clinic_id, profession)
            except Exception as error:
                log.error("hint.queue_not_told", error=error)

    async def _tell_queue(self, clinic_id: str, profession: str) -> None:
        version, places = await self._database.read(
            _places, clinic_id, Profession(profession), frozenset(self._here())
        )
        queue = hints.QueueChanged(
            clinic_id=clinic_id, profession=cast("WireProfession", profession), version=version
        )
        self._outgoing.put(to_watchers(clinic_id, profession), queue)
        for number, place in enumerate(places, 1):
            if not number % AT_ONCE:
                await asyncio.sleep(0)
            # Who was called while this was read has already been told something newer.
            if place.ticket_id in self._moved_on:
                continue
            self._outgoing.put(to_account("patient", place.patient_id), place_hint(place))


def _places(
    uow: UnitOfWork, clinic_id: str, profession: Profession, concerned: Collection[str]
) -> tuple[int, list[TicketPlace]]:
    version = queueing.head_version(uow, clinic_id, profession)
    return version, queueing.places(uow, clinic_id, profession, concerned)


def place_hint(place: TicketPlace) -> hints.TicketChanged:
    """A place as its patient is told it."""
    return hints.TicketChanged(
        ticket_id=place.ticket_id,
        version=place.version,
        state=place.state.value,
        place=place.place,
        waiting_total=place.waiting_total,
        wait=_wait(place.wait),
        visit_id=place.visit_id,
        channel=place.channel.value,
        communication=place.communication.value,
        not_before=place.not_before,
        requeued=place.requeued,
    )


def _wait(wait: KnownWait | None) -> Wait:
    if wait is None:
        return TicketWaitUnknown()
    return TicketWaitRange(low_minutes=wait.low_minutes, high_minutes=wait.high_minutes)
