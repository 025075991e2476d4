"""A clinic with many who wait and many who can help, and the count of who was taken by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from server.accounts import service as accounts
from server.clinics import service as clinics
from server.kit.actor import Actor, Audience, Commission, Profession
from server.kit.db import UnitOfWork
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.queueing.tables import queue_tickets
from server.visits.tables import visits

DOCTOR = Profession.DOCTOR


def fill(uow: UnitOfWork, waiting: int, clinicians: int) -> list[Actor]:
    """`waiting` patients in one queue, and the doctors who are on duty there."""
    clinic = clinics.add_clinic(uow, "Storgatans vårdcentral", "Mälarö")
    clinics.set_hours(uow, clinic.id, DOCTOR, always=True)
    for number in range(waiting):
        account = accounts.create(
            uow, Audience.PATIENT, f"p{number}", f"P {number}", "-", birth_date=uow.now.date()
        )
        patient = Actor(account.id, Audience.PATIENT, "session", account.name)
        queueing.join(uow, patient, clinic.id, DOCTOR, "Feber", Channel.VIDEO)
    doctors = []
    for number in range(clinicians):
        account = accounts.create(
            uow, Audience.STAFF, f"s{number}", f"S {number}", "-", title="Läkare"
        )
        clinics.commission(uow, account.id, clinic.id, DOCTOR)
        commission = Commission(clinic.id, DOCTOR, clinic.name)
        doctor = Actor(account.id, Audience.STAFF, "session", account.name, (commission,))
        queueing.set_duty(uow, doctor, DutyState.ON, clinic.id, DOCTOR)
        doctors.append(doctor)
    return doctors


@dataclass(frozen=True)
class Tally:
    """Who was taken, as the database has it."""

    lost: int
    twice: int
    untold: int


def tally(uow: UnitOfWork, told: Sequence[tuple[str, str]]) -> Tally:
    """`told`: (ticket, clinician) as the clinicians were told.

    `lost`: still waiting though the queue was said to be empty; `twice`: tickets with more than one
    visit; `untold`: where the database and the clinicians disagree.
    """
    tickets = uow.conn.execute(
        sa.select(queue_tickets.c.id, queue_tickets.c.state, queue_tickets.c.taken_by)
    ).all()
    visited = Counter(uow.conn.scalars(sa.select(visits.c.ticket_id)))
    stored = {(row.id, row.taken_by) for row in tickets}
    return Tally(
        lost=sum(row.state != "called" for row in tickets),
        twice=sum(count > 1 for count in visited.values()),
        untold=len(stored ^ set(told)) + len(told) - len(set(told)),
    )
