"""Applies the timeouts: counts sockets per account and tells when somebody came or went."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from signaling.presence.timeouts import OFFLINE_AFTER, Presence, closed, decide, opened

PresenceListener = Callable[[str, bool], None]


class PresenceTracker:
    """Who has a socket. Accounts that are offline are forgotten, so memory follows the sockets."""

    def __init__(
        self,
        now: Callable[[], datetime],
        listener: PresenceListener,
        grace: timedelta = OFFLINE_AFTER,
    ) -> None:
        self._now = now
        self._listener = listener
        self._grace = grace
        self._people: dict[str, Presence] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def is_online(self, account_id: str) -> bool:
        """Whether the account has a socket, or had one within the grace."""
        return self._people.get(account_id, Presence()).online

    def has_socket(self, account_id: str) -> bool:
        """Whether a socket of the account is open right now."""
        return self.sockets(account_id) > 0

    def sockets(self, account_id: str) -> int:
        """How many sockets of the account are open right now."""
        return self._people.get(account_id, Presence()).sockets

    def opened(self, account_id: str) -> None:
        """A socket of the account was accepted."""
        self._settle(account_id, opened(self._people.get(account_id, Presence())))

    def closed(self, account_id: str) -> None:
        """A socket of the account is gone."""
        self._settle(account_id, closed(self._people.get(account_id, Presence()), self._now()))

    def stop(self) -> None:
        """Cancel what is still to be decided."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _settle(self, account_id: str, state: Presence) -> None:
        if timer := self._timers.pop(account_id, None):
            timer.cancel()
        now = self._now()
        decision = decide(state, now, self._grace)
        if decision.wake_at is not None:
            delay = max(0.0, (decision.wake_at - now).total_seconds())
            self._timers[account_id] = asyncio.get_running_loop().call_later(
                delay, self._wake, account_id
            )
        if decision.state == Presence():
            self._people.pop(account_id, None)
        else:
            self._people[account_id] = decision.state
        if decision.changed:
            self._listener(account_id, decision.state.online)

    def _wake(self, account_id: str) -> None:
        self._timers.pop(account_id, None)
        self._settle(account_id, self._people.get(account_id, Presence()))
