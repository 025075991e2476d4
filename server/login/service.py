"""Sessions: opened, found, used, ended."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from server.accounts import service as accounts
from server.accounts.domain import Account, AccountClosed
from server.kit import events
from server.kit.actor import Actor, Audience
from server.kit.db import UnitOfWork
from server.kit.errors import NotFound
from server.kit.ids import new_id
from server.login import store
from server.login.domain import (
    EndReason,
    Lifetime,
    LoginFailed,
    PasswordChange,
    PasswordReplaced,
    Session,
    SessionEnded,
    WrongPassword,
)

# Others who take secrets from strangers slow them down in the same way.
from server.login.throttle import Throttle as Throttle

KEPT = timedelta(days=30)
# Longer than any process takes to write down use.
UNWRITTEN = timedelta(seconds=15)


def hash_of(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    uow: UnitOfWork,
    account_id: str,
    token_hash: str,
    login_key: str,
    lifetime: Lifetime,
    *,
    instead_of: str | None = None,
    proven: str | None = None,
) -> tuple[Session, Account]:
    """Open a session after the password was right.

    ``LoginFailed`` if the account was locked meanwhile; ``PasswordReplaced`` if ``proven``, the
    hash of the password that was right, is no longer the account's. A session of the same
    ``login_key`` is ended (the answer to that login was lost), and so is ``instead_of``, the
    session that the browser had, if it is another person's.
    """
    # Held, so that whoever locks the account meanwhile finds the session and ends it too.
    account, hashed = accounts.hold_credential(uow, account_id)
    if not account.may_log_in:
        raise LoginFailed("The name or the password is wrong.")
    if proven is not None and hashed != proven:
        raise PasswordReplaced
    for session in store.open_of(uow.conn, account_id=account_id, login_key=login_key):
        _end(uow, session, "revoked")
    if instead_of is not None:
        for session in store.open_of(uow.conn, session_id=instead_of):
            if session.account_id != account_id:
                _end(uow, session, "revoked")
    session = Session(
        id=new_id(),
        account_id=account_id,
        audience=account.audience,
        created_at=uow.now,
        last_used_at=uow.now,
        expires_at=uow.now + lifetime.absolute,
    )
    store.add(uow.conn, session, token_hash, login_key)
    return session, account


def authenticate(uow: UnitOfWork, token_hash: str, audience: Audience) -> Session | None:
    """The session behind the token, if it is not ended and its account may log in."""
    session = store.by_token(uow.conn, token_hash, audience)
    if session is None or not accounts.get(uow, session.account_id).may_log_in:
        return None
    return session


def credential_of(uow: UnitOfWork, account_id: str) -> tuple[Account, str]:
    """The account and the hash of its password."""
    account = accounts.get(uow, account_id)
    found = accounts.credential(uow, account.audience, account.username)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def change_password(uow: UnitOfWork, actor: Actor, change: PasswordChange) -> None:
    """Take the new password, and end every other session of the account. ``WrongPassword``."""
    # Held, so that whoever gives a password, or logs in, meanwhile comes before or after.
    _account, hashed = accounts.hold_credential(uow, actor.account_id)
    if not change.right or hashed != change.before:
        raise WrongPassword("That is not the password.", field="current")
    accounts.change_password(uow, actor.account_id, change.after)
    for session in store.open_of(uow.conn, account_id=actor.account_id):
        if session.id != actor.session_id:
            _end(uow, session, "revoked")


def give_password(uow: UnitOfWork, account_id: str, password_hash: str) -> None:
    """Somebody else gives the password: it must be changed at the next login; sessions end."""
    accounts.hold(uow, account_id)
    accounts.give_password(uow, account_id, password_hash)
    end_sessions_of(uow, account_id)


def end_session(uow: UnitOfWork, session_id: str, reason: EndReason) -> None:
    """End a session. Ending it twice changes nothing."""
    for session in store.open_of(uow.conn, session_id=session_id):
        _end(uow, session, reason)


def end_sessions_of(uow: UnitOfWork, account_id: str, reason: EndReason = "revoked") -> None:
    """End every session of an account."""
    for session in store.open_of(uow.conn, account_id=account_id):
        _end(uow, session, reason)


def end_all_sessions(uow: UnitOfWork) -> int:
    """End every session of every account. Returns how many."""
    found = store.open_of(uow.conn)
    for session in found:
        _end(uow, session, "revoked")
    return len(found)


def note_use(uow: UnitOfWork, used: Mapping[str, datetime]) -> None:
    """Note when sessions were last used."""
    store.touch(uow.conn, used)


def end_idle(uow: UnitOfWork, lifetimes: Mapping[Audience, Lifetime]) -> int:
    """End what was not used for too long, also if nobody asks for it again. Returns how many.

    A process may know of later use than is written down; so there is a little time beyond.
    """
    ended = 0
    for audience, lifetime in lifetimes.items():
        unused_since = uow.now - lifetime.idle - UNWRITTEN
        for session in store.stale(uow.conn, audience, uow.now, unused_since):
            _end(uow, session, "expired")
            ended += 1
    return ended


def forget_ended(uow: UnitOfWork, most: int) -> int:
    """Delete up to ``most`` of what ended long ago. Returns how many."""
    return store.forget_ended(uow.conn, uow.now - KEPT, most)


def count_open(uow: UnitOfWork) -> dict[str, int]:
    """Open sessions by audience."""
    return store.count_open(uow.conn)


def _end(uow: UnitOfWork, session: Session, reason: EndReason) -> None:
    if store.end(uow.conn, session.id, reason, uow.now):
        uow.emit(SessionEnded(session.account_id, session.id, reason))


def _on_account_closed(uow: UnitOfWork, event: AccountClosed) -> None:
    end_sessions_of(uow, event.account_id)


events.on(AccountClosed, _on_account_closed)
