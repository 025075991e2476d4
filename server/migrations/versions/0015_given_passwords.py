"""Since when somebody else knows the password of an account.

To the release before, such a password is like any other.

Revision 0015 after 0014.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("accounts", sa.Column("password_given_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("accounts", "password_given_at")
