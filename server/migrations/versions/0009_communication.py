"""Whether somebody speaks, signs or reads: with the ticket, the visit and the guest.

Revision 0009 after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("queue_tickets", "visits", "guests")


def upgrade() -> None:
    """Apply the step. The default is there for the release before, which names no such column."""
    for table in _TABLES:
        op.add_column(
            table,
            sa.Column("communication", sa.String(6), nullable=False, server_default="speech"),
        )


def downgrade() -> None:
    """Take the step back."""
    for table in _TABLES:
        op.drop_column(table, "communication")
