"""When the patient said yes to a guest, and when a guest went for good.

What was admitted by the release before has no yes: that is asked of who is let in from now on.

Revision 0010 after 0009.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("guests", sa.Column("consent_at", UtcDateTime(), nullable=True))
    op.add_column("guests", sa.Column("gone_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("guests", "gone_at")
    op.drop_column("guests", "consent_at")
