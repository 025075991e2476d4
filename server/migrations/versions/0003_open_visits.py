"""An index of the visits that are open, for the clinicians' duty.

Revision 0003 after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('called', 'in_progress')")


def upgrade() -> None:
    """Apply the step."""
    op.create_index(
        "ix_visits_open",
        "visits",
        ["clinician_id", "id"],
        unique=False,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_visits_open", table_name="visits")
