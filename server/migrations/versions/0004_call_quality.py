"""What connections to a visit's call were like.

Revision 0004 after 0003.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "visit_call_quality",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("visit_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("ending", sa.String(12), nullable=False),
        sa.Column("transport", sa.String(5), nullable=True),
        sa.Column("loss_up", sa.Float(), nullable=True),
        sa.Column("loss_down", sa.Float(), nullable=True),
        sa.Column("jitter_up_ms", sa.Float(), nullable=True),
        sa.Column("jitter_down_ms", sa.Float(), nullable=True),
        sa.Column("round_trip_p50_ms", sa.Float(), nullable=True),
        sa.Column("round_trip_p95_ms", sa.Float(), nullable=True),
        sa.Column("bitrate_up", sa.BigInteger(), nullable=True),
        sa.Column("bitrate_down", sa.BigInteger(), nullable=True),
        sa.Column("restarts", sa.Integer(), nullable=True),
        sa.Column("interruptions", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "ending IN ('closed', 'failed', 'worker_lost')",
            name=op.f("ck_visit_call_quality_ending"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_visit_call_quality_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_call_quality")),
    )
    op.create_index(
        "ix_visit_call_quality_visit_id", "visit_call_quality", ["visit_id", "id"], unique=False
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_visit_call_quality_visit_id", table_name="visit_call_quality")
    op.drop_table("visit_call_quality")
