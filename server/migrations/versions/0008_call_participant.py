"""Who of several with one role a connection to a visit's call was.

Revision 0008 after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("visit_call_quality", sa.Column("participant", sa.String(36), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("visit_call_quality", "participant")
