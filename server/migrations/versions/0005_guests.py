"""People beside patient and clinician in a visit.

Revision 0005 after 0004.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('invited', 'waiting', 'admitted', 'left')")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "guests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("visit_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("redeem_key", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("invited_by", sa.String(length=36), nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("redeemed_at", UtcDateTime(), nullable=True),
        sa.Column("admitted_by", sa.String(length=36), nullable=True),
        sa.Column("admitted_at", UtcDateTime(), nullable=True),
        sa.Column("over_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('relative', 'interpreter', 'colleague')", name=op.f("ck_guests_role")
        ),
        sa.CheckConstraint(
            "state IN ('invited', 'waiting', 'admitted', 'left', 'removed', 'refused', 'expired')",
            name=op.f("ck_guests_state"),
        ),
        sa.CheckConstraint(
            "state <> 'admitted' OR (admitted_by IS NOT NULL AND admitted_at IS NOT NULL"
            " AND session_hash IS NOT NULL)",
            name=op.f("ck_guests_admitted"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_guests_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["admitted_by"], ["accounts.id"], name=op.f("fk_guests_admitted_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["accounts.id"], name=op.f("fk_guests_invited_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visits.id"], name=op.f("fk_guests_visit_id_visits")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guests")),
        sa.UniqueConstraint("session_hash", name=op.f("uq_guests_session_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guests_token_hash")),
    )
    op.create_index("ix_guests_visit_id", "guests", ["visit_id", "version"], unique=False)
    op.create_index(
        "ix_guests_live",
        "guests",
        ["ends_at"],
        unique=False,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


def downgrade() -> None:
    """Take the step back. Indexes go with their table."""
    op.drop_table("guests")
