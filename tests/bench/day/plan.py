"""How large a day is, and who is in it. Everybody has a number, from which all else follows."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from enum import IntEnum

PASSWORD = "korrekt häst batteri"
#: Seconds until somebody gives up. No request of anybody may take as long.
PATIENCE = 5.0


@dataclass(frozen=True)
class Plan:
    """A day. `scale` 1 is the peak day of a region; what runs by default is a part of it."""

    scale: float = 0.02
    #: Of the whole day; `scale` is taken of these.
    day_logins: int = 100_000
    day_entries: int = 50_000
    day_messages: int = 50_000
    day_clients: int = 10_000
    #: Clinics with a queue each, and doctors on duty in each.
    clinics: int = 40
    doctors: int = 2
    #: Visits in which people write, and visits that only ping.
    talks: int = 60
    pinging: int = 20
    #: Seconds of the overload.
    overload: float = 12.0
    #: Waiting entries and open visits, and operations of each kind at each of these.
    growth: tuple[int, ...] = (1_000, 10_000, 100_000)
    operations: int = 300
    #: Connections for each kind of load.
    lines: int = 32
    #: Writes of each of three kinds beside the baseline, and rounds.
    writes: int = 300
    rounds: int = 2

    def part(self, whole: int) -> int:
        """So many at this scale, one at least."""
        return max(1, math.ceil(whole * self.scale))

    @property
    def logins(self) -> int:
        """Logins of the mixed phase."""
        return self.part(self.day_logins)

    @property
    def entries(self) -> int:
        """Queue entries, and claims, of a phase."""
        return self.part(self.day_entries)

    @property
    def messages(self) -> int:
        """Messages of a phase."""
        return self.part(self.day_messages)

    @property
    def clients(self) -> int:
        """Sockets that come back all at once."""
        return self.part(self.day_clients)


class Kind(IntEnum):
    """What an id is of."""

    CLINIC = 1
    PATIENT = 2
    STAFF = 3
    TICKET = 4
    VISIT = 5
    SESSION = 6
    RELATION = 7
    DUTY = 8


#: Where the numbers of people begin who do nothing but this.
TALKING, RETURNING, FILLING, GROWING = 10_000_000, 20_000_000, 30_000_000, 40_000_000


def ident(kind: Kind, number: int) -> str:
    """The id of a thing that the benchmark put there itself, in the form of ours."""
    return str(uuid.UUID(int=0x0190 << 112 | kind << 96 | 7 << 76 | 2 << 62 | number))


def token(kind: Kind, number: int) -> str:
    """The session token of a patient or a member of staff who is logged in from the beginning."""
    return f"{kind.name.lower()}-{number:010d}-of-the-peak-day"
