"""Sessions and throttling, decided without any I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from server.accounts.domain import Account
from server.kit.actor import Actor, Audience
from server.kit.errors import Invalid, Throttled, Unauthenticated
from server.kit.events import Event, register_event

EndReason = Literal["expired", "revoked"]


class LoginFailed(Unauthenticated):
    """401: wrong name or password. Says the same of unknown, locked and deceased."""

    code = "login.failed"
    title = "The login failed"


class WrongPassword(Invalid):
    """422: not the password that the account has. Nobody is logged out for it."""

    code = "password.wrong"
    title = "The password is wrong"


class SamePassword(Invalid):
    """422: the new password is the one before."""

    code = "password.same"
    title = "That is the password you have"


class PasswordReplaced(Exception):
    """The password was proved, and another took its place before the session was opened."""


class LoginThrottled(Throttled):
    """429: too many attempts from one place."""

    code = "login.throttled"
    title = "Too many attempts to log in"


@register_event
@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """A session is over: its sockets must be closed and nobody may use it from a cache."""

    kind: ClassVar[str] = "session.ended"
    account_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long sessions of an audience live."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """A session. The token itself is never stored, only its hash."""

    id: str
    account_id: str
    audience: Audience
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

    def idle_expires_at(self, lifetime: Lifetime) -> datetime:
        """When it ends unless it is used again, never later than its absolute end."""
        return min(self.last_used_at + lifetime.idle, self.expires_at)

    def alive(self, now: datetime, lifetime: Lifetime) -> bool:
        """Whether it may be used at the instant."""
        return now < self.idle_expires_at(lifetime)


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """What is known when a password shall be changed.

    ``before`` is the hash that was looked at, ``right`` whether its password was given.
    """

    before: str
    right: bool
    after: str


@dataclass(slots=True)
class Known:
    """A session with its account and actor, as far as this process knows."""

    session: Session
    account: Account
    actor: Actor
    loaded_at: datetime


def backoff(failures: int, free: int, longest: int) -> int:
    """Seconds to wait after so many wrong passwords in a row: 1, 2, 4 … up to ``longest``."""
    if failures < free:
        return 0
    return int(min(2 ** min(failures - free, 30), longest))
