"""The way of a statement past SQLAlchemy to PostgreSQL's driver, where there is one.

Every statement looks for it, also on the embedded database, which has no use for the driver itself:
9 MB with what SQLAlchemy adds to it. So that is imported by whoever has something to ask.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.util import await_

if TYPE_CHECKING:
    import asyncpg

Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Where a connection of a session has its driver's. Others have their transactions from SQLAlchemy,
# which would know nothing of what goes past it.
DRIVER = "vardrum_driver"


def driver_of(conn: sa.Connection) -> "Driver | None":
    """The driver's connection, if statements may go to it past SQLAlchemy."""
    driver: Driver | None = conn.get_execution_options().get(DRIVER)
    return driver


def ask(driver: "Driver", text: str, given: list[Any], dialect: sa.Dialect) -> list[Any]:
    """Run a statement. Errors are SQLAlchemy's, as everywhere, and repeat no values.

    The driver prepares it at the first time, and has it prepared from then on.
    """
    import asyncpg

    try:
        return await_(driver.fetch(text, *given))
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        module: Any = dialect.loaded_dbapi
        kind = module.Error
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            kind = module.IntegrityError
        raise sa.exc.DBAPIError.instance(
            text, None, kind(str(error), error), module.Error,
            hide_parameters=True, connection_invalidated=driver.is_closed(), dialect=dialect,
        ) from error  # fmt: skip
