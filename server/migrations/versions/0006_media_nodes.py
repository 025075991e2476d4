"""Media nodes, and the visits on them.

Revision 0006 after 0005.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "media_nodes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_nodes")),
    )
    op.create_table(
        "media_visits",
        sa.Column("visit_id", sa.String(36), nullable=False),
        sa.Column("node_id", sa.String(36), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_media_visits")),
    )
    op.create_index("ix_media_visits_placed_at", "media_visits", ["placed_at"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_media_visits_placed_at", table_name="media_visits")
    op.drop_table("media_visits")
    op.drop_table("media_nodes")
