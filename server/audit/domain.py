"""The chain of the access log: each line seals the one before it (patientdatalagen 4:3, 8:5)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# What a patient's first line seals.
START = "0" * 64
# The form that is sealed may never change. Made once: `json.dumps` would make one for each line.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One access to one patient's data."""

    patient_id: str
    seq: int
    at: datetime
    actor_id: str
    audience: str
    action: str
    resource: str
    resource_id: str
    clinic_id: str | None
    previous: str
    hash: str = ""

    def seal(self) -> str:
        """SHA-256 over every field and the previous seal."""
        fields = [
            self.patient_id,
            self.seq,
            self.at.isoformat(),
            self.actor_id,
            self.audience,
            self.action,
            self.resource,
            self.resource_id,
            self.clinic_id,
            self.previous,
        ]
        return hashlib.sha256(_encode(fields).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a patient's chain."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a chain found. ``broken_at`` is the first line that is wrong or missing."""

    lines: int
    broken_at: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, added or taken away."""
        return self.broken_at is None


def verify(lines: Iterable[AccessLine], head: Head) -> Verdict:
    """Walk a chain from its start to the head that is stored apart from it."""
    previous, seq = START, 0
    for line in lines:
        if line.seq != seq + 1 or line.previous != previous or line.seal() != line.hash:
            return Verdict(seq, broken_at=seq + 1)
        previous, seq = line.hash, line.seq
    if (seq, previous) != (head.seq, head.hash):
        return Verdict(seq, broken_at=min(seq, head.seq) + 1)
    return Verdict(seq)
