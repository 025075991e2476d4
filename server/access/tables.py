"""The table of care relations."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

care_relations = sa.Table(
    "care_relations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("patient_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("clinician_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("reason_kind", sa.String(20), nullable=False),
    sa.Column("reason_id", Id, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Index("ix_care_relations_pair", "clinician_id", "patient_id"),
    sa.Index(
        "uq_care_relations_open",
        "patient_id",
        "clinician_id",
        "reason_kind",
        "reason_id",
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
)
