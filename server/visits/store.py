"""Queries on visits and notes: sync functions on a connection, the same on both engines.

Every statement is built once, with the module; a function only names its values (ADR 16).
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from server.kit.actor import Profession
from server.kit.ids import new_id
from server.kit.statement import Row, Statement, values_of
from server.queueing.domain import Channel, Communication
from server.visits.domain import CallQuality, ModeReason, Role, Visit, VisitState
from server.visits.tables import visit_call_quality, visit_mode_changes, visit_notes, visits

_v = visits.c
# Written out, not bound, and in the index's order: else neither engine can use the partial index.
_OPEN = _v.state.in_([sa.literal_column(f"'{state}'") for state in ("called", "in_progress")])
# What ever changes of a visit, but for the message counter: see `next_seq`.
_CHANGING = (
    "communication",
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
_VISITS = sa.select(visits)
_THIS = _v.id == sa.bindparam("visit")
_INSERT = Statement(sa.insert(visits))
_UPDATE = Statement(sa.update(visits).where(_THIS))
_GET = Statement(_VISITS.where(_THIS))
_HELD = Statement(_VISITS.where(_THIS).with_for_update(key_share=True))
_NEXT_SEQ = Statement(
    sa.update(visits).where(_THIS).values(last_seq=_v.last_seq + 1).returning(_v.last_seq)
)


def _visit(row: Row) -> Visit:
    row["profession"] = Profession(row["profession"])
    row["communication"] = Communication(row["communication"])
    row["state"] = VisitState(row["state"])
    row["mode"] = Channel(row["mode"])
    row["started_as"] = Channel(row["started_as"])
    row["mode_reason"] = ModeReason(row["mode_reason"]) if row["mode_reason"] else None
    row["mode_by"] = Role(row["mode_by"]) if row["mode_by"] else None
    return Visit(**row)


def insert(conn: sa.Connection, visit: Visit) -> None:
    """Add a visit."""
    _INSERT.run(conn, **values_of(visit))


def update(conn: sa.Connection, visit: Visit) -> None:
    """Write a visit that was read with ``lock``. The message counter is not touched."""
    changed = {name: getattr(visit, name) for name in _CHANGING}
    _UPDATE.run(conn, visit=visit.id, **changed)


def get(conn: sa.Connection, visit_id: str, *, lock: bool = False) -> Visit | None:
    """A visit, locked against other units when ``lock``."""
    row = (_HELD if lock else _GET).row(conn, visit=visit_id)
    return _visit(row) if row else None


def next_seq(conn: sa.Connection, visit_id: str) -> int:
    """The next number of the visit's conversation."""
    number: int = _NEXT_SEQ.value(conn, visit=visit_id)
    return number


# The visits of one party, by the side on which it sits.

_OWN = {
    role: _VISITS.where(column == sa.bindparam("account")).order_by(_v.id.desc())
    for role, column in ((Role.PATIENT, _v.patient_id), (Role.CLINICIAN, _v.clinician_id))
}
_MOST = sa.bindparam("most", type_=sa.Integer)
_PAGE = {role: Statement(own.limit(_MOST)) for role, own in _OWN.items()}
_NEXT_PAGE = {
    role: Statement(own.where(_v.id < sa.bindparam("last")).limit(_MOST))
    for role, own in _OWN.items()
}
_OPEN_OF = {role: Statement(own.where(_OPEN)) for role, own in _OWN.items()}
_AMONG = {
    role: Statement(own.where(_v.id.in_(sa.bindparam("visits", expanding=True))))
    for role, own in _OWN.items()
}


def of_party(
    conn: sa.Connection, role: Role, account_id: str, *, before: str | None, limit: int
) -> list[Visit]:
    """The account's visits, the newest first (ids rise with time)."""
    if before is None:
        rows = _PAGE[role].rows(conn, account=account_id, most=limit)
    else:
        rows = _NEXT_PAGE[role].rows(conn, account=account_id, most=limit, last=before)
    return [_visit(row) for row in rows]


def open_of_party(conn: sa.Connection, role: Role, account_id: str) -> list[Visit]:
    """The account's visits in which the two can still meet, the newest first."""
    return [_visit(row) for row in _OPEN_OF[role].rows(conn, account=account_id)]


def among(
    conn: sa.Connection, role: Role, account_id: str, visit_ids: Sequence[str]
) -> list[Visit]:
    """Those of the visits that are the account's."""
    rows = _AMONG[role].rows(conn, account=account_id, visits=list(visit_ids))
    return [_visit(row) for row in rows]


# What is kept beside a visit.

_ADD_MODE_CHANGE = Statement(sa.insert(visit_mode_changes))
_ADD_NOTE = Statement(sa.insert(visit_notes))
_ADD_CALL = Statement(sa.insert(visit_call_quality))
_CALLS = Statement(
    sa.select(*(column for column in visit_call_quality.c if column.name != "id"))
    .where(visit_call_quality.c.visit_id == sa.bindparam("visit"))
    .order_by(visit_call_quality.c.id)
)
_NOTE = Statement(
    sa.select(visit_notes.c.text, visit_notes.c.saved_at).where(
        visit_notes.c.visit_id == sa.bindparam("visit"),
        visit_notes.c.version == sa.bindparam("of_version"),
    )
)


def add_mode_change(conn: sa.Connection, visit: Visit, at: datetime) -> None:
    """Record that the mode became what it is now."""
    _ADD_MODE_CHANGE.run(
        conn,
        id=new_id(),
        visit_id=visit.id,
        mode=visit.mode,
        reason=visit.mode_reason,
        changed_by=visit.mode_by,
        at=at,
    )


def add_call(conn: sa.Connection, quality: CallQuality) -> None:
    """Keep what a connection to the call was like."""
    _ADD_CALL.run(conn, id=new_id(), **values_of(quality))


def calls(conn: sa.Connection, visit_id: str) -> list[CallQuality]:
    """The connections to the visit's call that are over, in the order in which they ended."""
    return [CallQuality(**row) for row in _CALLS.rows(conn, visit=visit_id)]


def add_note(
    conn: sa.Connection, visit_id: str, version: int, text: str, author_id: str, at: datetime
) -> None:
    """Keep a version of the note. None is ever changed or deleted (docs/rules.md)."""
    _ADD_NOTE.run(
        conn, visit_id=visit_id, version=version, text=text, author_id=author_id, saved_at=at
    )


def note(conn: sa.Connection, visit_id: str, version: int) -> tuple[str, datetime] | None:
    """Text and time of a version of the note."""
    row = _NOTE.row(conn, visit=visit_id, of_version=version)
    return (row["text"], row["saved_at"]) if row else None
