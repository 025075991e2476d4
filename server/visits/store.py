"""Queries on visits and notes: sync functions on a connection, the same on both engines.

Every statement is built once, with the module; a function only names its values (ADR 16).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.kit.actor import Profession
from server.kit.ids import new_id
from server.kit.schema import values_of
from server.queueing.domain import Channel
from server.visits.domain import ModeReason, Role, Visit, VisitState
from server.visits.tables import visit_mode_changes, visit_notes, visits

_v = visits.c
# Written out, not bound, and in the index's order: else neither engine can use the partial index.
_OPEN = _v.state.in_([sa.literal_column(f"'{state}'") for state in ("called", "in_progress")])
# What ever changes of a visit, but for the message counter: see `next_seq`.
_CHANGING = (
    "state",
    "mode",
    "mode_reason",
    "mode_by",
    "joined_at",
    "ended_at",
    "patient_left_at",
    "identity_confirmed_at",
    "identity_confirmed_by",
    "note_version",
    "note_signed_at",
    "note_signed_by",
    "version",
)
_INSERT = sa.insert(visits)
_UPDATE = sa.update(visits).where(_v.id == sa.bindparam("visit"))
_GET = sa.select(visits).where(_v.id == sa.bindparam("visit"))
_HELD = _GET.with_for_update(key_share=True)
_NEXT_SEQ = _UPDATE.values(last_seq=_v.last_seq + 1).returning(_v.last_seq)


def _visit(row: sa.Row[*tuple[Any, ...]]) -> Visit:
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
    conn.execute(_INSERT, values_of(visit))


def update(conn: sa.Connection, visit: Visit) -> None:
    """Write a visit that was read with ``lock``. The message counter is not touched."""
    values = {name: getattr(visit, name) for name in _CHANGING}
    conn.execute(_UPDATE, {**values, "visit": visit.id})


def get(conn: sa.Connection, visit_id: str, *, lock: bool = False) -> Visit | None:
    """A visit, locked against other units when ``lock``."""
    row = conn.execute(_HELD if lock else _GET, {"visit": visit_id}).one_or_none()
    return _visit(row) if row else None


def next_seq(conn: sa.Connection, visit_id: str) -> int:
    """The next number of the visit's conversation."""
    number: int = conn.execute(_NEXT_SEQ, {"visit": visit_id}).scalar_one()
    return number


# The visits of one party, by the side on which it sits.

_PARTY = {
    Role.PATIENT: _v.patient_id == sa.bindparam("account"),
    Role.CLINICIAN: _v.clinician_id == sa.bindparam("account"),
}
_NEWEST_FIRST = sa.select(visits).order_by(_v.id.desc())
_PAGE = {
    role: _NEWEST_FIRST.where(own).limit(sa.bindparam("most", type_=sa.Integer))
    for role, own in _PARTY.items()
}
_NEXT_PAGE = {role: page.where(_v.id < sa.bindparam("last")) for role, page in _PAGE.items()}
_ALL_OPEN = {role: _NEWEST_FIRST.where(own, _OPEN) for role, own in _PARTY.items()}
_AMONG = {
    role: sa.select(visits).where(own, _v.id.in_(sa.bindparam("visits", expanding=True)))
    for role, own in _PARTY.items()
}


def of_party(
    conn: sa.Connection, role: Role, account_id: str, *, before: str | None, limit: int
) -> list[Visit]:
    """The account's visits, the newest first (ids rise with time)."""
    asked = {"account": account_id, "most": limit}
    if before is None:
        rows = conn.execute(_PAGE[role], asked)
    else:
        rows = conn.execute(_NEXT_PAGE[role], {**asked, "last": before})
    return [_visit(row) for row in rows]


def open_of_party(conn: sa.Connection, role: Role, account_id: str) -> list[Visit]:
    """The account's visits in which the two can still meet, the newest first."""
    return [_visit(row) for row in conn.execute(_ALL_OPEN[role], {"account": account_id})]


def among(
    conn: sa.Connection, role: Role, account_id: str, visit_ids: Sequence[str]
) -> list[Visit]:
    """Those of the visits that are the account's."""
    asked = {"account": account_id, "visits": list(visit_ids)}
    return [_visit(row) for row in conn.execute(_AMONG[role], asked)]


# What is kept beside a visit.

_ADD_MODE_CHANGE = sa.insert(visit_mode_changes)
_ADD_NOTE = sa.insert(visit_notes)
_NOTE = sa.select(visit_notes.c.text, visit_notes.c.saved_at).where(
    visit_notes.c.visit_id == sa.bindparam("visit"),
    visit_notes.c.version == sa.bindparam("of_version"),
)


def add_mode_change(conn: sa.Connection, visit: Visit, at: datetime) -> None:
    """Record that the mode became what it is now."""
    conn.execute(
        _ADD_MODE_CHANGE,
        {
            "id": new_id(),
            "visit_id": visit.id,
            "mode": visit.mode,
            "reason": visit.mode_reason,
            "changed_by": visit.mode_by,
            "at": at,
        },
    )


def add_note(
    conn: sa.Connection, visit_id: str, version: int, text: str, author_id: str, at: datetime
) -> None:
    """Keep a version of the note. None is ever changed or deleted (docs/rules.md)."""
    conn.execute(
        _ADD_NOTE,
        {
            "visit_id": visit_id,
            "version": version,
            "text": text,
            "author_id": author_id,
            "saved_at": at,
        },
    )


def note(conn: sa.Connection, visit_id: str, version: int) -> tuple[str, datetime] | None:
    """Text and time of a version of the note."""
    row = conn.execute(_NOTE, {"visit": visit_id, "of_version": version}).one_or_none()
    return (row.text, row.saved_at) if row else None
