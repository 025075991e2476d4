"""What can be done with accounts."""

import unicodedata
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from server.accounts import store
from server.accounts.domain import (
    Account,
    AccountChanged,
    AccountClosed,
    LastAdministrator,
    UsernameTaken,
    age_on,
    normalised,
)
from server.kit.actor import Audience
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.kit.ids import new_id

__all__ = [
    "Account",
    "age_on",
    "any_exists",
    "change_password",
    "create",
    "credential",
    "get",
    "get_many",
    "give_password",
    "hold",
    "hold_credential",
    "list_staff",
    "lock",
    "mark_deceased",
    "set_administrator",
    "set_hash",
    "staff_member",
    "unlock",
]


def get(uow: UnitOfWork, account_id: str) -> Account:
    """The account, or ``NotFound``."""
    account = store.get(uow.conn, account_id)
    if account is None:
        raise NotFound("There is no such account.")
    return account


def hold(uow: UnitOfWork, account_id: str) -> Account:
    """The account, or ``NotFound``; other units that hold it wait until this one has ended.

    For what an account has one of: its shift, the session of one login. Held before anything else
    is locked but the idempotency key.
    """
    account = store.get(uow.conn, account_id, lock=True)
    if account is None:
        raise NotFound("There is no such account.")
    return account


def hold_credential(uow: UnitOfWork, account_id: str) -> tuple[Account, str]:
    """The account as with ``hold``, and the hash of its password. For the login only."""
    found = store.hold_credential(uow.conn, account_id)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def get_many(uow: UnitOfWork, ids: Iterable[str]) -> dict[str, Account]:
    """Those of the accounts that exist, by id."""
    return store.get_many(uow.conn, set(ids))


def staff_member(uow: UnitOfWork, account_id: str, *, hold: bool = False) -> Account:
    """The account of a member of the staff, or ``NotFound``: a patient's is none."""
    account = store.get(uow.conn, account_id, lock=hold)
    if account is None or account.audience is not Audience.STAFF:
        raise NotFound("There is no such account.")
    return account


def list_staff(uow: UnitOfWork, text: str, after: str | None, limit: int) -> list[Account]:
    """The staff by name, a page at a time: all, or in whose name or username the words are."""
    behind = None if after is None else staff_member(uow, after)
    words = unicodedata.normalize("NFKC", text).split()
    return store.staff(uow.conn, words, behind, limit)


def any_exists(uow: UnitOfWork) -> bool:
    """Whether anybody has an account."""
    return store.any_exists(uow.conn)


def credential(uow: UnitOfWork, audience: Audience, username: str) -> tuple[Account, str] | None:
    """The account of that name and the hash of its password. For the login only."""
    return store.find(uow.conn, audience, normalised(username))


def create(
    uow: UnitOfWork,
    audience: Audience,
    username: str,
    name: str,
    password_hash: str,
    *,
    birth_date: date | None = None,
    title: str | None = None,
    password_given: bool = False,
) -> Account:
    """Add an account. ``UsernameTaken`` if its audience has one of that name.

    ``password_given``: by somebody else, so that its owner must change it at the first login.
    """
    account = Account(
        id=new_id(),
        audience=audience,
        username=normalised(username),
        name=name,
        birth_date=birth_date,
        title=title,
        locked_at=None,
        deceased_at=None,
        created_at=uow.now,
        password_given_at=uow.now if password_given else None,
    )
    try:
        with uow.conn.begin_nested():
            store.add(uow.conn, account, password_hash)
    except sa.exc.IntegrityError:
        raise UsernameTaken("That username is taken.", field="username") from None
    return account


def set_hash(uow: UnitOfWork, account_id: str, password_hash: str, before: str) -> None:
    """Store the same password at another cost, unless it was changed meanwhile."""
    store.set_hash(uow.conn, account_id, password_hash, before)


def change_password(uow: UnitOfWork, account_id: str, password_hash: str) -> None:
    """A password that its owner alone knows. Whoever calls has asked for the one before."""
    store.set_password(uow.conn, account_id, password_hash, None)
    uow.emit(AccountChanged(account_id))


def give_password(uow: UnitOfWork, account_id: str, password_hash: str) -> None:
    """A password from somebody else, which its owner must change at the next login."""
    store.set_password(uow.conn, account_id, password_hash, uow.now)
    uow.emit(AccountChanged(account_id))


def set_administrator(uow: UnitOfWork, account_id: str, administrator: bool) -> bool:
    """Make an administrator of a member of the staff, or no longer. False: that already was so.

    ``LastAdministrator`` if nobody would be left.
    """
    held = store.hold_administrators(uow.conn)
    account = staff_member(uow, account_id, hold=True)
    if (account.administrator_since is not None) is administrator:
        return False
    if not administrator and held <= {account_id}:
        raise LastAdministrator("Somebody must be left who can administer.")
    store.set_administrator(uow.conn, account_id, uow.now if administrator else None)
    uow.emit(AccountChanged(account_id))
    return True


def lock(uow: UnitOfWork, account_id: str) -> None:
    """Lock the account and end its sessions. ``LastAdministrator`` if nobody would be left."""
    if store.hold_administrators(uow.conn) == {account_id}:
        raise LastAdministrator("Somebody must be left who can administer.")
    if not store.set_locked(uow.conn, account_id, uow.now):
        raise NotFound("There is no such account.")
    uow.emit(AccountClosed(account_id))


def unlock(uow: UnitOfWork, account_id: str) -> None:
    """Let the account log in again."""
    if not store.set_locked(uow.conn, account_id, None):
        raise NotFound("There is no such account.")


def mark_deceased(uow: UnitOfWork, account_id: str) -> None:
    """Note that the owner has died, and end the account's sessions."""
    if not store.set_deceased(uow.conn, account_id, uow.now):
        raise NotFound("There is no such account.")
    uow.emit(AccountClosed(account_id))
