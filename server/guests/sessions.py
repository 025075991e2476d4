"""Guests' sessions as requests and sockets see them: looked up each time, so never out of date."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.guests import service
from server.guests.domain import Arrival, GuestState, GuestView, InvitationUnknown
from server.kit import idempotency
from server.kit.actor import Actor
from server.kit.db import Database, UnitOfWork
from server.kit.idempotency import Claim
from server.kit.ids import new_id
from server.login.service import Throttle, hash_of


class GuestSessions:
    """Opens sessions for invitations, and finds the guest behind one."""

    def __init__(self, database: Database, throttle: Throttle) -> None:
        self._db = database
        self._throttle = throttle

    async def actor_for(self, token: str) -> Actor | None:
        """The guest, or None when there is no such session or it has ended."""
        return await self._db.read(service.actor_of, hash_of(token))

    async def state_for(self, token: str) -> GuestState | None:
        """Where the guest of a session stands, also of one that has ended."""
        return await self._db.read(service.state_of, hash_of(token))

    async def redeem(
        self, token: str, *, client: str, claim: Claim, staff: Actor | None, here: frozenset[str]
    ) -> tuple[str | None, GuestView]:
        """Use an invitation: the new session's token (None: the browser has one), and the view.

        Who tries tokens that nobody made must wait, as with passwords (``LoginThrottled``).
        """
        session = secrets.token_urlsafe(32)
        arrival = Arrival(key=claim.key, session_id=new_id(), session_hash=hash_of(session))

        def redeemed(uow: UnitOfWork) -> tuple[GuestView, bool]:
            idempotency.take(uow.conn, claim, uow.now)
            staff_id = None if staff is None else staff.account_id
            return service.redeem(uow, hash_of(token), arrival, staff_id=staff_id, here=here)

        async with self._guarded(token, client):
            view, opened = await self._db.write(redeemed)
        return (session if opened else None), view

    @asynccontextmanager
    async def _guarded(self, token: str, client: str) -> AsyncIterator[None]:
        now = self._db.clock.now
        attempt = self._throttle.attempt(f"guest:{hash_of(token)}", client, now())
        try:
            yield
        except InvitationUnknown:
            self._throttle.failed(attempt, now())
            raise
        except BaseException:
            # A token that somebody made: whoever holds it guesses nothing.
            self._throttle.withdrawn(attempt, now())
            raise
        self._throttle.succeeded(attempt, now())
