"""What one robot was told, to be held against the database afterwards. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a conversation."""

    seq: int
    client_id: str | None
    sender: str
    body: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """As the server tells it, in an answer or a hint."""
        return cls(told["seq"], told["client_id"], told["sender"], told["body"])


@dataclass(frozen=True, slots=True)
class Written:
    """What the robot wrote, whatever became of it."""

    visit_id: str
    client_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a queue that the robot was told, with the queue's version."""

    ticket_id: str
    version: int
    place: int
    total: int


@dataclass(frozen=True, slots=True)
class Board:
    """A clinician's look at a queue: who waits, in order."""

    queue: tuple[str, str]
    version: int
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A patient whom the server gave to this clinician. `chosen`: not simply the next."""

    ticket_id: str
    visit_id: str
    chosen: bool


@dataclass
class Pictures:
    """When the other's picture came to one who was in a visit's call, by the monotonic clock."""

    visit_id: str
    joined_at: float
    left_at: float | None = None
    at: list[float] = field(default_factory=list)

    def saw(self, now: float) -> None:
        """A packet of it came. One instant in ten milliseconds is kept."""
        if not self.at or now - self.at[-1] >= 0.01:
            self.at.append(now)


@dataclass
class Ledger:
    """One robot's."""

    who: str
    written: list[Written] = field(default_factory=list)
    #: By client id: the number under which the server says that it stored the message.
    acknowledged: dict[str, int] = field(default_factory=dict)
    #: By client id: with which code the server said that it never will.
    refused: dict[str, str] = field(default_factory=dict)
    #: By visit and number.
    saw: dict[str, dict[int, Line]] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    boards: list[Board] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    #: Visits that this patient joined, and that this clinician ended.
    met: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    pictures: list[Pictures] = field(default_factory=list)
    #: What can't be, whatever happens to the servers: the server contradicted itself.
    contradictions: list[str] = field(default_factory=list)
    #: What the robot had to do again, and why: for a person who reads the report.
    troubles: Counter[str] = field(default_factory=Counter)
    journeys: int = 0
    unfinished: list[str] = field(default_factory=list)

    def see(self, visit_id: str, line: Line) -> None:
        """A line was told, for the first time or again."""
        known = self.saw.setdefault(visit_id, {})
        if known.setdefault(line.seq, line) != line:
            self.contradictions.append(
                f"{self.who} was told line {line.seq} of visit {visit_id} in two ways"
            )

    def acknowledge(self, client_id: str, seq: int) -> None:
        """The server says that it has the message."""
        if self.acknowledged.setdefault(client_id, seq) != seq:
            self.contradictions.append(
                f"message {client_id} was acknowledged to {self.who} as {seq} and as "
                f"{self.acknowledged[client_id]}"
            )

    def place(self, told: Mapping[str, Any], ticket_id: str) -> None:
        """A ticket was told, in an answer or a hint."""
        if told["state"] == "waiting" and told["place"] is not None:
            self.places.append(
                Place(ticket_id, told["version"], told["place"], told["waiting_total"])
            )
