"""Queries on clinics."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

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


def schedule(conn: sa.Connection, clinic_id: str, profession: str, today: date) -> Schedule | None:
    """The hours of a service from around today on; None if the clinic does not offer it."""
    always = conn.scalar(
        sa.select(clinic_services.c.always_open).where(
            clinic_services.c.clinic_id == clinic_id, clinic_services.c.profession == profession
        )
    )
    if always is None:
        return None
    weekly: dict[int, list[Span]] = defaultdict(list)
    for row in conn.execute(
        sa.select(opening_hours).where(
            opening_hours.c.clinic_id == clinic_id, opening_hours.c.profession == profession
        )
    ):
        weekly[row.weekday].append(Span(row.opens, row.closes))
    return Schedule(
        weekly={weekday: tuple(spans) for weekday, spans in weekly.items()},
        exceptions=_exceptions(conn, clinic_id, profession, today),
        always=always,
    )


def _exceptions(
    conn: sa.Connection, clinic_id: str, profession: str, today: date
) -> dict[date, tuple[Span, ...]]:
    table = opening_exceptions
    rows = conn.execute(
        sa.select(table).where(
            table.c.clinic_id == clinic_id,
            sa.or_(table.c.profession == profession, table.c.profession.is_(None)),
            table.c.day.between(today - timedelta(days=3), today + timedelta(days=HORIZON)),
        )
    ).all()
    # What is said of the service itself outranks what is said of the whole clinic.
    own = {row.day for row in rows if row.profession is not None}
    spans: dict[date, list[Span]] = {}
    for row in rows:
        if row.profession is None and row.day in own:
            continue
        of_day = spans.setdefault(row.day, [])
        if row.opens is not None:
            of_day.append(Span(row.opens, row.closes))
    return {day: tuple(of_day) for day, of_day in spans.items()}


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
