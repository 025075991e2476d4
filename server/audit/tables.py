"""Tables of the access log. Triggers (see the migrations) refuse to change or delete lines."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("patient_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
    sa.Column("actor_id", Id, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("audience", sa.String(10), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("resource", sa.String(40), nullable=False),
    sa.Column("resource_id", sa.String(80), nullable=False),
    sa.Column("clinic_id", Id),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

access_heads = sa.Table(
    "access_heads",
    metadata,
    sa.Column("patient_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

# What administrators did to accounts and clinics. Without an actor a command did it.
admin_log = sa.Table(
    "admin_log",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor_id", Id, sa.ForeignKey("accounts.id")),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id")),
    sa.Column("clinic_id", Id),
    sa.Column("profession", sa.String(20)),
    sqlite_autoincrement=True,
)

# A queue names nobody, so seeing it is one line for clinician, queue and shift.
queue_views = sa.Table(
    "queue_views",
    metadata,
    sa.Column("shift_id", Id, primary_key=True),
    sa.Column("actor_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("clinic_id", Id, primary_key=True),
    sa.Column("profession", sa.String(20), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)
