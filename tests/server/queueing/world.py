"""A small world for tests of care: a clinic, people, and units of work on a real SQLite."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from server import migrations
from server.accounts import service as accounts
from server.audit import service as audit
from server.clinics import service as clinics
from server.kit.actor import Actor, Audience, Commission, Profession
from server.kit.db import UnitOfWork, metadata
from server.kit.events import Event
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState, TicketPlace, TicketView
from server.visits import service as visits
from server.visits.domain import VisitView

P = ParamSpec("P")
T = TypeVar("T")
DOCTOR = Profession.DOCTOR
# A Monday at noon in Stockholm.
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)


def memory_engine() -> sa.Engine:
    """A database in memory, with the transactions of ``kit.sqlite``."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)

    @sa.event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None
        dbapi.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@cache
def _schema() -> bytes:
    """An empty database with every table, made once."""
    migrations.load_tables()
    engine = memory_engine()
    metadata.create_all(engine)
    with engine.connect() as conn:
        image: bytes = conn.connection.driver_connection.serialize()  # type: ignore[union-attr]
    engine.dispose()
    return image


class World:
    """Units of work with a clock that stands still, one clinic that never closes, and people."""

    def __init__(self) -> None:
        self.engine = memory_engine()
        with self.engine.connect() as conn:
            conn.connection.driver_connection.deserialize(_schema())  # type: ignore[union-attr]
        self.now = NOON
        self.events: list[Event] = []
        self.people = 0
        self.clinic_id = self.add_clinic()

    def close(self) -> None:
        """Forget everything."""
        self.engine.dispose()

    def run(
        self, fn: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One unit of work: all of it, or nothing."""
        with self.engine.begin() as conn:
            uow = UnitOfWork(conn, self.now)
            result = fn(uow, *args, **kwargs)
            self.logged = uow.logged
            events = [stored.event for stored in uow.store_events()]
        self.events += events
        return result

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
