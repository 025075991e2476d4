"""Accounts, and the age of people."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from server.accounts.rules import PasswordTooEasy as PasswordTooEasy
from server.accounts.rules import check_password as check_password
from server.kit.actor import Audience
from server.kit.errors import Conflict
from server.kit.events import Event, register_event


class UsernameTaken(Conflict):
    """409: somebody of the same audience has that username."""

    code = "account.username_taken"


class LastAdministrator(Conflict):
    """409: without this one nobody could administer."""

    code = "account.last_administrator"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can log in. Patients have a birth date, staff a title.

    Some of the staff are administrators: of accounts and clinics, never of anybody's care.
    """

    id: str
    audience: Audience
    username: str
    name: str
    birth_date: date | None
    title: str | None
    locked_at: datetime | None
    deceased_at: datetime | None
    created_at: datetime
    administrator_since: datetime | None = None
    password_given_at: datetime | None = None
    """When somebody else gave the password; None once its owner has changed it."""

    @property
    def may_log_in(self) -> bool:
        """Neither locked nor deceased (docs/rules.md: asked at every login)."""
        return self.locked_at is None and self.deceased_at is None


@register_event
@dataclass(frozen=True, slots=True)
class AccountClosed(Event):
    """An account was locked, or its owner has died: its sessions must end."""

    kind: ClassVar[str] = "account.closed"
    account_id: str


@register_event
@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    """What an account may do is another: whoever remembers it must look again."""

    kind: ClassVar[str] = "account.changed"
    account_id: str


def age_on(birth_date: date, day: date) -> int:
    """Whole years on the day. Born on 29 February: a year older on 1 March of other years."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def given_name(name: str) -> str:
    """What somebody is called in a room (tilltalsnamn): the first word of the name."""
    return name.split(maxsplit=1)[0] if name.strip() else name


def normalised(username: str) -> str:
    """The form in which usernames are stored and compared."""
    return unicodedata.normalize("NFKC", username).strip().casefold()
