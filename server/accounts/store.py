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
_GET = sa.select(*_COLUMNS).where(accounts.c.id == sa.bindparam("account"))
_HOLD = _GET.with_for_update(key_share=True)
_AMONG = sa.select(*_COLUMNS).where(accounts.c.id.in_(sa.bindparam("ids", expanding=True)))
_FIND = sa.select(*_COLUMNS, accounts.c.password_hash).where(
    accounts.c.audience == sa.bindparam("of_audience"), accounts.c.username == sa.bindparam("name")
)


def _account(row: sa.Row[*tuple[Any, ...]]) -> Account:
    values = dict(row._mapping)
    values.pop("password_hash", None)
    values["audience"] = Audience(values["audience"])
    return Account(**values)


def get(conn: sa.Connection, account_id: str, *, lock: bool = False) -> Account | None:
    """The account, or None; locked against other units when ``lock``."""
    row = conn.execute(_HOLD if lock else _GET, {"account": account_id}).one_or_none()
    return None if row is None else _account(row)


def get_many(conn: sa.Connection, ids: Iterable[str]) -> dict[str, Account]:
    """The accounts that exist, by id."""
    found = map(_account, conn.execute(_AMONG, {"ids": list(ids)}))
    return {account.id: account for account in found}


def find(conn: sa.Connection, audience: Audience, username: str) -> tuple[Account, str] | None:
    """The account of that name and its password's hash, or None."""
    row = conn.execute(_FIND, {"of_audience": audience, "name": username}).one_or_none()
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
