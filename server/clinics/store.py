"""Queries on clinics."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa

from server.clinics.domain import HORIZON, Clinic, Schedule, Span
from server.clinics.tables import (
    clinic_services,
    clinics,
    commissions,
    opening_exceptions,
    opening_hours,
)
from server.kit.actor import Commission, Profession
from server.kit.ids import new_id

# A clinic and the profession that one can meet there.
Service: TypeAlias = tuple[str, str]


def list_clinics(conn: sa.Connection) -> list[Clinic]:
    """All clinics by name, with their services."""
    services: dict[str, list[Profession]] = defaultdict(list)
    for row in conn.execute(sa.select(clinic_services.c.clinic_id, clinic_services.c.profession)):
        services[row.clinic_id].append(Profession(row.profession))
    order = list(Profession)
    return [
        Clinic(row.id, row.name, row.area, tuple(sorted(services[row.id], key=order.index)))
        for row in conn.execute(sa.select(clinics).order_by(clinics.c.name, clinics.c.id))
    ]


def get(conn: sa.Connection, clinic_id: str) -> Clinic | None:
    """The clinic, or None."""
    row = conn.execute(sa.select(clinics).where(clinics.c.id == clinic_id)).one_or_none()
    if row is None:
        return None
    found = conn.scalars(
        sa.select(clinic_services.c.profession).where(clinic_services.c.clinic_id == clinic_id)
    ).all()
    offered = tuple(profession for profession in Profession if profession in found)
    return Clinic(row.id, row.name, row.area, offered)


def schedules(
    conn: sa.Connection, today: date, clinic_id: str | None = None, profession: str | None = None
) -> dict[Service, Schedule]:
    """The hours from around today on, of every service that is offered, or of one clinic's one.

    Three statements, however many services: the list of clinics is everybody's first page.
    """

    def asked(table: sa.Table) -> sa.ColumnElement[bool]:
        """The rows that matter; a row without a profession is of the whole clinic."""
        wanted: sa.ColumnElement[bool] = sa.true()
        if clinic_id is not None:
            wanted = sa.and_(wanted, table.c.clinic_id == clinic_id)
        if profession is not None:
            of_all = table.c.profession.is_(None)
            wanted = sa.and_(wanted, sa.or_(table.c.profession == profession, of_all))
        return wanted

    always: dict[Service, bool] = {
        (row.clinic_id, row.profession): row.always_open
        for row in conn.execute(sa.select(clinic_services).where(asked(clinic_services)))
    }
    weekly: dict[Service, dict[int, tuple[Span, ...]]] = defaultdict(dict)
    for row in conn.execute(sa.select(opening_hours).where(asked(opening_hours))):
        days = weekly[row.clinic_id, row.profession]
        days[row.weekday] = (*days.get(row.weekday, ()), Span(row.opens, row.closes))
    near = opening_exceptions.c.day.between(
        today - timedelta(days=3), today + timedelta(days=HORIZON)
    )
    rows = conn.execute(sa.select(opening_exceptions).where(asked(opening_exceptions), near)).all()
    return {
        service: Schedule(weekly.get(service, {}), _exceptions(rows, service), is_always)
        for service, is_always in always.items()
    }


def _exceptions(
    rows: Sequence[sa.Row[*tuple[Any, ...]]], service: Service
) -> dict[date, tuple[Span, ...]]:
    clinic_id, profession = service
    rows = [row for row in rows if row.clinic_id == clinic_id]
    # What is said of the service itself outranks what is said of the whole clinic.
    own = [row for row in rows if row.profession == profession]
    own_days = {row.day for row in own}
    whole = [row for row in rows if row.profession is None and row.day not in own_days]
    spans: dict[date, tuple[Span, ...]] = {}
    for row in (*own, *whole):
        closed = row.opens is None
        spans[row.day] = spans.get(row.day, ()) + (() if closed else (Span(row.opens, row.closes),))
    return spans


def commissions_of(conn: sa.Connection, account_id: str) -> tuple[Commission, ...]:
    """The commissions of an account, by the clinic's name."""
    rows = conn.execute(
        sa.select(commissions.c.clinic_id, commissions.c.profession, clinics.c.name)
        .join(clinics, clinics.c.id == commissions.c.clinic_id)
        .where(commissions.c.account_id == account_id)
        .order_by(clinics.c.name, commissions.c.profession)
    )
    return tuple(Commission(row.clinic_id, Profession(row.profession), row.name) for row in rows)


def add(conn: sa.Connection, clinic: Clinic, at: datetime) -> None:
    """Insert the clinic without any service."""
    conn.execute(
        sa.insert(clinics).values(id=clinic.id, name=clinic.name, area=clinic.area, created_at=at)
    )


def set_hours(
    conn: sa.Connection,
    clinic_id: str,
    profession: Profession,
    weekly: Iterable[tuple[int, Span]],
    *,
    always: bool,
) -> None:
    """Offer the service with these hours instead of those it had."""
    for table in (opening_hours, clinic_services):
        conn.execute(
            sa.delete(table).where(table.c.clinic_id == clinic_id, table.c.profession == profession)
        )
    conn.execute(
        sa.insert(clinic_services).values(
            clinic_id=clinic_id, profession=profession, always_open=always
        )
    )
    for weekday, span in weekly:
        conn.execute(
            sa.insert(opening_hours).values(
                id=new_id(),
                clinic_id=clinic_id,
                profession=profession,
                weekday=weekday,
                opens=span.opens,
                closes=span.closes,
            )
        )


def add_exception(
    conn: sa.Connection,
    clinic_id: str,
    profession: Profession | None,
    day: date,
    span: Span | None,
) -> None:
    """Add a span to the day's exception; None: closed."""
    conn.execute(
        sa.insert(opening_exceptions).values(
            id=new_id(),
            clinic_id=clinic_id,
            profession=profession,
            day=day,
            opens=None if span is None else span.opens,
            closes=None if span is None else span.closes,
        )
    )


def add_commission(conn: sa.Connection, account_id: str, commission: Commission) -> None:
    """Insert a commission."""
    conn.execute(
        sa.insert(commissions).values(
            account_id=account_id,
            clinic_id=commission.clinic_id,
            profession=commission.profession,
        )
    )
