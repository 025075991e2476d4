"""The one ``MetaData``, the column types, and the tables of the kit itself."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. ``timestamptz`` on PostgreSQL; text that sorts rightly on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(27))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime can't be stored")
        value = value.astimezone(UTC)
        if dialect.name != "sqlite":
            return value
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    @override
    def process_result_value(
        self, value: datetime | str | None, dialect: Dialect
    ) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return None if value is None else value.astimezone(UTC)


Id = sa.String(36)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("kind", sa.String(80), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("delivered_at", UtcDateTime),
    sa.Index(
        "ix_outbox_undelivered",
        "id",
        sqlite_where=sa.text("delivered_at IS NULL"),
        postgresql_where=sa.text("delivered_at IS NULL"),
    ),
    # Rows are deleted after a while; an id must never come back for another event.
    sqlite_autoincrement=True,
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("account_id", Id, primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("method", sa.String(8), nullable=False),
    sa.Column("path", sa.String(300), nullable=False),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("kind", sa.String(80), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    # Of those that are not finished, one may have a name.
    sa.Column("name", sa.String(120), unique=True),
    sa.Column("stream", sa.String(120)),
    sa.Column("every_seconds", sa.Integer),
    sa.Column("enqueued_at", UtcDateTime, nullable=False),
    # When it may be claimed; while somebody works on it, when that lease runs out.
    sa.Column("due_at", UtcDateTime, nullable=False),
    # When that was decided: an instant that lies ahead means that the clock was put back since.
    sa.Column("set_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("token", Id),
    sa.Column("dead_at", UtcDateTime),
    sa.Column("last_error", sa.String(80)),
    sa.Index(
        "ix_jobs_due",
        "due_at",
        sqlite_where=sa.text("dead_at IS NULL"),
        postgresql_where=sa.text("dead_at IS NULL"),
    ),
    sa.Index(
        "ix_jobs_stream",
        "stream",
        "id",
        sqlite_where=sa.text("stream IS NOT NULL"),
        postgresql_where=sa.text("stream IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)
