"""Background jobs.

Revision 0011 after 0010.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "jobs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("stream", sa.String(length=120), nullable=True),
        sa.Column("every_seconds", sa.Integer(), nullable=True),
        sa.Column("enqueued_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=36), nullable=True),
        sa.Column("dead_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("name", name=op.f("uq_jobs_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("dead_at IS NULL"),
        postgresql_where=sa.text("dead_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_stream",
        "jobs",
        ["stream", "id"],
        unique=False,
        sqlite_where=sa.text("stream IS NOT NULL"),
        postgresql_where=sa.text("stream IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_jobs_stream", table_name="jobs")
    op.drop_index("ix_jobs_due", table_name="jobs")
    op.drop_table("jobs")
