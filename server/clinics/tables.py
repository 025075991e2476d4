"""Tables of clinics, their hours and the commissions of staff."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata


def _clinic() -> sa.Column[str]:
    return sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), nullable=False)


clinics = sa.Table(
    "clinics",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("area", sa.String(200), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

clinic_services = sa.Table(
    "clinic_services",
    metadata,
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), primary_key=True),
    sa.Column("profession", sa.String(20), primary_key=True),
    sa.Column("always_open", sa.Boolean, nullable=False),
)

# Minutes after local midnight; weekday 0 is Monday.
opening_hours = sa.Table(
    "opening_hours",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _clinic(),
    sa.Column("profession", sa.String(20), nullable=False),
    sa.Column("weekday", sa.SmallInteger, nullable=False),
    sa.Column("opens", sa.SmallInteger, nullable=False),
    sa.Column("closes", sa.SmallInteger, nullable=False),
    sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    sa.CheckConstraint("opens >= 0 AND opens < 1440 AND closes > opens", name="span"),
    sa.Index("ix_opening_hours_service", "clinic_id", "profession"),
)

# Without a span: closed that day. Without a profession: for every service of the clinic.
opening_exceptions = sa.Table(
    "opening_exceptions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _clinic(),
    sa.Column("profession", sa.String(20)),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("opens", sa.SmallInteger),
    sa.Column("closes", sa.SmallInteger),
    sa.CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="span"),
    sa.Index("ix_opening_exceptions_day", "clinic_id", "day"),
)

commissions = sa.Table(
    "commissions",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("clinic_id", Id, sa.ForeignKey("clinics.id"), primary_key=True),
    sa.Column("profession", sa.String(20), primary_key=True),
)
