"""What a crowd of robots does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.robots.web import Habits, Who


@dataclass(frozen=True)
class Part:
    """Everybody's part in it. Shares are from 0 to 1, times in seconds."""

    #: Of each patient, one after the other.
    journeys: int = 3
    #: Until this is set each patient goes on, also beyond those journeys.
    over: asyncio.Event | None = None
    #: Of each patient and each clinician in a visit, besides a last one.
    messages: int = 4
    #: The longest pause between two messages.
    pause: float = 0.8
    #: Patients who want video. 0: no media at all.
    video: float = 0.0
    #: Patients who close the page while they wait, or leave the visit and come back.
    goes_away: float = 0.3
    #: Patients who give up their place.
    leaves: float = 0.1
    #: Times that a clinician puts a called patient back.
    returns: float = 0.1
    #: Times that a clinician chooses a patient instead of taking the next.
    chooses: float = 0.2
    #: Seconds that a visit lasts at least.
    visit: float = 0.0
    habits: Habits = field(default_factory=Habits)


#: The demo region's people; the doctors' queues are open day and night.
PATIENTS = tuple(
    Who("patient", name) for name in ("astrid", "noah", "samira", "bengt", "gunvor", "linnea")
)
DOCTORS = (Who("staff", "maria.holmvik"), Who("staff", "omar.salehi"))
PROFESSION = "doctor"
