"""Queries on accounts."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from server.accounts.domain import Account
from server.accounts.tables import accounts
from server.kit.actor import Audience
from server.kit.statement import Row, Statement

# Everything but the password's hash, which only the login needs.
_COLUMNS = [column for column in accounts.c if column.name != "password_hash"]
_ACCOUNT = sa.select(*_COLUMNS)
_GET_ONE = _ACCOUNT.where(accounts.c.id == sa.bindparam("account"))
_GET = Statement(_GET_ONE)
_HOLD = Statement(_GET_ONE.with_for_update(key_share=True))
_HOLD_CREDENTIAL = Statement(
    sa.select(*_COLUMNS, accounts.c.password_hash)
    .where(accounts.c.id == sa.bindparam("account"))
    .with_for_update(key_share=True)
)
_TWO = Statement(_ACCOUNT.where(accounts.c.id.in_([sa.bindparam("one"), sa.bindparam("other")])))
# In one order for whoever locks them: of two who unmake each other, the second sees that.
_ADMINISTRATORS = Statement(
    sa.select(accounts.c.id)
    .where(
        accounts.c.administrator_since.is_not(None),
        accounts.c.locked_at.is_(None),
        accounts.c.deceased_at.is_(None),
    )
    .order_by(accounts.c.id)
    .with_for_update(key_share=True)
)
_AMONG = Statement(_ACCOUNT.where(accounts.c.id.in_(sa.bindparam("ids", expanding=True))))
_FIND = Statement(
    sa.select(*_COLUMNS, accounts.c.password_hash).where(
        accounts.c.audience == sa.bindparam("of_audience"),
        accounts.c.username == sa.bindparam("name"),
    )
)


def _account(row: Row) -> Account:
    return Account(**{**row, "audience": Audience(row["audience"])})


def get(conn: sa.Connection, account_id: str, *, lock: bool = False) -> Account | None:
    """The account, or None; locked against other units when ``lock``."""
    row = (_HOLD if lock else _GET).row(conn, account=account_id)
    return None if row is None else _account(row)


def get_many(conn: sa.Connection, ids: Collection[str]) -> dict[str, Account]:
    """The accounts that exist, by id."""
    if len(ids) == 2:  # a visit's, which is what is asked for most
        one, other = ids
        rows = _TWO.rows(conn, one=one, other=other)
    else:
        rows = _AMONG.rows(conn, ids=list(ids))
    return {row["id"]: _account(row) for row in rows}


def find(conn: sa.Connection, audience: Audience, username: str) -> tuple[Account, str] | None:
    """The account of that name and its password's hash, or None."""
    row = _FIND.row(conn, of_audience=audience, name=username)
    if row is None:
        return None
    return _credential(row)


def hold_credential(conn: sa.Connection, account_id: str) -> tuple[Account, str] | None:
    """The account, locked against other units, and its password's hash; or None."""
    row = _HOLD_CREDENTIAL.row(conn, account=account_id)
    return None if row is None else _credential(row)


def _credential(row: Row) -> tuple[Account, str]:
    password_hash = row.pop("password_hash")
    return _account(row), password_hash


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
            password_given_at=account.password_given_at,
        )
    )


def set_password(
    conn: sa.Connection, account_id: str, password_hash: str, given_at: datetime | None
) -> None:
    """Another password, and since when somebody else knows it."""
    conn.execute(
        sa.update(accounts)
        .where(accounts.c.id == account_id)
        .values(password_hash=password_hash, password_given_at=given_at)
    )


def set_hash(conn: sa.Connection, account_id: str, password_hash: str, before: str) -> None:
    """Replace the password's hash, if it still is the one before."""
    conn.execute(
        sa.update(accounts)
        .where(accounts.c.id == account_id, accounts.c.password_hash == before)
        .values(password_hash=password_hash)
    )


def set_locked(conn: sa.Connection, account_id: str, at: datetime | None) -> bool:
    """Lock or unlock. False: there is no such account."""
    done = conn.execute(sa.update(accounts).where(accounts.c.id == account_id).values(locked_at=at))
    return done.rowcount == 1


def set_administrator(conn: sa.Connection, account_id: str, at: datetime | None) -> None:
    """Make an administrator of the account, or (None) no longer."""
    conn.execute(
        sa.update(accounts).where(accounts.c.id == account_id).values(administrator_since=at)
    )


def hold_administrators(conn: sa.Connection) -> set[str]:
    """The administrators who can log in, held until the transaction ends."""
    return {row["id"] for row in _ADMINISTRATORS.rows(conn)}


def staff(
    conn: sa.Connection, words: Collection[str], after: Account | None, limit: int
) -> list[Account]:
    """The staff in whose name or username every word is, by name; those behind ``after``."""
    wanted = _ACCOUNT.where(accounts.c.audience == Audience.STAFF)
    for word in words:
        # SQLite knows upper and lower case of a to z alone: å is looked for in each form.
        forms = {word, word.lower(), word.upper(), word.title()}
        wanted = wanted.where(
            sa.or_(
                accounts.c.username.contains(word.casefold(), autoescape=True),
                *(accounts.c.name.icontains(form, autoescape=True) for form in sorted(forms)),
            )
        )
    if after is not None:
        behind = sa.tuple_(accounts.c.name, accounts.c.id) > (after.name, after.id)
        wanted = wanted.where(behind)
    rows = conn.execute(wanted.order_by(accounts.c.name, accounts.c.id).limit(limit))
    return [_account(dict(row)) for row in rows.mappings()]


def set_deceased(conn: sa.Connection, account_id: str, at: datetime) -> bool:
    """Note a death. False: there is no such account."""
    done = conn.execute(
        sa.update(accounts).where(accounts.c.id == account_id).values(deceased_at=at)
    )
    return done.rowcount == 1


def any_exists(conn: sa.Connection) -> bool:
    """Whether there is an account at all."""
    return conn.execute(sa.select(accounts.c.id).limit(1)).first() is not None
