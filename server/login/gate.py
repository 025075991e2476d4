"""The login itself: from name and password to a session."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from server.accounts import service as accounts
from server.accounts.domain import Account, check_password, normalised
from server.kit import tasks
from server.kit.actor import Actor, Audience
from server.kit.bus import FAILURES, Bus
from server.kit.db import Database
from server.kit.errors import Busy
from server.kit.idempotency import Claim
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.login import passwords, service
from server.login.domain import (
    Known,
    LoginFailed,
    LoginThrottled,
    PasswordChange,
    PasswordReplaced,
    SamePassword,
    WrongPassword,
)
from server.login.passwords import PasswordPool
from server.login.sessions import SessionStore
from server.login.throttle import Throttle

log = get_logger(__name__)


class LoginGate:
    """Puts throttling, hashing and sessions together."""

    def __init__(
        self, database: Database, settings: Settings, sessions: SessionStore, bus: Bus
    ) -> None:
        self._db = database
        self.sessions = sessions
        self.pool = PasswordPool(settings.login_threads)
        self._throttle = Throttle(settings.login_free_attempts, settings.login_longest_wait)
        self._throttle.share(bus, FAILURES, database.clock)

    async def log_in(
        self,
        audience: Audience,
        username: str,
        password: str,
        *,
        client: str,
        claim: Claim,
        instead_of: str | None = None,
    ) -> tuple[str, Known]:
        """The token of a new session, and the session.

        ``LoginFailed`` says the same whether the name is unknown, the password wrong, or the
        account locked or its owner deceased; and it takes the same time. ``KeyReused`` when the
        key of ``claim`` logged somebody else in.
        """
        attempt = self._throttle.attempt(_named(audience, username), client, self._now())
        try:
            while True:
                account, hashed = await self._proved(audience, username, password, client)
                try:
                    token, known = await self.sessions.open(
                        account.id, audience, claim.key, instead_of, claim, hashed
                    )
                except PasswordReplaced:
                    continue  # between our looking and now: is it the right one still?
                break
        except LoginFailed:
            self._throttle.failed(attempt, self._now())
            log.info("login.failed", audience=str(audience))
            raise
        except BaseException:
            # Nothing was learned about the password: not a failure of whoever asked.
            self._throttle.withdrawn(attempt, self._now())
            raise
        self._throttle.succeeded(attempt, self._now())
        log.info("login.succeeded", audience=str(audience), account_id=account.id)
        if passwords.needs_rehash(hashed):
            _ = tasks.spawn(self._rehash(account.id, hashed, password, client), "login.rehash")
        return token, known

    async def _proved(
        self, audience: Audience, username: str, password: str, client: str
    ) -> tuple[Account, str]:
        found = await self._db.read(accounts.credential, audience, username)
        account, hashed = found if found is not None else (None, None)
        right = await self.pool.verify(hashed, password, client)
        if account is None or hashed is None or not right or not account.may_log_in:
            raise LoginFailed("The name or the password is wrong.")
        return account, hashed

    async def change_password(
        self,
        actor: Actor,
        current: str,
        new: str,
        *,
        client: str,
        once: str,
        store: Callable[[PasswordChange], Awaitable[None]],
    ) -> None:
        """Another password, for who knows the one before. Its other sessions end.

        ``store`` runs the use case under the request's key: of a repeat, whose current password is
        no longer right, the key alone knows that it was. ``once`` names the request (see
        ``hash_password``). ``WrongPassword`` counts like a failed login.
        """
        account, before = await self._db.read(service.credential_of, actor.account_id)
        check_password(new, account.username, "new")
        if new == current:
            raise SamePassword("The new password is the one before.", field="new")
        name = _named(actor.audience, account.username)
        attempt = self._throttle.attempt(name, client, self._now())
        try:
            right = await self.pool.verify(before, current, client)
            after = await self.pool.hash(new, client, once)
            await store(PasswordChange(before, right, after))
        except WrongPassword:
            self._throttle.failed(attempt, self._now())
            raise
        except BaseException:
            self._throttle.withdrawn(attempt, self._now())
            raise
        self._throttle.succeeded(attempt, self._now())
        log.info("password.changed", account_id=actor.account_id)

    def _now(self) -> datetime:
        return self._db.clock.now()

    async def _rehash(self, account_id: str, before: str, password: str, client: str) -> None:
        """Store the password under today's costs, once the answer is given.

        Only while nobody waits: the next login comes, and may do it as well.
        """
        if self.pool.waiting:
            return
        try:
            hashed = await self.pool.hash(password, client)
        except (Busy, LoginThrottled):
            return
        await self._db.write(accounts.set_hash, account_id, hashed, before)

    def close(self) -> None:
        """Let the threads go; who waits for one is told to come again."""
        self.pool.close()


def _named(audience: Audience, username: str) -> str:
    """Under what the attempts on an account are counted."""
    return f"{audience}:{normalised(username)}"
