"""The sessions as requests and sockets see them: a small cache before the database.

A session that ends is forgotten at once (``SessionEnded`` arrives before the answer of whoever
ended it), at other servers within half a second (see ``kit.tail``); so is one whose account may now
do something else.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from server.accounts import service as accounts
from server.accounts.domain import Account, AccountChanged
from server.kit import idempotency
from server.kit.actor import Actor, Audience, Commission
from server.kit.db import Database, StoredEvent, UnitOfWork
from server.kit.settings import Settings
from server.login import service
from server.login.domain import Known, Lifetime, Session, SessionEnded

CACHED = timedelta(seconds=30)
# As soon a session that ended is refused everywhere.
UNHEARD = timedelta(seconds=1)
# Enough for everybody who is active; beyond it the oldest entry makes room.
MOST_CACHED = 20_000

CommissionsOf = Callable[[UnitOfWork, str], tuple[Commission, ...]]


def lifetimes(settings: Settings) -> dict[Audience, Lifetime]:
    """The limits of sessions, as configured."""
    return {
        Audience.PATIENT: Lifetime(
            timedelta(minutes=settings.patient_idle_minutes),
            timedelta(hours=settings.patient_absolute_hours),
        ),
        Audience.STAFF: Lifetime(
            timedelta(minutes=settings.staff_idle_minutes),
            timedelta(hours=settings.staff_absolute_hours),
        ),
    }


class SessionStore:
    """Finds the actor behind a token, and keeps note of use."""

    def __init__(
        self, database: Database, settings: Settings, commissions_of: CommissionsOf
    ) -> None:
        """``commissions_of`` is injected, because clinics stand above this slice."""
        self._db = database
        self._commissions_of = commissions_of
        self.lifetimes = lifetimes(settings)
        self._known: dict[str, Known] = {}
        self._hashes: dict[str, str] = {}
        self._used: dict[str, datetime] = {}
        self._ends = 0
        database.subscribe(self._on_events)

    async def actor_for(self, audience: Audience, token: str) -> Actor | None:
        """The actor, or None when there is no such session or it has ended. Counts as use."""
        known = await self.find(audience, token)
        return None if known is None else known.actor

    async def find(self, audience: Audience, token: str) -> Known | None:
        """The session behind the token with its account. Counts as use."""
        token_hash = service.hash_of(token)
        now = self._db.clock.now()
        known = self._known.get(token_hash)
        if known is None or not self._trusted(known, now):
            known = await self._load(token_hash, audience)
        if known is None or known.session.audience is not audience:
            return None
        if not known.session.alive(now, self.lifetimes[audience]):
            await self._db.write(service.end_session, known.session.id, "expired")
            return None
        known.session = replace(known.session, last_used_at=now)
        self._used[known.session.id] = now
        return known

    def _trusted(self, known: Known, now: datetime) -> bool:
        """Who hung, or could not read, has not heard yet of what ended meanwhile, and asks."""
        limit = CACHED if self._db.abreast else UNHEARD
        # The clock may have been put back.
        return timedelta(0) <= now - known.loaded_at < limit

    async def open(
        self,
        account_id: str,
        audience: Audience,
        login_key: str,
        instead_of: str | None,
        claim: idempotency.Claim | None = None,
        proven: str | None = None,
    ) -> tuple[str, Known]:
        """Open a session and return its token, which exists nowhere else.

        ``claim``: the request that asked for it, which takes its key with it. ``proven``: the hash
        of the password that was right; ``PasswordReplaced`` if the account has another by now.
        """
        token = secrets.token_urlsafe(32)

        def opened(uow: UnitOfWork) -> Known:
            if claim is not None:
                idempotency.take(uow.conn, claim, uow.now)
            session, account = service.open_session(
                uow,
                account_id,
                service.hash_of(token),
                login_key,
                self.lifetimes[audience],
                instead_of=instead_of,
                proven=proven,
            )
            return self._with_actor(uow, session, account)

        ends = self._ends
        known = await self._db.write(opened)
        # Told in one group, an end is heard before we are answered: it may have been this one's.
        if ends == self._ends:
            self._keep(service.hash_of(token), known)
        return token, known

    async def end(self, session_id: str) -> None:
        """Log out."""
        await self._db.write(service.end_session, session_id, "revoked")

    async def flush(self) -> None:
        """Write down use, of which nobody else knows. Called every few seconds."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._db.write(service.note_use, used)
        except Exception:
            self._used = {**used, **self._used}
            raise

    async def _load(self, token_hash: str, audience: Audience) -> Known | None:
        ends = self._ends

        def load(uow: UnitOfWork) -> Known | None:
            session = service.authenticate(uow, token_hash, audience)
            if session is None:
                return None
            return self._with_actor(uow, session, accounts.get(uow, session.account_id))

        known = await self._db.read(load)
        self._forget(token_hash)
        if known is not None:
            # Use that is not yet written down is known here only.
            used = self._used.get(known.session.id, known.session.last_used_at)
            known.session = replace(known.session, last_used_at=used)
            # Some session ended while we read: it may have been this one, so don't remember it.
            if ends == self._ends:
                self._keep(token_hash, known)
        return known

    def _with_actor(self, uow: UnitOfWork, session: Session, account: Account) -> Known:
        commissions: tuple[Commission, ...] = ()
        if account.audience is Audience.STAFF:
            commissions = self._commissions_of(uow, account.id)
        actor = Actor(
            account.id,
            account.audience,
            session.id,
            account.name,
            commissions,
            administrator=account.administrator_since is not None,
            password_given=account.password_given_at is not None,
        )
        return Known(session, account, actor, uow.now)

    def _keep(self, token_hash: str, known: Known) -> None:
        while len(self._known) >= MOST_CACHED:
            self._forget(next(iter(self._known)))
        self._known[token_hash] = known
        self._hashes[known.session.id] = token_hash

    def _forget(self, token_hash: str) -> None:
        known = self._known.pop(token_hash, None)
        if known is not None:
            self._hashes.pop(known.session.id, None)

    def _on_events(self, stored: Sequence[StoredEvent]) -> None:
        for each in stored:
            if isinstance(each.event, SessionEnded):
                self._ends += 1
                self._used.pop(each.event.session_id, None)
                token_hash = self._hashes.get(each.event.session_id)
                if token_hash is not None:
                    self._forget(token_hash)
            elif isinstance(each.event, AccountChanged):
                self._ends += 1
                self._forget_account(each.event.account_id)

    def _forget_account(self, account_id: str) -> None:
        of_it = [key for key, known in self._known.items() if known.account.id == account_id]
        for token_hash in of_it:
            self._forget(token_hash)
