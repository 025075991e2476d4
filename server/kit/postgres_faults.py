"""What a fault of PostgreSQL means: try again, come back later, or a sentence for the operator.

By SQLSTATE (PostgreSQL documentation, appendix A), because messages are translated.
"""

import ssl
from enum import Enum

import asyncpg
import sqlalchemy as sa

from server.kit.backend import Unusable
from server.kit.database_url import DatabaseUrl


class Fault(Enum):
    """What to do about it."""

    AGAIN = "again"
    """The transaction lost against another; the same one may well win now."""
    LOST = "lost"
    """The connection is gone, or there is none."""
    LATER = "later"
    """The server has too much to do."""
    STORAGE = "storage"
    """Nothing can be stored: the disk is full, for instance. Nothing of the unit happened."""
    OTHER = "other"
    """A fault of the program, or of what it was given."""


# serialization_failure, deadlock_detected
_AGAIN = {"40001", "40P01"}
# lock_not_available, query_canceled (by the timeouts), too_many_connections,
# configuration_limit_exceeded
_LATER = {"55P03", "57014", "53300", "53400"}
# disk_full, out_of_memory, io_error
_STORAGE = {"53100", "53200", "58030"}
# idle_in_transaction_session_timeout, admin_shutdown, crash_shutdown, cannot_connect_now,
# database_dropped, idle_session_timeout
_LOST = {"25P03", "57P01", "57P02", "57P03", "57P04", "57P05"}


def sqlstate(error: BaseException) -> str | None:
    """The five letters, if the server sent any."""
    found = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    state = getattr(found, "sqlstate", None)
    return state if isinstance(state, str) else None


def fault(error: BaseException) -> Fault:
    """What kind of fault it is."""
    state = sqlstate(error)
    if state in _AGAIN or _is_stale_plan(error):
        return Fault.AGAIN
    if state in _LATER or isinstance(error, sa.exc.TimeoutError):
        return Fault.LATER
    if state in _STORAGE:
        return Fault.STORAGE
    if state is not None and (state in _LOST or state.startswith("08")):
        return Fault.LOST
    if isinstance(error, sa.exc.DBAPIError):
        return Fault.LOST if error.connection_invalidated else Fault.OTHER
    # The last: the server hung up, and its last word came when the driver expected none.
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return Fault.LOST
    return Fault.OTHER


def _is_stale_plan(error: BaseException) -> bool:
    # A migration changed a table under a prepared statement; SQLAlchemy drops those it has.
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, asyncpg.exceptions.InvalidCachedStatementError):
            return True
        cause = cause.__cause__
    return False


def unusable(error: BaseException, url: DatabaseUrl) -> Unusable | None:
    """Why the database can't be opened, for a person; None if it is none of the known reasons."""
    state = sqlstate(error) or ""
    where, setting = url.where, "VARDRUM_DATABASE_URL"
    if state.startswith("28"):
        said = f"PostgreSQL at {where} refused the login of {url.user or 'nobody'}. Check name and"
        return Unusable(f"{said} password in {setting}.")
    if state == "3D000":
        said = f"PostgreSQL at {where} has no database {url.name}. Create it (`createdb`), or"
        return Unusable(f"{said} change {setting}.")
    if state == "42501":
        said = f"PostgreSQL does not let {url.user} use {url.shown} (permission denied). Give it"
        return Unusable(f"{said} the database, or the right to create in its schema.")
    if state == "55P03":
        said = f"Somebody else holds locks in {url.shown} for too long: another vardrum that"
        return Unusable(
            f"{said} migrates it, or a long transaction. Start again when that is over."
        )
    if isinstance(error, ssl.SSLError):
        said = f"The encrypted connection to PostgreSQL at {where} could not be made. Check its"
        return Unusable(f"{said} certificate and sslmode in {setting}.")
    kind = fault(error)
    if kind is Fault.LATER:
        return Unusable(f"PostgreSQL at {where} has no connection to spare. Start again later.")
    if kind is Fault.LOST:
        said = f"No PostgreSQL answers at {where}. Start it, or change {setting}; without that"
        return Unusable(f"{said} setting the embedded database is used.")
    if state or isinstance(error, asyncpg.PostgresError | ValueError):
        said = f"PostgreSQL at {where} refused the connection"
        return Unusable(f"{said}{f' (SQLSTATE {state})' if state else ''}. Check {setting}.")
    return None
