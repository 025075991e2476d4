"""The chain of the access log: each line seals the one before it (patientdatalagen 4:3, 8:5)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

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


class AdminAct(StrEnum):
    """What administrators do."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_UNLOCKED = "account.unlocked"
    PASSWORD_GIVEN = "password.given"  # noqa: S105
    COMMISSION_GIVEN = "commission.given"
    COMMISSION_TAKEN = "commission.taken"
    ADMINISTRATOR_MADE = "administrator.made"
    ADMINISTRATOR_UNMADE = "administrator.unmade"
    CLINIC_CREATED = "clinic.created"
    HOURS_CHANGED = "clinic.hours_changed"
    DAY_CHANGED = "clinic.day_changed"


@dataclass(frozen=True, slots=True)
class AdminLine:
    """One act of an administrator's; without an actor: by a command on the machine."""

    id: int
    at: datetime
    actor_id: str | None
    action: AdminAct
    account_id: str | None
    clinic_id: str | None
    profession: str | None


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


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that is not whole, and the first line of it that is wrong or missing."""

    patient_id: str
    broken_at: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk over all chains found: chains, lines that are right, and what is broken."""

    chains: int
    lines: int
    broken: tuple[Broken, ...] = ()


def verify_all(lines: Iterable[AccessLine], heads: Mapping[str, Head]) -> Report:
    """Walk every chain. ``lines`` come patient by patient, each patient's oldest first."""
    left = dict(heads)
    chains = count = 0
    broken = []

    def check(patient_id: str, chain: Iterable[AccessLine], head: Head) -> None:
        nonlocal chains, count
        verdict = verify(chain, head)
        chains, count = chains + 1, count + verdict.lines
        if verdict.broken_at is not None:
            broken.append(Broken(patient_id, verdict.broken_at))

    for patient_id, chain in groupby(lines, key=lambda line: line.patient_id):
        # Lines without a head: whoever took it away could have taken away their end, too.
        check(patient_id, chain, left.pop(patient_id, Head(0, START)))
    for patient_id, head in left.items():
        check(patient_id, (), head)
    return Report(chains, count, tuple(broken))
