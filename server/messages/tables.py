"""The lines of conversations. None is ever changed."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("visit_id", Id, sa.ForeignKey("visits.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    # Both null in lines of the system: nulls are distinct, so they don't meet the constraint.
    sa.Column("sender_account", Id, sa.ForeignKey("accounts.id")),
    sa.Column("client_id", Id),
    sa.Column("sender", sa.String(10), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("visit_id", "sender_account", "client_id"),
    sa.CheckConstraint("sender IN ('patient', 'clinician', 'system')", name="sender"),
    sa.CheckConstraint(
        "(sender = 'system') = (sender_account IS NULL) AND"
        " (sender = 'system') = (client_id IS NULL)",
        name="written",
    ),
)
