"""The ground under a day: people, their sessions, clinics, who waits already and who is in a visit.

Rows go in by the thousand, past the use cases, before anything is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from server.access.tables import care_relations
from server.accounts.tables import accounts
from server.clinics.tables import clinic_services, clinics, commissions
from server.kit.actor import Profession
from server.kit.db import UnitOfWork
from server.login.passwords import hash_password
from server.login.service import hash_of
from server.login.tables import sessions
from server.queueing.tables import duties, queue_heads, queue_tickets
from server.visits.tables import visits
from tests.bench.day.plan import (
    FILLING,
    GROWING,
    PASSWORD,
    RETURNING,
    TALKING,
    Kind,
    Plan,
    ident,
    token,
)

PROFESSION = Profession.DOCTOR
DOCTOR = PROFESSION.value
_AT_ONCE = 5_000
Rows = Iterable[dict[str, Any]]


def people_of_day(plan: Plan) -> int:
    """Patients who log in and join: one for each entry of both phases that have entries."""
    return 2 * plan.entries


def clinic_of(plan: Plan, number: int) -> str:
    """Whose queue this patient joins."""
    return ident(Kind.CLINIC, number % plan.clinics)


def lay(uow: UnitOfWork, plan: Plan) -> None:
    """Everybody of the day."""
    _clinics(uow, range(plan.clinics))
    # Those who only wait do so where nobody is called.
    _clinics(uow, range(plan.clinics, 2 * plan.clinics))
    hashed = hash_password(PASSWORD)
    _people(uow, Kind.PATIENT, range(people_of_day(plan)), hashed)
    _doctors(uow, range(plan.clinics * plan.doctors), plan.clinics)
    _talks(uow, plan.talks + plan.pinging, plan.clinics)
    returning = range(RETURNING, RETURNING + plan.clients)
    _people(uow, Kind.PATIENT, returning, hashed)
    _waiting(uow, returning, lambda number: plan.clinics + number % plan.clinics)


def lay_growth(uow: UnitOfWork, plan: Plan, size: int) -> None:
    """A region with `size` who wait and `size` open visits.

    Half of those who wait stand in the queue of the first clinic, the others in all others alike.
    """
    _clinics(uow, range(plan.clinics))
    hashed = hash_password(PASSWORD)
    _people(uow, Kind.PATIENT, range(GROWING, GROWING + 2 * plan.operations), hashed)
    # Enough doctors that each has as many open visits whatever the size.
    most = max(1, size // 50)
    _doctors(uow, range(plan.clinics * plan.doctors), plan.clinics)
    _talks(uow, plan.talks + plan.pinging, plan.clinics)
    waiting = range(FILLING, FILLING + size)
    others = plan.clinics - 1
    _people(uow, Kind.PATIENT, waiting, hashed)
    _waiting(uow, waiting, lambda number: 0 if number % 2 else 1 + number // 2 % others)
    _doctors(uow, range(FILLING, FILLING + most), plan.clinics)
    in_visit = range(FILLING + size, FILLING + 2 * size)
    _people(uow, Kind.PATIENT, in_visit, hashed)
    for number in in_visit:
        assert number < GROWING
    _in_visit(uow, ((number, FILLING + number % most) for number in in_visit), plan.clinics)
    uow.conn.exec_driver_sql("ANALYZE")


def _put(uow: UnitOfWork, table: sa.Table, rows: Rows) -> None:
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        uow.conn.execute(sa.insert(table), some)


def _clinics(uow: UnitOfWork, numbers: Iterable[int]) -> None:
    every = list(numbers)
    _put(
        uow,
        clinics,
        (
            {"id": ident(Kind.CLINIC, n), "name": f"Mottagning {n}", "area": "Mälarö",
             "created_at": uow.now}
            for n in every
        ),
    )  # fmt: skip
    _put(
        uow,
        clinic_services,
        (
            {"clinic_id": ident(Kind.CLINIC, n), "profession": DOCTOR, "always_open": True}
            for n in every
        ),
    )
    _put(
        uow,
        queue_heads,
        (
            {"clinic_id": ident(Kind.CLINIC, n), "profession": DOCTOR, "version": 1_000_000}
            for n in every
        ),
    )


def _people(uow: UnitOfWork, kind: Kind, numbers: Iterable[int], hashed: str) -> None:
    staff = kind is Kind.STAFF
    audience = "staff" if staff else "patient"
    every = list(numbers)

    def account(n: int) -> dict[str, Any]:
        return {
            "id": ident(kind, n),
            "audience": audience,
            "username": f"{audience[0]}{n}",
            "name": f"{'Dr' if staff else 'Pat'} {n}",
            "password_hash": hashed,
            "birth_date": None if staff else uow.now.date() - timedelta(days=15_000),
            "title": "Läkare" if staff else None,
            "created_at": uow.now,
        }

    def session(n: int) -> dict[str, Any]:
        return {
            "id": ident(Kind.SESSION, kind << 40 | n),
            "token_hash": hash_of(token(kind, n)),
            "login_key": f"day-{kind}-{n:010d}",
            "account_id": ident(kind, n),
            "audience": audience,
            "created_at": uow.now,
            "last_used_at": uow.now,
            "expires_at": uow.now + timedelta(hours=8),
        }

    _put(uow, accounts, map(account, every))
    _put(uow, sessions, map(session, every))


def _doctors(uow: UnitOfWork, numbers: Iterable[int], of: int) -> None:
    """On duty at one clinic each."""
    every = list(numbers)
    _people(uow, Kind.STAFF, every, "-")
    _put(
        uow,
        commissions,
        (
            {"account_id": ident(Kind.STAFF, n), "clinic_id": ident(Kind.CLINIC, n % of),
             "profession": DOCTOR}
            for n in every
        ),
    )  # fmt: skip
    _put(
        uow,
        duties,
        (
            {"id": ident(Kind.DUTY, n), "account_id": ident(Kind.STAFF, n),
             "clinic_id": ident(Kind.CLINIC, n % of), "profession": DOCTOR, "state": "on",
             "started_at": uow.now, "since": uow.now}
            for n in every
        ),
    )  # fmt: skip


def _talks(uow: UnitOfWork, count: int, of: int) -> None:
    """Visits in progress, with a doctor of their own each."""
    numbers = range(TALKING, TALKING + count)
    _people(uow, Kind.PATIENT, numbers, "-")
    _doctors(uow, numbers, of)
    _in_visit(uow, ((n, n) for n in numbers), of)


def _ticket(uow: UnitOfWork, number: int, clinic: int) -> dict[str, Any]:
    return {
        "id": ident(Kind.TICKET, number),
        "patient_id": ident(Kind.PATIENT, number),
        "clinic_id": ident(Kind.CLINIC, clinic),
        "profession": DOCTOR,
        "reason": "Feber sedan tre dagar",
        "channel": "chat",
        "communication": "speech",
        "state": "waiting",
        "level": 0,
        # One after the other, and all before whoever joins now.
        "arrived_at": uow.now - timedelta(hours=3) + timedelta(microseconds=number % 10**7 * 1000),
        "requeues": 0,
        "version": 1,
    }


def _waiting(uow: UnitOfWork, numbers: Iterable[int], clinic: Any) -> None:
    _put(uow, queue_tickets, (_ticket(uow, n, clinic(n)) for n in numbers))


def _in_visit(uow: UnitOfWork, pairs: Iterable[tuple[int, int]], of: int) -> None:
    """Pairs of patient and doctor who have met."""
    every = list(pairs)

    def tickets() -> Iterator[dict[str, Any]]:
        for patient, doctor in every:
            yield _ticket(uow, patient, doctor % of) | {
                "state": "admitted",
                "taken_by": ident(Kind.STAFF, doctor),
                "visit_id": ident(Kind.VISIT, patient),
            }

    def rows() -> Iterator[dict[str, Any]]:
        for patient, doctor in every:
            yield {
                "id": ident(Kind.VISIT, patient),
                "ticket_id": ident(Kind.TICKET, patient),
                "patient_id": ident(Kind.PATIENT, patient),
                "clinician_id": ident(Kind.STAFF, doctor),
                "clinic_id": ident(Kind.CLINIC, doctor % of),
                "profession": DOCTOR,
                "reason": "Feber sedan tre dagar",
                "state": "in_progress",
                "mode": "chat",
                "started_as": "chat",
                "called_at": uow.now,
                "joined_at": uow.now,
                "version": 2,
            }

    def relations() -> Iterator[dict[str, Any]]:
        for patient, doctor in every:
            yield {
                "id": ident(Kind.RELATION, patient),
                "patient_id": ident(Kind.PATIENT, patient),
                "clinician_id": ident(Kind.STAFF, doctor),
                "reason_kind": "visit",
                "reason_id": ident(Kind.VISIT, patient),
                "opened_at": uow.now,
            }

    _put(uow, queue_tickets, tickets())
    _put(uow, visits, rows())
    _put(uow, care_relations, relations())
