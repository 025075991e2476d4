"""Queue and visits together, walked at random against a model."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.kit.errors import Conflict, NotFound
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import (
    OPEN,
    AlreadyTaken,
    AlreadyWaiting,
    Channel,
    DutyOff,
    DutyState,
    QueueEmpty,
    RequeuedOnce,
    TicketGone,
    TicketState,
)
from server.visits import service as visits
from server.visits.domain import ModeReason, VisitClosed, VisitState
from tests.server.queueing.world import DOCTOR, World
from tests.server.visits.story import Case, Story

PATIENTS = st.integers(0, 5)
DOCTORS = st.integers(0, 2)


class Care(Story):
    """Patients and doctors who do whatever comes to mind."""

    @initialize()
    def begin(self) -> None:
        """Doctors on duty, and four who wait."""
        self.open_world()
        for who in range(3):
            self.duty_changes(who, DutyState.ON)
        for who in range(4):
            self.joins_queue(who, Channel.VIDEO)
            self.world.later(seconds=1)

    @rule(minutes=st.integers(1, 12))
    def time_passes(self, minutes: int) -> None:
        self.world.later(minutes=minutes)

    @rule(who=DOCTORS, state=st.sampled_from([*DutyState, *[DutyState.ON] * 6]))
    def duty_changes(self, who: int, state: DutyState) -> None:
        fails = DutyOff if (self.duty[who], state) == (DutyState.OFF, DutyState.PAUSED) else None
        self.act(fails, queueing.set_duty, self.doctors[who], state, self.world.clinic_id, DOCTOR)
        if fails is None:
            self.duty[who] = state

    @rule(who=PATIENTS, channel=st.sampled_from(Channel))
    def joins_queue(self, who: int, channel: Channel) -> None:
        fails = AlreadyWaiting if self.open_case(who) else None
        view = self.act(
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
            assert view.place == len(self.waiting())

    @rule(who=PATIENTS, channel=st.sampled_from(Channel))
    def changes_channel(self, who: int, channel: Channel) -> None:
        case = self.open_case(who)
        if case is not None:
            fails = None if case.state is TicketState.WAITING else Conflict
            self.act(fails, queueing.set_channel, self.patients[who], case.ticket_id, channel)

    @rule(data=st.data())
    def leaves_queue(self, data: st.DataObject) -> None:
        open_cases = [c for c in self.cases if c.state in OPEN]
        if not open_cases:
            return
        case = data.draw(st.sampled_from(sorted(open_cases, key=lambda c: c.state)))
        who = case.patient
        fails = Conflict if case.state is TicketState.ADMITTED else None
        self.act(fails, queueing.leave, self.patients[who], case.ticket_id)
        if fails is None:
            if case.visit_id is not None:
                case.visit_state = VisitState.ENDED
            case.state = TicketState.LEFT

    @rule(who=DOCTORS)
    def calls_next(self, who: int) -> None:
        ready = [
            c for c in self.waiting() if c.rests_until is None or c.rests_until <= self.world.now
        ]
        fails = self.refusal(who) or (None if ready else QueueEmpty)
        view = self.act(fails, visits.call_next, self.doctors[who])
        if view is not None:
            self.taken(ready[0], who, view)

    @rule(who=DOCTORS, data=st.data())
    def takes_one(self, who: int, data: st.DataObject) -> None:
        if not self.cases:
            return
        case = data.draw(st.sampled_from(self.cases))
        fails = self.refusal(who)
        if fails is None and case.state is TicketState.LEFT:
            fails = TicketGone
        elif fails is None and case.state is not TicketState.WAITING:
            fails = AlreadyTaken
        view = self.act(fails, visits.take, self.doctors[who], case.ticket_id)
        if view is not None:
            self.taken(case, who, view)

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def joins_visit(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
        if case is None:
            return
        is_open = case.visit_state in {VisitState.CALLED, VisitState.IN_PROGRESS}
        fails = None if is_open else VisitClosed
        self.act(fails, visits.join, self.patients[case.patient], case.visit_id)
        if is_open:
            case.state, case.visit_state = TicketState.ADMITTED, VisitState.IN_PROGRESS
            case.left = False

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def leaves_visit(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
        if case is None:
            return
        over = case.visit_state in {VisitState.ENDED, VisitState.DOCUMENTED}
        fails = None if over or case.visit_state is VisitState.IN_PROGRESS else Conflict
        self.act(fails, visits.leave, self.patients[case.patient], case.visit_id)
        if fails is None and not over:
            case.left = True

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def does_not_answer(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
        if case is None:
            return
        if case.visit_state is VisitState.CALLED and case.requeues == 1:
            assert case.doctor is not None
            self.act(RequeuedOnce, visits.no_answer, self.doctors[case.doctor], case.visit_id)
        elif self.moves(case, {VisitState.CALLED}, visits.no_answer):
            case.requeues += 1
            case.rests_until = self.world.now + queueing.rules_at(self.world.now).rest
            self.back(case)

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def is_put_back(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
        if case is not None and self.moves(case, {VisitState.CALLED}, visits.give_back):
            self.back(case)

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def never_came(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
        if case is not None and self.moves(case, {VisitState.CALLED}, visits.no_show):
            case.state, case.visit_state = TicketState.NO_SHOW, VisitState.NO_SHOW

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def ends(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
        if case is not None and self.moves(case, {VisitState.IN_PROGRESS}, visits.end):
            case.state, case.visit_state = TicketState.DONE, VisitState.ENDED

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data(), mode=st.sampled_from(Channel), reason=st.sampled_from(ModeReason))
    def changes_mode(self, data: st.DataObject, mode: Channel, reason: ModeReason) -> None:
        case = self.some_visit(data)
        if case is not None:
            is_open = {VisitState.CALLED, VisitState.IN_PROGRESS}
            self.moves(case, is_open, visits.set_mode, mode, reason)

    @precondition(lambda self: any(c.visit_id for c in self.cases))
    @rule(data=st.data())
    def writes_and_signs(self, data: st.DataObject) -> None:
        case = self.some_visit(data)
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
        case = self.some_visit(data)
        if case is None:
            return
        is_open = case.visit_state in {VisitState.CALLED, VisitState.IN_PROGRESS}
        client_id = f"00000000-0000-4000-8000-{len(self.snapshot()):012d}"
        self.act(
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
        case = self.some_visit(data)
        if case is not None and case.doctor != who:
            for fn in (visits.visit_for, visits.end, visits.no_answer, messages.since):
                self.act(NotFound, fn, self.doctors[who], case.visit_id)


@pytest.mark.property
def test_whatever_people_do_the_database_tells_their_story(
    new_world: Callable[[], World], engine: str
) -> None:
    class Here(Care):
        pass

    Here.new_world = staticmethod(new_world)
    # PostgreSQL is asked less: each statement is a round trip.
    examples = 30 if engine == "sqlite" else 8
    run_state_machine_as_test(
        Here,
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None),
    )
