"""Tables of the access log. Triggers (see the migration) refuse to change or delete its lines."""

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
