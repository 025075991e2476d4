"""An index of those who are called or admitted, instead of one of all who are open.

Revision 0012 after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TAKEN = sa.text("state IN ('called', 'admitted')")
_OPEN = sa.text("state IN ('waiting', 'called', 'admitted')")


def upgrade() -> None:
    """Apply the step."""
    op.create_index(
        "ix_queue_tickets_taken",
        "queue_tickets",
        ["clinic_id", "profession"],
        unique=False,
        sqlite_where=_TAKEN,
        postgresql_where=_TAKEN,
    )
    op.drop_index("ix_queue_tickets_board", table_name="queue_tickets")


def downgrade() -> None:
    """Take the step back."""
    op.create_index(
        "ix_queue_tickets_board",
        "queue_tickets",
        ["clinic_id", "profession"],
        unique=False,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.drop_index("ix_queue_tickets_taken", table_name="queue_tickets")
