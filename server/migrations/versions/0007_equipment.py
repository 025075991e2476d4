"""What the patients' tests of their equipment came to.

Revision 0007 after 0006.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "queue_ticket_equipment",
        sa.Column("ticket_id", sa.String(36), nullable=False),
        sa.Column("camera", sa.String(8), nullable=False),
        sa.Column("microphone", sa.String(8), nullable=False),
        sa.Column("speaker", sa.String(9), nullable=False),
        sa.Column("network", sa.String(8), nullable=False),
        sa.Column("round_trip_ms", sa.Integer(), nullable=True),
        sa.Column("loss_percent", sa.Float(), nullable=True),
        sa.Column("up_kbps", sa.Integer(), nullable=True),
        sa.Column("down_kbps", sa.Integer(), nullable=True),
        sa.Column("transport", sa.String(5), nullable=True),
        sa.Column("tested_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["queue_tickets.id"],
            name=op.f("fk_queue_ticket_equipment_ticket_id_queue_tickets"),
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_queue_ticket_equipment")),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("queue_ticket_equipment")
