"""Who shares an open visit, and so may hear whether the other is there.

Kept in memory: learnt from the visits' events and from what clients ask about. After a restart the
first heartbeat of either party brings it back.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from signaling.wire.base import Role
from signaling.wire.hints import PresenceChanged


@dataclass(frozen=True, slots=True)
class Pair:
    """The two accounts of one open visit."""

    visit_id: str
    patient_id: str
    clinician_id: str


class Pairs:
    """The open visits by account."""

    def __init__(self) -> None:
        self._visits: dict[str, Pair] = {}
        self._of: defaultdict[str, set[str]] = defaultdict(set)
        # Counts the visits that were over, so that who read before notes none of them as open.
        self.ended = 0

    def __len__(self) -> int:
        return len(self._visits)

    def note(self, pair: Pair, *, is_open: bool) -> None:
        """A visit was seen; forget it when it is over."""
        for account_id in (pair.patient_id, pair.clinician_id):
            if is_open:
                self._of[account_id].add(pair.visit_id)
            elif account_id in self._of:
                self._of[account_id].discard(pair.visit_id)
                if not self._of[account_id]:
                    del self._of[account_id]
        if is_open:
            self._visits[pair.visit_id] = pair
        else:
            self.ended += 1
            self._visits.pop(pair.visit_id, None)

    def hints(
        self, account_id: str, *, online: bool
    ) -> Iterator[tuple[Role, str, PresenceChanged]]:
        """Whom to tell that the account came or went: role, account and the hint."""
        for visit_id in sorted(self._of.get(account_id, ())):
            pair = self._visits[visit_id]
            is_patient = account_id == pair.patient_id
            role: Role = "patient" if is_patient else "clinician"
            peer_role: Role = "clinician" if is_patient else "patient"
            peer_id = pair.clinician_id if is_patient else pair.patient_id
            yield peer_role, peer_id, PresenceChanged(visit_id=visit_id, role=role, online=online)
