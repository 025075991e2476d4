"""A patient: into the queue, watching it, into the visit, writing, leaving and coming back."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from tests.robots.person import Person
from tests.robots.plan import Part
from tests.robots.web import GaveUp, Refused

#: What a patient says last; whoever receives knows that nothing more comes.
LAST = "Det var allt, tack."
#: Seconds until a robot stops hoping; a person would have called by telephone.
HOPE = 240.0


class Patient(Person):
    """Journeys, one after the other."""

    part: Part
    queues: Sequence[tuple[str, str]]
    _ticket: dict[str, Any] | None = None
    _stale = True
    _state = ""
    _goes = itertools.count()

    async def live_through(self) -> None:
        """All of the part's journeys; what went wrong stands in the ledger."""
        self.live.on("ticket.changed", self._hint)
        self.live.on("visit.changed", self._moved)
        await self.web.log_in()
        self.live.open()
        over = self.part.over
        for number in itertools.count():
            if number >= self.part.journeys and (over is None or over.is_set()):
                break
            try:
                await self._journey()
            except (GaveUp, Refused) as error:
                self.ledger.unfinished.append(f"journey {number + 1}: {error!r}")
            else:
                self.ledger.journeys += 1
            await self.close_visit()

    async def _journey(self) -> None:
        clinic, profession = self.chance.choice(self.queues)
        video = self.clip is not None and self.chance.random() < self.part.video
        said = {
            "clinic_id": clinic,
            "profession": profession,
            "reason": f"{self.who.username} {next(self._goes)}",
            "channel": "video" if video else "chat",
        }
        self._ticket = await self.web.post(f"{self.path}/queue-tickets", said)
        ticket_id = self._ticket["id"]
        self.ledger.joined.append(ticket_id)
        self.ledger.place(self._ticket, ticket_id)
        if self.chance.random() < self.part.leaves and await self._gave_up_the_place(ticket_id):
            return
        visit_id = await self._called()
        await self._meet(visit_id, video=video)

    async def _gave_up_the_place(self, ticket_id: str) -> bool:
        await asyncio.sleep(self.chance.uniform(0, 2))
        try:
            told = await self.web.post(f"{self.path}/queue-tickets/{ticket_id}/leave")
        except Refused as error:
            if error.code != "queue.illegal_move":
                raise
            return False
        if told["state"] == "left":
            self.ledger.left.append(ticket_id)
        return bool(told["state"] == "left")

    async def _called(self) -> str:
        """Watch the place until somebody calls, and be there; whoever is put back waits on."""
        if self.chance.random() < self.part.goes_away:
            # The browser is closed and opened again: the place is kept.
            await self.live.close()
            await asyncio.sleep(self.chance.uniform(0.5, 3))
            self.live.open()
        deadline = asyncio.get_running_loop().time() + HOPE
        while asyncio.get_running_loop().time() < deadline:
            await self.until(lambda: self._stale or self._is_called, within=4)
            await self._look()
            if not self._is_called:
                continue
            assert self._ticket is not None
            await asyncio.sleep(self.chance.uniform(0, 0.5))
            visit_id: str = self._ticket["visit_id"]
            try:
                told = await self.web.post(f"{self.path}/visits/{visit_id}/join")
            except Refused as error:
                if error.code != "visit.closed":
                    raise
                self._stale = True
                continue
            self._state = told["state"]
            self.ledger.met.append(visit_id)
            return visit_id
        raise GaveUp("nobody called")

    @property
    def _is_called(self) -> bool:
        return self._ticket is not None and self._ticket["state"] in ("called", "admitted")

    async def _look(self) -> None:
        assert self._ticket is not None
        self._stale = False
        ticket_id = self._ticket["id"]
        self._take(await self.web.get(f"{self.path}/queue-tickets/{ticket_id}"))

    def _take(self, told: dict[str, Any]) -> None:
        assert self._ticket is not None
        if told["version"] >= self._ticket["version"]:
            self._ticket = {**self._ticket, **told}
        self.ledger.place(told, self._ticket["id"])

    def _hint(self, hint: dict[str, Any]) -> None:
        if self._ticket is not None and hint["ticket_id"] == self._ticket["id"]:
            self._take({name: hint[name] for name in hint if name not in ("type", "ticket_id")})
            self.word.set()

    def _moved(self, hint: dict[str, Any]) -> None:
        if self.visit is not None and hint["visit_id"] == self.visit.visit_id:
            self._state = hint["state"]
            self.visit.hear(hint["last_seq"])
            self.word.set()

    @override
    def synced(self, told: dict[str, Any]) -> None:
        self._stale = True

    async def _meet(self, visit_id: str, *, video: bool) -> None:
        self._state = "in_progress"
        visit = self.open_visit(visit_id, video=video)
        away = self.chance.random() < self.part.goes_away
        for number in range(self.part.messages):
            await asyncio.sleep(self.chance.uniform(0, self.part.pause))
            visit.write(f"Patientens rad {number + 1}.")
            if away and number == self.part.messages // 2:
                await self._leave_and_return(visit_id)
        if self.call is not None:
            call = self.call
            await self.until(lambda: call.pictures > 0, within=HOPE / 4)
        visit.write(LAST)
        deadline = asyncio.get_running_loop().time() + HOPE
        while not await self.until(lambda: self._state != "in_progress", within=4):
            if asyncio.get_running_loop().time() > deadline:
                raise GaveUp("the visit did not end")
            self._state = (await self.web.get(f"{self.path}/visits/{visit_id}"))["state"]
        await self.until(lambda: visit.sent_all, within=HOPE)
        await visit.catch_up()

    async def _leave_and_return(self, visit_id: str) -> None:
        try:
            await self.web.post(f"{self.path}/visits/{visit_id}/leave")
            await asyncio.sleep(self.chance.uniform(0.2, 1))
            await self.web.post(f"{self.path}/visits/{visit_id}/join")
        except Refused as error:
            if error.code not in ("visit.closed", "visit.illegal_move"):
                raise
