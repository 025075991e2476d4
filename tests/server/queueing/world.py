"""A small world for tests of care: a clinic, people, and units of work on either engine."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from server.accounts import service as accounts
from server.audit import service as audit
from server.clinics import service as clinics
from server.kit.actor import Actor, Audience, Commission, Profession
from server.kit.db import UnitOfWork
from server.kit.events import Event
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState, TicketPlace, TicketView
from server.visits import service as visits
from server.visits.domain import VisitView
from tests.server.queueing.ground import Ground, Sent

P = ParamSpec("P")
T = TypeVar("T")
DOCTOR = Profession.DOCTOR
# A Monday at noon in Stockholm.
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
# What a plan says that does not come by itself in the order of an index.
SORTED = re.compile("TEMP B-TREE|Sort")


class World:
    """Units of work with a clock that stands still, one clinic that never closes, and people."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        ground.open()
        self.now = NOON
        self.events: list[Event] = []
        self.people = 0
        self.clinic_id = self.add_clinic()

    def close(self) -> None:
        """Forget everything."""
        self._ground.close()

    def run(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One unit of work: all of it, or nothing."""

        def unit(conn: sa.Connection) -> tuple[T, UnitOfWork, list[Event]]:
            uow = UnitOfWork(conn, self.now)
            result = fn(uow, *args, **kwargs)
            return result, uow, [stored.event for stored in uow.store_events()]

        result, uow, events = self._ground.run(unit)
        self.logged = uow.logged
        self.events += events
        return result

    def asked(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[T, list[Sent]]:
        """Run the unit, and tell what it asked of the database."""
        with self._ground.listening() as sent:
            result = self.run(fn, *args, **kwargs)
        return result, sent

    def plan(self, sent: Sent, *without: str) -> str:
        """How the database runs the statement, also without the other indexes that are named."""
        return self._ground.run(lambda conn: self._ground.plan(conn, sent, *without))

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)

    def add_clinic(self, *, always: bool = True) -> str:
        """A clinic with a doctor."""
        clinic = self.run(clinics.add_clinic, "Vallby vårdcentral", "Vallby")
        self.run(clinics.set_hours, clinic.id, DOCTOR, always=always)
        return clinic.id

    def patient(self, name: str = "Asta Berg", born: date = date(1980, 5, 1)) -> Actor:
        """Somebody who is ill."""
        self.people += 1
        account = self.run(
            accounts.create, Audience.PATIENT, f"p{self.people}", name, "-", birth_date=born
        )
        return Actor(account.id, Audience.PATIENT, "session", name)

    def doctor(self, name: str = "Ulla Ek", *, on_duty: bool = True) -> Actor:
        """Somebody who can help, on duty at the clinic."""
        self.people += 1
        account = self.run(
            accounts.create, Audience.STAFF, f"s{self.people}", name, "-", title="Läkare"
        )
        commission = Commission(self.clinic_id, DOCTOR, "Vallby vårdcentral")
        actor = Actor(account.id, Audience.STAFF, "session", name, (commission,))
        if on_duty:
            self.run(queueing.set_duty, actor, DutyState.ON, self.clinic_id, DOCTOR)
        return actor

    def wait(self, patient: Actor | None = None, channel: Channel = Channel.VIDEO) -> TicketView:
        """A patient joins the queue."""
        return self.run(
            queueing.join, patient or self.patient(), self.clinic_id, DOCTOR, "Feber", channel
        )

    def places(self) -> list[TicketPlace]:
        """Everybody's place in the doctor's queue, first to last."""
        return self.run(queueing.places, self.clinic_id, DOCTOR)

    def called(self) -> tuple[Actor, Actor, VisitView]:
        """A patient, a doctor, and the visit that the one has called the other to."""
        patient, doctor = self.patient(), self.doctor()
        self.wait(patient)
        return patient, doctor, self.run(visits.call_next, doctor)

    def met(self) -> tuple[Actor, Actor, VisitView]:
        """A visit in which both are there."""
        patient, doctor, visit = self.called()
        return patient, doctor, self.run(visits.join, patient, visit.visit.id)

    def lines(self, patient: Actor) -> list[tuple[str, str, str]]:
        """Who did what with which kind of the patient's data."""
        return [
            (line.actor_id, line.action, line.resource)
            for line in self.run(audit.lines_of, patient.account_id)
        ]

    def conversation(self, actor: Actor, visit_id: str) -> list[tuple[int, str, str]]:
        """Number, sender and text of every line."""
        found, _ = self.run(messages.since, actor, visit_id)
        return [(line.seq, line.sender.value, line.body) for line in found]
