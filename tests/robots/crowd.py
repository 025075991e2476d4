"""Many robots at once: patients with their journeys, and clinicians until the last is seen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import TypeVar

import aiohttp
import aioice.ice

from server.kit.tasks import cancel, spawn
from tests.bench.clip import Clip
from tests.bench.robot import talk
from tests.robots.call import STRETCH
from tests.robots.clinician import Clinician
from tests.robots.ledger import Ledger
from tests.robots.patient import Patient
from tests.robots.person import Person
from tests.robots.plan import DOCTORS, PATIENTS, PROFESSION, Part
from tests.robots.web import Who

__all__ = ["Crowd", "Part"]

P = TypeVar("P", bound=Person)
_LOOPBACK = "127.0.0.1"


class Crowd:
    """Everybody who takes part. Each turns to any of `urls`, each time anew."""

    def __init__(
        self,
        urls: Sequence[str],
        part: Part,
        *,
        patients: Sequence[Who] = PATIENTS,
        clinicians: Sequence[Who] = DOCTORS,
        seed: int = 1,
        clip: Clip | None = None,
    ) -> None:
        """`clip` is what is sent in calls (`tests.bench.clip`); without it there are none."""
        self._urls = urls
        self._part = part
        self._chance = random.Random(seed)
        if clip is not None:
            # aioice leaves loopback out, and there may be no other interface.
            aioice.ice.get_host_addresses = lambda **_: [_LOOPBACK]
        self._closing = asyncio.Event()
        self.patients = [self._person(Patient, who, clip) for who in patients]
        self.clinicians = [self._person(Clinician, who, clip) for who in clinicians]

    def _person(self, kind: type[P], who: Who, clip: Clip | None) -> P:
        chance = random.Random(self._chance.random())
        return kind(self._urls, who, chance, self._part.habits, clip)

    @property
    def people(self) -> list[Person]:
        """Everybody."""
        return [*self.patients, *self.clinicians]

    @property
    def ledgers(self) -> list[Ledger]:
        """Everybody's, patients first."""
        return [each.ledger for each in self.people]

    async def run(self) -> None:
        """All journeys, then everybody reads once more what was said."""
        clinics = await self._clinics()
        queues = [(clinic, PROFESSION) for clinic in clinics[: len(self.clinicians)]]
        for number, clinician in enumerate(self.clinicians):
            clinician.part, clinician.closing = self._part, self._closing
            clinician.queue = queues[number % len(queues)]
        for patient in self.patients:
            patient.part, patient.queues = self._part, queues
        talking = spawn(self._talk(), "robots.talk")
        try:
            shifts = [spawn(each.shift(), "robots.shift") for each in self.clinicians]
            try:
                await asyncio.gather(*(each.live_through() for each in self.patients))
                self._closing.set()
                await asyncio.gather(*shifts)
            finally:
                await cancel(*shifts)
            await asyncio.gather(*(each.web.settle() for each in self.people))
            await asyncio.gather(*(each.check() for each in self.people))
        finally:
            await cancel(talking)
            await asyncio.gather(*(each.hang_up() for each in self.people))

    async def _clinics(self) -> list[str]:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self._urls[0]}/api/v1/clinics") as answer,
        ):
            return [each["id"] for each in (await answer.json())["clinics"]]

    async def _talk(self) -> None:
        while True:
            robots = [robot for each in self.people if (robot := each.media()) is not None]
            if robots:
                await talk(robots, STRETCH)
            else:
                await asyncio.sleep(STRETCH)
