"""Who has a socket at another server: what the others say, put together. Pure.

Each process numbers what it says of its people. Whoever hears a number that does not follow asks
for the whole list, so that a lost word is found out with the next beat. A process that falls silent
while others are heard is dead, and its people have gone; while nobody is heard at all, nothing is
known to have changed, and everybody stays where she was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

DEAD_AFTER = 3.5
"""Seconds without a beat."""

Change: TypeAlias = tuple[str, bool]
"""An account, and whether another process has a socket of it now or one less does."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hello(_Said):
    """A process that begins, or hears again: everybody is to send the whole list."""

    say: Literal["hello"] = "hello"


class Ask(_Said):
    """One process is to send the whole list."""

    say: Literal["ask"] = "ask"
    of: str


class Everybody(_Said):
    """The whole list."""

    say: Literal["all"] = "all"
    number: int
    accounts: list[str]


class Moved(_Said):
    """The first socket of an account came, or its last one went."""

    say: Literal["moved"] = "moved"
    number: int
    account: str
    here: bool


class Beat(_Said):
    """Alive, and this is the number of what was said last."""

    say: Literal["beat"] = "beat"
    number: int


class Bye(_Said):
    """A process ends; its people are on their way to others."""

    say: Literal["bye"] = "bye"


Word: TypeAlias = Hello | Ask | Everybody | Moved | Beat | Bye
words: TypeAdapter[Word] = TypeAdapter(Annotated[Word, Field(discriminator="say")])


@dataclass(slots=True)
class _Process:
    number: int
    accounts: set[str]
    heard_at: float
    # Whether what it says can be built upon; else its whole list is awaited.
    known: bool = True


@dataclass(slots=True)
class Elsewhere:
    """The people of the other processes."""

    _processes: dict[str, _Process] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._processes)

    def hear(self, sender: str, word: Word, now: float) -> tuple[list[Change], bool]:
        """What changes by it, and whether the sender must be asked for its whole list."""
        match word:
            case Bye():
                gone = self._processes.pop(sender, None)
                return ([] if gone is None else _went(gone.accounts)), False
            case Everybody():
                return self._replace(sender, word, now), False
            case Moved() | Beat():
                return self._follow(sender, word, now)
            case _:
                return [], False

    def heard_again(self, now: float) -> None:
        """The bus was away, and is back: nobody was silent of his own accord."""
        for process in self._processes.values():
            process.heard_at, process.known = now, False

    def bury(self, now: float) -> list[Change]:
        """Strike out who fell silent, while the bus works."""
        dead = [name for name, each in self._processes.items() if now - each.heard_at > DEAD_AFTER]
        return [change for name in dead for change in _went(self._processes.pop(name).accounts)]

    def _follow(self, sender: str, word: Moved | Beat, now: float) -> tuple[list[Change], bool]:
        process = self._processes.get(sender)
        if process is None:
            process = self._processes[sender] = _Process(0, set(), now, known=False)
        process.heard_at = now
        if isinstance(word, Beat):
            process.known = process.known and word.number == process.number
            return [], not process.known
        if not process.known or word.number > process.number + 1:
            process.known = False
            return [], True
        if word.number <= process.number or word.here == (word.account in process.accounts):
            process.number = max(process.number, word.number)
            return [], False
        process.number = word.number
        if word.here:
            process.accounts.add(word.account)
        else:
            process.accounts.discard(word.account)
        return [(word.account, word.here)], False

    def _replace(self, sender: str, word: Everybody, now: float) -> list[Change]:
        before = self._processes.get(sender)
        old = set() if before is None else before.accounts
        accounts = set(word.accounts)
        self._processes[sender] = _Process(word.number, accounts, now)
        return [*_came(accounts - old), *_went(old - accounts)]


def _came(accounts: set[str]) -> Iterator[Change]:
    return ((account, True) for account in sorted(accounts))


def _went(accounts: set[str]) -> list[Change]:
    return [(account, False) for account in sorted(accounts)]
