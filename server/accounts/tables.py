"""The table of accounts."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("audience", sa.String(10), nullable=False),
    sa.Column("username", sa.String(100), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("birth_date", sa.Date),
    sa.Column("title", sa.String(100)),
    sa.Column("locked_at", UtcDateTime),
    sa.Column("deceased_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("administrator_since", UtcDateTime),
    # Since when somebody else knows the password: who gave it.
    sa.Column("password_given_at", UtcDateTime),
    sa.UniqueConstraint("audience", "username"),
    sa.CheckConstraint("audience IN ('patient', 'staff')", name="audience"),
    sa.CheckConstraint("audience = 'staff' OR birth_date IS NOT NULL", name="birth_date"),
)
