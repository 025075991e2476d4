"""Who takes part in a walk: people at a clinic of their own, their sockets, and what they fetch."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from server.clinics import service as clinics
from server.kit.actor import Audience
from server.kit.clock import Clock
from server.kit.db import UnitOfWork
from tests.signaling.stage import DOCTOR, Person, Stage, Tab

Json = Any
PATIENTS = 3
CLINICIANS = 2


class LeapingClock(Clock):
    """The real time, and further when a test leaps ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() + self._ahead

    def leap(self, by: timedelta) -> None:
        """Move ahead."""
        self._ahead += by


@dataclass
class Player:
    """One person of the walk, the socket that listens for them, and what is theirs so far."""

    person: Person
    tab: Tab | None = None
    tickets: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)

    @property
    def is_patient(self) -> bool:
        return self.person.actor.audience is Audience.PATIENT

    def paths(self) -> list[str]:
        """Everything that the person's screens fetch."""
        base = f"/api/v1/{self.person.actor.audience}"
        paths = [f"{base}/visits/{visit}{part}" for visit in self.visits for part in PARTS]
        if self.is_patient:
            paths += [f"{base}/queue-tickets/{ticket}" for ticket in self.tickets]
            return [*paths, f"{base}/overview"]
        return [*paths, f"{base}/queue", f"{base}/duty"]

    def asks(self, clinic_id: str) -> dict[str, Json]:
        """The heartbeat about all of it; what it says of versions matters to nobody."""
        queue = {"clinic_id": clinic_id, "profession": DOCTOR.value, "version": 0}
        return {
            "visits": [
                {"visit_id": each, "version": 0, "last_seq": 0} for each in self.visits[-20:]
            ],
            "tickets": [{"ticket_id": each, "version": 0} for each in self.tickets[-20:]],
            "queue": None if self.is_patient else queue,
        }


PARTS = ("", "/messages", "/guests")


@dataclass
class Cast:
    """Everybody at one clinic."""

    stage: Stage
    clinic_id: str
    patients: list[Player]
    clinicians: list[Player]

    @property
    def everybody(self) -> list[Player]:
        return [*self.patients, *self.clinicians]

    async def enter(self, player: Player) -> None:
        """Open the socket as the client does: connect, and staff watch their queue."""
        player.tab = await self.stage.tab(player.person, unhurried=True)
        if not player.is_patient:
            await player.tab.ask(
                "queue.watch", {"clinic_id": self.clinic_id, "profession": DOCTOR.value}
            )

    async def go(self) -> None:
        """Close every socket."""
        for player in self.everybody:
            if player.tab is not None:
                await player.tab.client.disconnect()

    async def fetch(self, player: Player) -> dict[str, Json]:
        """What the screens get over HTTP, by path; what is refused is left out."""

        async def get(path: str) -> Json:
            async with self.stage.http.get(path, headers=player.person.headers) as response:
                return await response.json() if response.status == 200 else None

        paths = player.paths()
        # All at once: they share a COMMIT, as the logged reads that they are.
        answers = await asyncio.gather(*map(get, paths))
        return {path: found for path, found in zip(paths, answers, strict=True) if found}

    async def sync(self, player: Player) -> Json:
        """The heartbeat's answer. What was told before it has reached the socket when it comes."""
        assert player.tab is not None
        return await player.tab.ask("sync", player.asks(self.clinic_id))


async def gather(stage: Stage) -> Cast:
    """People who have never met, at a clinic that nobody else visits."""
    stage.clinic = await stage.write(_clinic)
    cast = Cast(
        stage,
        stage.clinic,
        [Player(await stage.patient(f"Patient {n}")) for n in range(PATIENTS)],
        [Player(await stage.clinician(f"Doktor {n}")) for n in range(CLINICIANS)],
    )
    for player in cast.everybody:
        await cast.enter(player)
    return cast


def _clinic(uow: UnitOfWork) -> str:
    clinic = clinics.add_clinic(uow, "Mälarö vårdcentral", "Norr")
    clinics.set_hours(uow, clinic.id, DOCTOR, always=True)
    return clinic.id
