"""The login itself: from name and password to a session."""

from datetime import datetime

from server.accounts import service as accounts
from server.accounts.domain import normalised
from server.kit import tasks
from server.kit.actor import Audience
from server.kit.bus import FAILURES, Bus
from server.kit.db import Database
from server.kit.errors import Busy
from server.kit.idempotency import Claim
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.login import passwords
from server.login.domain import Known, LoginFailed, LoginThrottled
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
        name = f"{audience}:{normalised(username)}"
        attempt = self._throttle.attempt(name, client, self._now())
        try:
            found = await self._db.read(accounts.credential, audience, username)
            account, hashed = found if found is not None else (None, None)
            right = await self.pool.verify(hashed, password, client)
        except BaseException:
            # Nothing was learned about the password: not a failure of whoever asked.
            self._throttle.withdrawn(attempt, self._now())
            raise
        if account is None or hashed is None or not right or not account.may_log_in:
            self._throttle.failed(attempt, self._now())
            log.info("login.failed", audience=str(audience))
            raise LoginFailed("The name or the password is wrong.")
        self._throttle.succeeded(attempt, self._now())
        token, known = await self.sessions.open(account.id, audience, claim.key, instead_of, claim)
        log.info("login.succeeded", audience=str(audience), account_id=account.id)
        if passwords.needs_rehash(hashed):
            _ = tasks.spawn(self._rehash(account.id, password, client), "login.rehash")
        return token, known

    def _now(self) -> datetime:
        return self._db.clock.now()

    async def _rehash(self, account_id: str, password: str, client: str) -> None:
        """Store the password under today's costs, once the answer is given.

        Only while nobody waits: the next login comes, and may do it as well.
        """
        if self.pool.waiting:
            return
        try:
            hashed = await self.pool.hash(password, client)
        except (Busy, LoginThrottled):
            return
        await self._db.write(accounts.set_hash, account_id, hashed)

    def close(self) -> None:
        """Let the threads go; who waits for one is told to come again."""
        self.pool.close()
