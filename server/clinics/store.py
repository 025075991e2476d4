"""Queries on clinics."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from server.clinics.domain import HORIZON, Clinic, Schedule, Span, SpecialDay
from server.clinics.tables import (
    clinic_services,
    clinics,
    commissions,
    opening_exceptions,
    opening_hours,
)
from server.kit.actor import Commission, Profession
from server.kit.ids import new_id
from server.kit.statement import Row, Statement

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


_CLINIC = Statement(sa.select(clinics).where(clinics.c.id == sa.bindparam("clinic")))
_NAME = Statement(sa.select(clinics.c.name).where(clinics.c.id == sa.bindparam("clinic")))
_OFFERED = Statement(
    sa.select(clinic_services.c.profession).where(
        clinic_services.c.clinic_id == sa.bindparam("clinic")
    )
)


def get(conn: sa.Connection, clinic_id: str) -> Clinic | None:
    """The clinic, or None."""
    row = _CLINIC.row(conn, clinic=clinic_id)
    if row is None:
        return None
    found = {each["profession"] for each in _OFFERED.rows(conn, clinic=clinic_id)}
    offered = tuple(profession for profession in Profession if profession in found)
    return Clinic(row["id"], row["name"], row["area"], offered)


def name(conn: sa.Connection, clinic_id: str) -> str | None:
    """The clinic's name, or None when there is no such clinic."""
    found: str | None = _NAME.value(conn, clinic=clinic_id)
    return found


def _asked(table: sa.Table) -> sa.ColumnElement[bool]:
    """The rows that matter for one service; one without a profession is of the whole clinic."""
    return sa.and_(
        table.c.clinic_id == sa.bindparam("clinic"),
        sa.or_(table.c.profession == sa.bindparam("of_profession"), table.c.profession.is_(None)),
    )


_NEAR = opening_exceptions.c.day.between(sa.bindparam("first_day"), sa.bindparam("last_day"))
_SERVICES, _HOURS, _EXCEPTIONS = (
    sa.select(clinic_services),
    sa.select(opening_hours),
    sa.select(opening_exceptions).where(_NEAR),
)
_OF_ALL = Statement(_SERVICES), Statement(_HOURS), Statement(_EXCEPTIONS)
_OF_ONE = (
    Statement(_SERVICES.where(_asked(clinic_services))),
    Statement(_HOURS.where(_asked(opening_hours))),
    Statement(_EXCEPTIONS.where(_asked(opening_exceptions))),
)


def schedules(
    conn: sa.Connection, today: date, service: Service | None = None
) -> dict[Service, Schedule]:
    """The hours from around today on, of every service that is offered, or of one.

    Three statements, however many services: the list of clinics is everybody's first page.
    """
    services, hours, exceptions = _OF_ALL if service is None else _OF_ONE
    asked = {} if service is None else {"clinic": service[0], "of_profession": service[1]}
    always: dict[Service, bool] = {
        (row["clinic_id"], row["profession"]): row["always_open"]
        for row in services.rows(conn, **asked)
    }
    weekly: dict[Service, dict[int, tuple[Span, ...]]] = defaultdict(dict)
    for row in hours.rows(conn, **asked):
        days = weekly[row["clinic_id"], row["profession"]]
        span = Span(row["opens"], row["closes"])
        days[row["weekday"]] = (*days.get(row["weekday"], ()), span)
    near = {"first_day": today - timedelta(days=3), "last_day": today + timedelta(days=HORIZON)}
    rows = exceptions.rows(conn, **asked, **near)
    return {
        service: Schedule(weekly.get(service, {}), _exceptions(rows, service), is_always)
        for service, is_always in always.items()
    }


def _exceptions(rows: Sequence[Row], service: Service) -> dict[date, tuple[Span, ...]]:
    clinic_id, profession = service
    rows = [row for row in rows if row["clinic_id"] == clinic_id]
    # What is said of the service itself outranks what is said of the whole clinic.
    own = [row for row in rows if row["profession"] == profession]
    own_days = {row["day"] for row in own}
    whole = [row for row in rows if row["profession"] is None and row["day"] not in own_days]
    spans: dict[date, tuple[Span, ...]] = {}
    for row in (*own, *whole):
        closed = row["opens"] is None
        open_then = () if closed else (Span(row["opens"], row["closes"]),)
        spans[row["day"]] = spans.get(row["day"], ()) + open_then
    return spans


_COMMISSIONS = Statement(
    sa.select(commissions.c.clinic_id, commissions.c.profession, clinics.c.name)
    .join(clinics, clinics.c.id == commissions.c.clinic_id)
    .where(commissions.c.account_id == sa.bindparam("account"))
    .order_by(clinics.c.name, commissions.c.profession)
)


def commissions_of(conn: sa.Connection, account_id: str) -> tuple[Commission, ...]:
    """The commissions of an account, by the clinic's name."""
    return tuple(
        Commission(row["clinic_id"], Profession(row["profession"]), row["name"])
        for row in _COMMISSIONS.rows(conn, account=account_id)
    )


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


def hold(conn: sa.Connection, clinic_id: str) -> None:
    """Let nobody else change the clinic until the transaction ends."""
    conn.execute(sa.select(clinics.c.id).where(clinics.c.id == clinic_id).with_for_update())


def special_days(conn: sa.Connection, first: date, last: date) -> dict[str, tuple[SpecialDay, ...]]:
    """The days with hours of their own, by clinic, in order."""
    rows = _OF_ALL[2].rows(conn, first_day=first, last_day=last)
    spans: dict[tuple[str, date, str], tuple[Span, ...]] = defaultdict(tuple)
    for row in rows:
        key = row["clinic_id"], row["day"], row["profession"] or ""
        spans[key] += () if row["opens"] is None else (Span(row["opens"], row["closes"]),)
    found: dict[str, tuple[SpecialDay, ...]] = defaultdict(tuple)
    for (clinic_id, day, profession), each in sorted(spans.items()):
        of = Profession(profession) if profession else None
        found[clinic_id] += (SpecialDay(day, of, tuple(sorted(each))),)
    return found


def forget_special_day(
    conn: sa.Connection, clinic_id: str, profession: Profession | None, day: date
) -> bool:
    """Make the day one like others. False: it was."""
    table = opening_exceptions.c
    of = table.profession.is_(None) if profession is None else table.profession == profession
    gone = conn.execute(
        sa.delete(opening_exceptions).where(table.clinic_id == clinic_id, table.day == day, of)
    )
    return gone.rowcount > 0


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


def remove_commission(conn: sa.Connection, account_id: str, commission: Commission) -> None:
    """Delete a commission."""
    conn.execute(
        sa.delete(commissions).where(
            commissions.c.account_id == account_id,
            commissions.c.clinic_id == commission.clinic_id,
            commissions.c.profession == commission.profession,
        )
    )
