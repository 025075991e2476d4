"""Visits, their changes of mode, and every version of their notes."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

_OPEN = sa.text("state IN ('called', 'in_progress')")

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("ticket_id", Id, sa.ForeignKey("queue_tickets.id"), nullable=False),
    sa.Column("patient_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("clinician_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), nullable=False),
    sa.Column("profession", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    # As the ticket said when the patient was called, and as the patient chose since.
    sa.Column("communication", sa.String(6), nullable=False, server_default="speech"),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("mode", sa.String(8), nullable=False),
    sa.Column("started_as", sa.String(8), nullable=False),
    sa.Column("mode_reason", sa.String(20)),
    sa.Column("mode_by", sa.String(10)),
    sa.Column("called_at", UtcDateTime, nullable=False),
    sa.Column("joined_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("patient_left_at", UtcDateTime),
    sa.Column("identity_confirmed_at", UtcDateTime),
    sa.Column("identity_confirmed_by", Id, sa.ForeignKey("accounts.id")),
    sa.Column("note_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("note_signed_at", UtcDateTime),
    sa.Column("note_signed_by", Id, sa.ForeignKey("accounts.id")),
    sa.Column("version", sa.Integer, nullable=False),
    # The counter that numbers the visit's messages.
    sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint(
        "state IN ('called', 'in_progress', 'ended', 'documented', 'no_response', 'no_show',"
        " 'returned')",
        name="state",
    ),
    # Never documented without a signed note (docs/rules.md).
    sa.CheckConstraint(
        "state <> 'documented' OR (note_signed_at IS NOT NULL AND note_version > 0)",
        name="documented",
    ),
    sa.Index("ix_visits_patient_id", "patient_id", "id"),
    sa.Index("ix_visits_clinician_id", "clinician_id", "id"),
    # A clinician's few open visits among the thousands of her years.
    sa.Index("ix_visits_open", "clinician_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    sa.Index(
        "uq_visits_open",
        "ticket_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)

visit_mode_changes = sa.Table(
    "visit_mode_changes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("visit_id", Id, sa.ForeignKey("visits.id"), nullable=False, index=True),
    sa.Column("mode", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("changed_by", sa.String(10), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# What the connection of one person to the visit's call was like, from its start to its end: numbers
# alone. A person who came back has several.
visit_call_quality = sa.Table(
    "visit_call_quality",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("visit_id", Id, sa.ForeignKey("visits.id"), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    # Which of them, when two have one role: an id that this visit alone gives sense to.
    sa.Column("participant", sa.String(36)),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    sa.Column("ending", sa.String(12), nullable=False),
    sa.Column("transport", sa.String(5)),
    sa.Column("loss_up", sa.Float),
    sa.Column("loss_down", sa.Float),
    sa.Column("jitter_up_ms", sa.Float),
    sa.Column("jitter_down_ms", sa.Float),
    sa.Column("round_trip_p50_ms", sa.Float),
    sa.Column("round_trip_p95_ms", sa.Float),
    sa.Column("bitrate_up", sa.BigInteger),
    sa.Column("bitrate_down", sa.BigInteger),
    sa.Column("restarts", sa.Integer),
    sa.Column("interruptions", sa.Integer),
    sa.CheckConstraint("ending IN ('closed', 'failed', 'worker_lost')", name="ending"),
    sa.Index("ix_visit_call_quality_visit_id", "visit_id", "id"),
)

visit_notes = sa.Table(
    "visit_notes",
    metadata,
    sa.Column("visit_id", Id, sa.ForeignKey("visits.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("author_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
)
