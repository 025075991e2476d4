"""Tickets with the tests of their equipment, queue heads, how many wait, and shifts."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata
from server.queueing import counts

_OPEN = sa.text("state IN ('waiting', 'called', 'admitted')")
_WAITING = sa.text("state = 'waiting'")
_TAKEN = sa.text("state IN ('called', 'admitted')")
_SAMPLED = sa.text("handling_seconds IS NOT NULL")
_CURRENT = sa.text("ended_at IS NULL")

queue_tickets = sa.Table(
    "queue_tickets",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("patient_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), nullable=False),
    sa.Column("profession", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("channel", sa.String(8), nullable=False),
    # speech, signs or reads: a need of this meeting, so that it goes with it (ADR 23).
    sa.Column("communication", sa.String(6), nullable=False, server_default="speech"),
    sa.Column("state", sa.String(10), nullable=False),
    # Urgency, the smaller the sooner. Everybody is equal until there is triage.
    sa.Column("level", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("arrived_at", UtcDateTime, nullable=False),
    sa.Column("not_before", UtcDateTime),
    sa.Column("requeues", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("taken_by", Id, sa.ForeignKey("accounts.id")),
    # No foreign key: visits is a higher slice, and its row is made after the claim.
    sa.Column("visit_id", Id),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("handling_seconds", sa.Integer),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint(
        "state IN ('waiting', 'called', 'admitted', 'left', 'no_show', 'done')", name="state"
    ),
    # Whoever is taken is taken by somebody, for a visit; whoever waits is not.
    sa.CheckConstraint(
        "state NOT IN ('called', 'admitted') OR (taken_by IS NOT NULL AND visit_id IS NOT NULL)",
        name="taken",
    ),
    sa.CheckConstraint("state <> 'waiting' OR taken_by IS NULL", name="free"),
    sa.Index(
        "uq_queue_tickets_open",
        "patient_id",
        "clinic_id",
        "profession",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    sa.Index(
        "ix_queue_tickets_waiting",
        "clinic_id",
        "profession",
        "level",
        "arrived_at",
        "id",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    sa.Index(
        "ix_queue_tickets_taken",
        "clinic_id",
        "profession",
        sqlite_where=_TAKEN,
        postgresql_where=_TAKEN,
    ),
    sa.Index(
        "ix_queue_tickets_samples",
        "clinic_id",
        "profession",
        "closed_at",
        sqlite_where=_SAMPLED,
        postgresql_where=_SAMPLED,
    ),
)

queue_ticket_equipment = sa.Table(
    "queue_ticket_equipment",
    metadata,
    sa.Column("ticket_id", Id, sa.ForeignKey("queue_tickets.id"), primary_key=True),
    sa.Column("camera", sa.String(8), nullable=False),
    sa.Column("microphone", sa.String(8), nullable=False),
    sa.Column("speaker", sa.String(9), nullable=False),
    sa.Column("network", sa.String(8), nullable=False),
    sa.Column("round_trip_ms", sa.Integer),
    sa.Column("loss_percent", sa.Float),
    sa.Column("up_kbps", sa.Integer),
    sa.Column("down_kbps", sa.Integer),
    sa.Column("transport", sa.String(5)),
    sa.Column("tested_at", UtcDateTime, nullable=False),
)

queue_heads = sa.Table(
    "queue_heads",
    metadata,
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), primary_key=True),
    sa.Column("profession", sa.String(20), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)

# How many wait in each stretch of a line. Only the triggers write here (ADR 30).
queue_blocks = sa.Table(
    "queue_blocks",
    metadata,
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), primary_key=True),
    sa.Column("profession", sa.String(20), primary_key=True),
    sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
    # The first arrival that falls into it.
    sa.Column("since", UtcDateTime, primary_key=True),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.CheckConstraint("waiting >= 0", name="waiting"),
    sqlite_with_rowid=False,
)
counts.keep(queue_tickets)

duties = sa.Table(
    "duties",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), nullable=False),
    sa.Column("profession", sa.String(20), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.CheckConstraint("state IN ('on', 'paused', 'off')", name="state"),
    sa.Index(
        "uq_duties_current",
        "account_id",
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    ),
    sa.Index(
        "ix_duties_staffing",
        "clinic_id",
        "profession",
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    ),
)
