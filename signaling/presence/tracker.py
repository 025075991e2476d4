"""Applies the timeouts: counts sockets per account and tells when somebody came or went."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from signaling.presence.timeouts import OFFLINE_AFTER, Presence, closed, decide, opened

PresenceListener = Callable[[str, bool], None]


class Announce(Protocol):
    """Told when the first socket of an account came to this process, or the last one left it."""

    def __call__(self, account_id: str, *, here: bool) -> None: ...


class PresenceTracker:
    """Who has a socket, here or at another server.

    Accounts that are offline are forgotten, so memory follows the sockets.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        listener: PresenceListener,
        grace: timedelta = OFFLINE_AFTER,
    ) -> None:
        self._now = now
        self._listener = listener
        self._grace = grace
        # Sockets of this process, and one for every other process that has any.
        self._people: dict[str, Presence] = {}
        self._here: dict[str, int] = {}
        self.announce: Announce | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def is_online(self, account_id: str) -> bool:
        """Whether the account has a socket, or had one within the grace."""
        return self._people.get(account_id, Presence()).online

    def has_socket(self, account_id: str) -> bool:
        """Whether a socket of the account is open right now, here or elsewhere."""
        return self._people.get(account_id, Presence()).sockets > 0

    def sockets(self, account_id: str) -> int:
        """How many sockets of the account are open right now in this process."""
        return self._here.get(account_id, 0)

    def here(self) -> list[str]:
        """The accounts that have a socket in this process."""
        return list(self._here)

    def opened(self, account_id: str) -> None:
        """A socket of the account was accepted."""
        count = self._here[account_id] = self._here.get(account_id, 0) + 1
        if count == 1 and self.announce is not None:
            self.announce(account_id, here=True)
        self.opened_elsewhere(account_id)

    def closed(self, account_id: str) -> None:
        """A socket of the account is gone."""
        count = self._here.pop(account_id, 0) - 1
        if count > 0:
            self._here[account_id] = count
        elif count == 0 and self.announce is not None:
            self.announce(account_id, here=False)
        self.closed_elsewhere(account_id)

    def opened_elsewhere(self, account_id: str) -> None:
        """Another process has sockets of the account now."""
        self._settle(account_id, opened(self._people.get(account_id, Presence())))

    def closed_elsewhere(self, account_id: str) -> None:
        """Another process has none of the account any more."""
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
