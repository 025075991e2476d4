"""Queries on visits and notes: sync functions on a connection, the same on both engines."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.kit.actor import Profession
from server.kit.ids import new_id
from server.queueing.domain import Channel
from server.visits.domain import ModeReason, Role, Visit, VisitState
from server.visits.tables import visit_mode_changes, visit_notes, visits

_v = visits.c
# Written out, not bound, and in the index's order: else neither engine can use the partial index.
_OPEN = _v.state.in_([sa.literal_column(f"'{state}'") for state in ("called", "in_progress")])


def _visit(row: sa.Row[Any]) -> Visit:
    values = dict(row._mapping)
    values["profession"] = Profession(values["profession"])
    values["state"] = VisitState(values["state"])
    values["mode"] = Channel(values["mode"])
    values["started_as"] = Channel(values["started_as"])
    values["mode_reason"] = ModeReason(values["mode_reason"]) if values["mode_reason"] else None
    values["mode_by"] = Role(values["mode_by"]) if values["mode_by"] else None
    return Visit(**values)


def insert(conn: sa.Connection, visit: Visit) -> None:
    """Add a visit."""
    conn.execute(sa.insert(visits).values(**asdict(visit)))


def update(conn: sa.Connection, visit: Visit) -> None:
    """Write a visit that was read with ``lock``. The message counter is not touched."""
    values = asdict(visit)
    del values["last_seq"]
    conn.execute(sa.update(visits).where(_v.id == visit.id).values(**values))


def get(conn: sa.Connection, visit_id: str, *, lock: bool = False) -> Visit | None:
    """A visit, locked against other units when ``lock``."""
    query = sa.select(visits).where(_v.id == visit_id)
    row = conn.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    return _visit(row) if row else None


def next_seq(conn: sa.Connection, visit_id: str) -> int:
    """The next number of the visit's conversation."""
    number: int = conn.execute(
        sa.update(visits)
        .where(_v.id == visit_id)
        .values(last_seq=_v.last_seq + 1)
        .returning(_v.last_seq)
    ).scalar_one()
    return number


def _party(role: Role, account_id: str) -> sa.ColumnElement[bool]:
    column = _v.patient_id if role is Role.PATIENT else _v.clinician_id
    return column == account_id


def of_party(
    conn: sa.Connection, role: Role, account_id: str, *, before: str | None, limit: int
) -> list[Visit]:
    """The account's visits, the newest first (ids rise with time)."""
    query = sa.select(visits).where(_party(role, account_id)).order_by(_v.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_v.id < before)
    return [_visit(row) for row in conn.execute(query)]


def open_of_party(conn: sa.Connection, role: Role, account_id: str) -> list[Visit]:
    """The account's visits in which the two can still meet, the newest first."""
    query = sa.select(visits).where(_party(role, account_id), _OPEN).order_by(_v.id.desc())
    return [_visit(row) for row in conn.execute(query)]


def among(
    conn: sa.Connection, role: Role, account_id: str, visit_ids: Sequence[str]
) -> list[Visit]:
    """Those of the visits that are the account's."""
    query = sa.select(visits).where(_v.id.in_(visit_ids), _party(role, account_id))
    return [_visit(row) for row in conn.execute(query)]


def add_mode_change(conn: sa.Connection, visit: Visit, at: datetime) -> None:
    """Record that the mode became what it is now."""
    conn.execute(
        sa.insert(visit_mode_changes).values(
            id=new_id(),
            visit_id=visit.id,
            mode=visit.mode,
            reason=visit.mode_reason,
            changed_by=visit.mode_by,
            at=at,
        )
    )


def add_note(
    conn: sa.Connection, visit_id: str, version: int, text: str, author_id: str, at: datetime
) -> None:
    """Keep a version of the note. None is ever changed or deleted (docs/rules.md)."""
    conn.execute(
        sa.insert(visit_notes).values(
            visit_id=visit_id, version=version, text=text, author_id=author_id, saved_at=at
        )
    )


def note(conn: sa.Connection, visit_id: str, version: int) -> tuple[str, datetime] | None:
    """Text and time of a version of the note."""
    row = conn.execute(
        sa.select(visit_notes.c.text, visit_notes.c.saved_at).where(
            visit_notes.c.visit_id == visit_id, visit_notes.c.version == version
        )
    ).one_or_none()
    return (row.text, row.saved_at) if row else None
