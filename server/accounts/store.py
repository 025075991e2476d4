"""Queries on accounts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from server.accounts.domain import Account
from server.accounts.tables import accounts
from server.kit.actor import Audience

# Everything but the password's hash, which only the login needs.
_COLUMNS = [column for column in accounts.c if column.name != "password_hash"]


def _account(row: sa.Row[*tuple[Any, ...]]) -> Account:
    values = {column.name: row._mapping[column.name] for column in _COLUMNS}
    return Account(**{**values, "audience": Audience(values["audience"])})


def get(conn: sa.Connection, account_id: str, *, lock: bool = False) -> Account | None:
    """The account, or None; locked against other units when ``lock``."""
    query = sa.select(*_COLUMNS).where(accounts.c.id == account_id)
    row = conn.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    return None if row is None else _account(row)


def get_many(conn: sa.Connection, ids: Iterable[str]) -> dict[str, Account]:
    """The accounts that exist, by id."""
    rows = conn.execute(sa.select(*_COLUMNS).where(accounts.c.id.in_(list(ids))))
    return {row.id: _account(row) for row in rows}


def find(conn: sa.Connection, audience: Audience, username: str) -> tuple[Account, str] | None:
    """The account of that name and its password's hash, or None."""
    row = conn.execute(
        sa.select(accounts).where(accounts.c.audience == audience, accounts.c.username == username)
    ).one_or_none()
    return None if row is None else (_account(row), row.password_hash)


def add(conn: sa.Connection, account: Account, password_hash: str) -> None:
    """Insert the account. ``IntegrityError`` when the username is taken."""
    conn.execute(
        sa.insert(accounts).values(
            id=account.id,
            audience=account.audience,
            username=account.username,
            name=account.name,
            password_hash=password_hash,
            birth_date=account.birth_date,
            title=account.title,
            created_at=account.created_at,
        )
    )


def set_hash(conn: sa.Connection, account_id: str, password_hash: str) -> None:
    """Replace the password's hash."""
    conn.execute(
        sa.update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash)
    )


def set_locked(conn: sa.Connection, account_id: str, at: datetime | None) -> bool:
    """Lock or unlock. False: there is no such account."""
    done = conn.execute(sa.update(accounts).where(accounts.c.id == account_id).values(locked_at=at))
    return done.rowcount == 1


def set_deceased(conn: sa.Connection, account_id: str, at: datetime) -> bool:
    """Note a death. False: there is no such account."""
    done = conn.execute(
        sa.update(accounts).where(accounts.c.id == account_id).values(deceased_at=at)
    )
    return done.rowcount == 1


def any_exists(conn: sa.Connection) -> bool:
    """Whether there is an account at all."""
    return conn.execute(sa.select(accounts.c.id).limit(1)).first() is not None
