"""Care: shifts, queues and tickets, visits with their notes, conversations.

Revision 0002 after 0001.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    _queues()
    _visits()
    _conversations()


def _queues() -> None:
    op.create_table(
        "duties",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("profession", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('on', 'paused', 'off')", name=op.f("ck_duties_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_duties_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_duties_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
    )
    op.create_index(
        "ix_duties_staffing",
        "duties",
        ["clinic_id", "profession"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_duties_current",
        "duties",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "queue_heads",
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("profession", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_queue_heads_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "profession", name=op.f("pk_queue_heads")),
    )
    op.create_table(
        "queue_tickets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("profession", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("level", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("requeues", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("taken_by", sa.String(length=36), nullable=True),
        sa.Column("visit_id", sa.String(length=36), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("handling_seconds", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'waiting' OR taken_by IS NULL", name=op.f("ck_queue_tickets_free")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'called', 'admitted', 'left', 'no_show', 'done')",
            name=op.f("ck_queue_tickets_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('called', 'admitted') OR"
            " (taken_by IS NOT NULL AND visit_id IS NOT NULL)",
            name=op.f("ck_queue_tickets_taken"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_queue_tickets_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["accounts.id"], name=op.f("fk_queue_tickets_patient_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["accounts.id"], name=op.f("fk_queue_tickets_taken_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_tickets")),
    )
    op.create_index(
        "ix_queue_tickets_board",
        "queue_tickets",
        ["clinic_id", "profession"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'called', 'admitted')"),
        postgresql_where=sa.text("state IN ('waiting', 'called', 'admitted')"),
    )
    op.create_index(
        "ix_queue_tickets_samples",
        "queue_tickets",
        ["clinic_id", "profession", "closed_at"],
        unique=False,
        sqlite_where=sa.text("handling_seconds IS NOT NULL"),
        postgresql_where=sa.text("handling_seconds IS NOT NULL"),
    )
    op.create_index(
        "ix_queue_tickets_waiting",
        "queue_tickets",
        ["clinic_id", "profession", "level", "arrived_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_queue_tickets_open",
        "queue_tickets",
        ["patient_id", "clinic_id", "profession"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'called', 'admitted')"),
        postgresql_where=sa.text("state IN ('waiting', 'called', 'admitted')"),
    )


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=36), nullable=False),
        sa.Column("clinician_id", sa.String(length=36), nullable=False),
        sa.Column("clinic_id", sa.String(length=36), nullable=False),
        sa.Column("profession", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("started_as", sa.String(length=8), nullable=False),
        sa.Column("mode_reason", sa.String(length=20), nullable=True),
        sa.Column("mode_by", sa.String(length=10), nullable=True),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("patient_left_at", UtcDateTime(), nullable=True),
        sa.Column("identity_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("identity_confirmed_by", sa.String(length=36), nullable=True),
        sa.Column("note_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note_signed_at", UtcDateTime(), nullable=True),
        sa.Column("note_signed_by", sa.String(length=36), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "state <> 'documented' OR (note_signed_at IS NOT NULL AND note_version > 0)",
            name=op.f("ck_visits_documented"),
        ),
        sa.CheckConstraint(
            "state IN ('called', 'in_progress', 'ended', 'documented', 'no_response', 'no_show',"
            " 'returned')",
            name=op.f("ck_visits_state"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_visits_clinic_id_clinics")
        ),
        sa.ForeignKeyConstraint(
            ["clinician_id"], ["accounts.id"], name=op.f("fk_visits_clinician_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["identity_confirmed_by"],
            ["accounts.id"],
            name=op.f("fk_visits_identity_confirmed_by_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["note_signed_by"], ["accounts.id"], name=op.f("fk_visits_note_signed_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["accounts.id"], name=op.f("fk_visits_patient_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["queue_tickets.id"], name=op.f("fk_visits_ticket_id_queue_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_clinician_id", "visits", ["clinician_id", "id"], unique=False)
    op.create_index("ix_visits_patient_id", "visits", ["patient_id", "id"], unique=False)
    op.create_index(
        "uq_visits_open",
        "visits",
        ["ticket_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('called', 'in_progress')"),
        postgresql_where=sa.text("state IN ('called', 'in_progress')"),
    )

    op.create_table(
        "visit_mode_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("changed_by", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_mode_changes_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_mode_changes")),
    )
    op.create_index(
        op.f("ix_visit_mode_changes_visit_id"), "visit_mode_changes", ["visit_id"], unique=False
    )

    op.create_table(
        "visit_notes",
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_visit_notes_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_notes_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("visit_id", "version", name=op.f("pk_visit_notes")),
    )


def _conversations() -> None:
    op.create_table(
        "messages",
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sender_account", sa.String(length=36), nullable=True),
        sa.Column("client_id", sa.String(length=36), nullable=True),
        sa.Column("sender", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(sender = 'system') = (sender_account IS NULL) AND"
            " (sender = 'system') = (client_id IS NULL)",
            name=op.f("ck_messages_written"),
        ),
        sa.CheckConstraint(
            "sender IN ('patient', 'clinician', 'system')", name=op.f("ck_messages_sender")
        ),
        sa.ForeignKeyConstraint(
            ["sender_account"], ["accounts.id"], name=op.f("fk_messages_sender_account_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_messages_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("visit_id", "seq", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "visit_id",
            "sender_account",
            "client_id",
            name=op.f("uq_messages_visit_id_sender_account_client_id"),
        ),
    )


def downgrade() -> None:
    """Take the step back. Indexes go with their tables."""
    for table in (
        "messages",
        "visit_notes",
        "visit_mode_changes",
        "visits",
        "queue_tickets",
        "queue_heads",
        "duties",
    ):
        op.drop_table(table)
