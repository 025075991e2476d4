"""Guests of visits. Of their tokens only hashes are kept, and no row is ever deleted."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

_LIVE = sa.text("state IN ('invited', 'waiting', 'admitted', 'left')")

guests = sa.Table(
    "guests",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("visit_id", Id, sa.ForeignKey("visits.id"), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("title", sa.String(100)),
    # speech, signs or reads; an interpreter who signs is a sign-language interpreter.
    sa.Column("communication", sa.String(6), nullable=False, server_default="speech"),
    # Of a member of the staff who came with a session of her own.
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id")),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("token_hash", sa.String(64), unique=True),
    # The Idempotency-Key of the request that used the invitation.
    sa.Column("redeem_key", sa.String(64)),
    sa.Column("session_id", Id),
    sa.Column("session_hash", sa.String(64), unique=True),
    sa.Column("invited_by", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("invited_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("redeemed_at", UtcDateTime),
    sa.Column("admitted_by", Id, sa.ForeignKey("accounts.id")),
    sa.Column("admitted_at", UtcDateTime),
    sa.Column("over_at", UtcDateTime),
    # The patient's yes, as whoever admitted heard it then.
    sa.Column("consent_at", UtcDateTime),
    sa.Column("gone_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("role IN ('relative', 'interpreter', 'colleague')", name="role"),
    sa.CheckConstraint(
        "state IN ('invited', 'waiting', 'admitted', 'left', 'removed', 'refused', 'expired')",
        name="state",
    ),
    # Nobody is in a visit whom nobody let in (docs/rules.md).
    sa.CheckConstraint(
        "state <> 'admitted' OR (admitted_by IS NOT NULL AND admitted_at IS NOT NULL"
        " AND session_hash IS NOT NULL)",
        name="admitted",
    ),
    sa.Index("ix_guests_visit_id", "visit_id", "version"),
    sa.Index("ix_guests_live", "ends_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
)
