"""What a model of queue and visits remembers, and what must hold after each step.

The model is a few lists. After each step the database must tell the same story: nobody is lost,
nobody is with two clinicians, places follow arrival, versions only rise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from typing_extensions import override

from server.kit.actor import Actor
from server.kit.db import UnitOfWork
from server.kit.errors import Conflict, DomainError
from server.messages.tables import messages as messages_table
from server.queueing import service as queueing
from server.queueing.domain import (
    OPEN,
    DutyOff,
    DutyPaused,
    DutyState,
    TicketEvent,
    TicketState,
)
from server.queueing.tables import queue_tickets
from server.visits.domain import VisitEvent, VisitState
from server.visits.tables import visits as visits_table
from tests.server.queueing.world import DOCTOR, World


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


class Story(RuleBasedStateMachine):
    """The model beside a world; `test_walk` adds what people do."""

    new_world: Callable[[], World]

    def open_world(self) -> None:
        """A clinic, six patients, three doctors."""
        self.world = self.new_world()
        self.patients = [self.world.patient(f"Patient {n}") for n in range(6)]
        self.doctors = [self.world.doctor(f"Doktor {n}", on_duty=False) for n in range(3)]
        self.duty = [DutyState.OFF] * 3
        self.cases: list[Case] = []
        self.versions: dict[str, int] = {}
        self.told = 0

    @override
    def teardown(self) -> None:
        """Forget the database."""
        if hasattr(self, "world"):
            self.world.close()

    def open_case(self, patient: int) -> Case | None:
        """The patient's case that is not over; there is one at the most."""
        found = [c for c in self.cases if c.patient == patient and c.state in OPEN]
        assert len(found) <= 1
        return found[0] if found else None

    def waiting(self) -> list[Case]:
        """Who waits, in order of arrival."""
        return sorted(
            (c for c in self.cases if c.state is TicketState.WAITING), key=lambda c: c.number
        )

    def act(self, fails: type[DomainError] | None, fn: Callable[..., Any], *args: Any) -> Any:
        """Run the use case, which must fail in exactly this way, or succeed."""
        if fails is None:
            return self.world.run(fn, *args)
        before = self.snapshot()
        with pytest.raises(fails):
            self.world.run(fn, *args)
        assert self.snapshot() == before
        return None

    def snapshot(self) -> list[Any]:
        """Every row, and the queue's version."""

        def rows(uow: UnitOfWork) -> list[Any]:
            return [
                tuple(row)
                for table in (queue_tickets, visits_table, messages_table)
                for row in uow.conn.execute(sa.select(table))
            ] + [queueing.head_version(uow, self.world.clinic_id, DOCTOR)]

        return self.world.run(rows)

    def refusal(self, who: int) -> type[DomainError] | None:
        """Why this doctor may take nobody now; None when she may."""
        return {DutyState.OFF: DutyOff, DutyState.PAUSED: DutyPaused, DutyState.ON: None}[
            self.duty[who]
        ]

    def taken(self, case: Case, who: int, view: Any) -> None:
        """The doctor has taken the case into the visit of the view."""
        assert view.visit.ticket_id == case.ticket_id
        assert view.patient is not None
        case.state, case.doctor = TicketState.CALLED, who
        case.visit_id, case.visit_state, case.left = view.visit.id, VisitState.CALLED, False
        case.past_visits.append(view.visit.id)

    def some_visit(self, data: st.DataObject) -> Case | None:
        """A case that has a visit."""
        met = [c for c in self.cases if c.visit_id is not None]
        if not met:
            return None
        # Mostly what was called last: there every move is possible.
        newest = max(met, key=lambda c: c.past_visits[-1])
        return data.draw(st.sampled_from([newest, *met]))

    def moves(
        self, case: Case, allowed: set[VisitState], fn: Callable[..., Any], *args: Any
    ) -> bool:
        """Move the visit, which must be refused unless its state is among those allowed."""
        assert case.doctor is not None
        fails = None if case.visit_state in allowed else Conflict
        self.act(fails, fn, self.doctors[case.doctor], case.visit_id, *args)
        return fails is None

    def back(self, case: Case) -> None:
        """The case waits again and has no visit."""
        case.state = TicketState.WAITING
        case.visit_id = case.visit_state = case.doctor = None

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
        waiting = self.waiting()
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
