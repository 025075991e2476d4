"""Run by alembic for each command."""

import sqlalchemy as sa
from alembic import context

from server.kit.db import metadata
from server.migrations import load_tables


def run() -> None:
    """Apply the steps on the connection that the caller brought, in the caller's transaction."""
    load_tables()
    connection = context.config.attributes["connection"]
    if not isinstance(connection, sa.Connection):
        raise RuntimeError("start migrations with `vardrum migrate`")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


run()
