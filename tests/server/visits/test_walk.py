"""Queue and visits together, walked at random against a model, on a real SQLite.

The model is a few lists. After each step the database must tell the same story: nobody is lost,
nobody is with two clinicians, places follow arrival, versions only rise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import Conflict, DomainError, NotFound
from server.messages import service as messages
from server.messages.tables import messages as messages_table
from server.queueing import service as queueing
from server.queueing.domain import (
    OPEN,
    AlreadyTaken,
    AlreadyWaiting,
    Channel,
    DutyOff,
    DutyPaused,
    DutyState,
    QueueEmpty,
    RequeuedOnce,
    TicketEvent,
    TicketGone,
    TicketState,
)
from server.queueing.tables import queue_tickets
from server.visits import service as visits
from server.visits.domain import ModeReason, VisitClosed, VisitEvent, VisitState
from server.visits.tables import visits as visits_table
from tests.server.queueing.world import DOCTOR, World

PATIENTS = st.integers(0, 5)
DOCTORS = st.integers(0, 2)


@dataclass
class Case:
    """What the model knows of a ticket and of its visit now."""

    ticket_id: str
    patient: int
    number: int
    state: TicketState = TicketState.WAITING
    requeues: int = 0
    rests_until: Any = None
    visit_id: str | None = None
    doctor: int | None = None
    visit_state: VisitState | None = None
    left: bool = False
    past_visits: list[str] = field(default_factory=list)


class Care(RuleBasedStateMachine):
    """Patients and doctors who do whatever comes to mind."""

    @initialize()
    def begin(self) -> None:
        """A clinic, six patients, three doctors."""
        self.world = World()
        self.patients = [self.world.patient(f"Patient {n}") for n in range(6)]
        self.doctors = [self.world.doctor(f"Doktor {n}", on_duty=False) for n in range(3)]
        self.duty = [DutyState.OFF] * 3
        self.cases: list[Case] = []
        self.versions: dict[str, int] = {}
        self.seqs: dict[str, int] = {}
        self.told = 0
        for who in range(3):
            self.duty_changes(who, DutyState.ON)
        for who in range(4):
            self.joins_queue(who, Channel.VIDEO)
            self.world.later(seconds=1)

    @override
    def teardown(self) -> None:
        """Forget the database."""
        if hasattr(self, "world"):
            self.world.close()

    def _open(self, patient: int) -> Case | None:
        found = [c for c in self.cases if c.patient == patient and c.state in OPEN]
        assert len(found) <= 1
        return found[0] if found else None

    def _waiting(self) -> list[Case]:
        return sorted(
            (c for c in self.cases if c.state is TicketState.WAITING), key=lambda c: c.number
        )

    def _run(self, fails: type[DomainError] | None, fn: Callable[..., Any], *args: Any) -> Any:
        """Run the use case, which must fail in exactly this way, or succeed."""
        if fails is None:
            return self.world.run(fn, *args)
        before = self._snapshot()
        with pytest.raises(fails):
            self.world.run(fn, *args)
        assert self._snapshot() == before
        return None

    def _snapshot(self) -> list[Any]:
        def rows(uow: UnitOfWork) -> list[Any]:
            return [
                tuple(row)
                for table in (queue_tickets, visits_table, messages_table)
                for row in uow.conn.execute(sa.select(table))
            ] + [queueing.head_version(uow, self.world.clinic_id, DOCTOR)]

        return self.world.run(rows)

    @rule(minutes=st.integers(1, 12))
    def time_passes(self, minutes: int) -> None:
        self.world.later(minutes=minutes)

    @rule(who=DOCTORS, state=st.sampled_from([*DutyState, *[DutyState.ON] * 6]))
    def duty_changes(self, who: int, state: DutyState) -> None:
        fails = DutyOff if (self.duty[who], state) == (DutyState.OFF, DutyState.PAUSED) else None
        self._run(fails, queueing.set_duty, self.doctors[who], state, self.world.clinic_id, DOCTOR)
        if fails is None:
            self.duty[who] = state

    @rule(who=PATIENTS, channel=st.sampled_from(Channel))
    def joins_queue(self, who: int, channel: Channel) -> None:
        fails = AlreadyWaiting if self._open(who) else None
        view = self._run(
            fails,
            queueing.join,
            self.patients[who],
            self.world.clinic_id,
            DOCTOR,
            "Feber",
            channel,
        )
        if view is not None:
            self.cases.append(Case(view.ticket.id, who, len(self.cases)))
            assert view.place == len(self._waiting())

    @rule(who=PATIENTS, channel=st.sampled_from(Channel))
    def changes_channel(self, who: int, channel: Channel) -> None:
        case = self._open(who)
        if case is not None:
            fails = None if case.state is TicketState.WAITING else Conflict
            self._run(fails, queueing.set_channel, self.patients[who], case.ticket_id, channel)

    @rule(data=st.data())
    def leaves_queue(self, data: st.DataObject) -> None:
        open_cases = [c for c in self.cases if c.state in OPEN]
        if not open_cases:
            return
        case = data.draw(st.sampled_from(sorted(open_cases, key=lambda c: c.state)))
        who = case.patient
        fails = Conflict if case.state is TicketState.ADMITTED else None
        self._run(fails, queueing.leave, self.patients[who], case.ticket_id)
        if fails is None:
            if case.visit_id is not None:
                case.visit_state = VisitState.ENDED
            case.state = TicketState.LEFT

    def _may_take(self, who: int) -> type[DomainError] | None:
        return {DutyState.OFF: DutyOff, DutyState.PAUSED: DutyPaused, DutyState.ON: None}[
            self.duty[who]
        ]

    def _taken(self, case: Case, who: int, view: Any) -> None:
        assert view.visit.ticket_id == case.ticket_id
        assert view.patient is not None
        case.state, case.doctor = TicketState.CALLED, who
        case.visit_id, case.visit_state, case.left = view.visit.id, VisitState.CALLED, False
        case.past_visits.append(view.visit.id)

    @rule(who=DOCTORS)
    def calls_next(self, who: int) -> None:
        ready = [
            c for c in self._waiting() if c.rests_until is None or c.rests_until <= self.world.now
        ]
        fails = self._may_take(who) or (None if ready else QueueEmpty)
        view = self._run(fails, visits.call_next, self.doctors[who])
        if view is not None:
            self._taken(ready[0], who, view)

    @rule(who=DOCTORS, data=st.data())
    def takes_one(self, who: int, data: st.DataObject) -> None:
        if not self.cases:
            return
        case = data.draw(st.sampled_from(self.cases))
        fails = self._may_take(who)
        if fails is None and case.state is TicketState.LEFT:
            fails = TicketGone
        elif fails is None and case.state is not TicketState.WAITING:
            fails = AlreadyTaken
        view = self._run(fails, visits.take, self.doctors[who], case.ticket_id)
        if view is not None:
            self._taken(case, who, view)

    def _visit(self, data: st.DataObject) -> Case | None:
        met = [c for c in self.cases if c.visit_id is not None]
        if not met:
            return None
        # Mostly what was called last: there every move is possible.
        newest = max(met, key=lambda c: c.past_visits[-1])
        return data.draw(st.sampled_from([newest, *met]))

    def _move(
        self, case: Case, allowed: set[VisitState], fn: Callable[..., Any], *args: Any
    ) -> bool:
        assert case.doctor is not None
        fails = None if case.visit_state in allowed else Conflict
        self._run(fails, fn, self.doctors[case.doctor], case.visit_id, *args)
        return fails is None

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def joins_visit(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is None:
            return
        is_open = case.visit_state in {VisitState.CALLED, VisitState.IN_PROGRESS}
        fails = None if is_open else VisitClosed
        self._run(fails, visits.join, self.patients[case.patient], case.visit_id)
        if is_open:
            case.state, case.visit_state = TicketState.ADMITTED, VisitState.IN_PROGRESS
            case.left = False

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def leaves_visit(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is None:
            return
        over = case.visit_state in {VisitState.ENDED, VisitState.DOCUMENTED}
        fails = None if over or case.visit_state is VisitState.IN_PROGRESS else Conflict
        self._run(fails, visits.leave, self.patients[case.patient], case.visit_id)
        if fails is None and not over:
            case.left = True

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def does_not_answer(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is None:
            return
        if case.visit_state is VisitState.CALLED and case.requeues == 1:
            assert case.doctor is not None
            self._run(RequeuedOnce, visits.no_answer, self.doctors[case.doctor], case.visit_id)
        elif self._move(case, {VisitState.CALLED}, visits.no_answer):
            case.requeues += 1
            case.rests_until = self.world.now + queueing.rules_at(self.world.now).rest
            self._back(case)

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def is_put_back(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is not None and self._move(case, {VisitState.CALLED}, visits.give_back):
            self._back(case)

    def _back(self, case: Case) -> None:
        case.state = TicketState.WAITING
        case.visit_id = case.visit_state = case.doctor = None

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def never_came(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is not None and self._move(case, {VisitState.CALLED}, visits.no_show):
            case.state, case.visit_state = TicketState.NO_SHOW, VisitState.NO_SHOW

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def ends(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is not None and self._move(case, {VisitState.IN_PROGRESS}, visits.end):
            case.state, case.visit_state = TicketState.DONE, VisitState.ENDED

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data(), mode=st.sampled_from(Channel), reason=st.sampled_from(ModeReason))
    def changes_mode(self, data: st.DataObject, mode: Channel, reason: ModeReason) -> None:
        case = self._visit(data)
        if case is not None:
            is_open = {VisitState.CALLED, VisitState.IN_PROGRESS}
            self._move(case, is_open, visits.set_mode, mode, reason)

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def writes_and_signs(self, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is None or case.doctor is None or case.visit_state is not VisitState.ENDED:
            return
        doctor = self.doctors[case.doctor]
        view = self.world.run(visits.save_note, doctor, case.visit_id or "", "Vila.", 0)
        assert view.note is not None
        self.world.run(visits.sign_note, doctor, case.visit_id or "", view.note.version)
        case.visit_state = VisitState.DOCUMENTED

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data(), text=st.text(min_size=1, max_size=5).map(lambda t: f"x{t}"))
    def somebody_writes(self, data: st.DataObject, text: str) -> None:
        case = self._visit(data)
        if case is None:
            return
        is_open = case.visit_state in {VisitState.CALLED, VisitState.IN_PROGRESS}
        client_id = f"00000000-0000-4000-8000-{len(self._snapshot()):012d}"
        self._run(
            None if is_open else VisitClosed,
            messages.post,
            self.patients[case.patient],
            case.visit_id,
            client_id,
            text,
        )

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(who=DOCTORS, data=st.data())
    def a_stranger_finds_nothing(self, who: int, data: st.DataObject) -> None:
        case = self._visit(data)
        if case is not None and case.doctor != who:
            for fn in (visits.visit_for, visits.end, visits.no_answer, messages.since):
                self._run(NotFound, fn, self.doctors[who], case.visit_id)

    @invariant()
    def the_database_tells_the_same_story(self) -> None:
        if not hasattr(self, "world"):
            return
        rows = self.world.run(
            lambda uow: {r.id: r for r in uow.conn.execute(sa.select(queue_tickets))}
        )
        assert set(rows) == {c.ticket_id for c in self.cases}
        for case in self.cases:
            row = rows[case.ticket_id]
            assert (row.state, row.requeues) == (case.state, case.requeues)
            if case.state is not TicketState.WAITING:
                assert row.visit_id == case.visit_id
            doctor = None if case.doctor is None else self.doctors[case.doctor].account_id
            assert row.taken_by == doctor
        stored = self.world.run(
            lambda uow: {r.id: r for r in uow.conn.execute(sa.select(visits_table))}
        )
        assert set(stored) == {v for c in self.cases for v in c.past_visits}
        for case in self.cases:
            if case.visit_id is not None:
                visit = stored[case.visit_id]
                assert visit.state == case.visit_state
                assert visit.joined_at is None or visit.joined_at >= visit.called_at

    @invariant()
    def places_equal_a_fresh_count(self) -> None:
        if not hasattr(self, "world"):
            return
        waiting = self._waiting()
        places = self.world.run(queueing.places, self.world.clinic_id, DOCTOR)
        assert [(p.ticket_id, p.place, p.waiting_total) for p in places] == [
            (c.ticket_id, n, len(waiting)) for n, c in enumerate(waiting, 1)
        ]
        for case, place in zip(waiting, places, strict=True):
            patient: Actor = self.patients[case.patient]
            view = self.world.run(queueing.ticket_for, patient, case.ticket_id)
            assert (view.place, view.waiting_total, view.wait, view.version) == (
                place.place,
                place.waiting_total,
                place.wait,
                place.version,
            )

    @invariant()
    def versions_rise(self) -> None:
        if not hasattr(self, "world"):
            return
        for event in self.world.events[self.told :]:
            if isinstance(event, TicketEvent):
                self._rises(f"queue {event.clinic_id}", event.version)
                self._rises(event.ticket_id, event.version)
            elif isinstance(event, VisitEvent):
                self._rises(event.visit_id, event.version)
        self.told = len(self.world.events)
        for case in self.cases:
            seen = self.world.run(queueing.versions, self.patients[case.patient], [case.ticket_id])[
                case.ticket_id
            ]
            assert seen >= self.versions.get(case.ticket_id, 0)

    def _rises(self, name: str, version: int) -> None:
        assert version > self.versions.get(name, 0)
        self.versions[name] = version

    @invariant()
    def conversations_have_no_gaps(self) -> None:
        if not hasattr(self, "world"):
            return
        rows = self.world.run(
            lambda uow: uow.conn.execute(
                sa.select(
                    visits_table.c.last_seq,
                    sa.func.count(messages_table.c.seq),
                    sa.func.coalesce(sa.func.max(messages_table.c.seq), 0),
                )
                .join_from(
                    visits_table,
                    messages_table,
                    messages_table.c.visit_id == visits_table.c.id,
                    isouter=True,
                )
                .group_by(visits_table.c.id)
            ).all()
        )
        assert all(last == count == highest for last, count, highest in rows)


TestCare = pytest.mark.property(Care.TestCase)
TestCare.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
