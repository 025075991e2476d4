"""A clinician: on duty at one queue, taking patients one after the other until nobody comes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from typing_extensions import override

from server.kit.tasks import spawn
from tests.robots.conversation import Conversation
from tests.robots.ledger import Board, Taken
from tests.robots.live import Unreachable
from tests.robots.patient import HOPE, LAST
from tests.robots.person import Person
from tests.robots.plan import Part
from tests.robots.web import GaveUp, Refused

#: Seconds until a picture is given up: chat takes over from there (`call/reconnect.ts`).
_REGAIN = 40.0
_NOBODY = frozenset({"queue.empty", "queue.already_taken", "queue.ticket_left"})


class Clinician(Person):
    """A shift."""

    part: Part
    queue: tuple[str, str]
    #: Set when no patient comes any more.
    closing: asyncio.Event
    _state = ""

    async def shift(self) -> None:
        """From going on duty to going off; what went wrong stands in the ledger."""
        self.live.on("queue.changed", lambda _hint: self.word.set())
        self.live.on("visit.changed", self._moved)
        await self.web.log_in()
        clinic, profession = self.queue
        on = {"state": "on", "clinic_id": clinic, "profession": profession}
        duty = await self.web.put(f"{self.path}/duty", on)
        self.live.open()
        for visit in duty["open_visits"]:
            await self._receive(visit["id"], video=False)
        while not self.closing.is_set():
            try:
                visit = await self._take()
                if visit is None:
                    await self.until(self.closing.is_set, within=0.5)
                    continue
                await self._receive(visit["id"], video=visit["mode"] == "video")
            except (GaveUp, Refused) as error:
                self.ledger.unfinished.append(repr(error))
            await self.close_visit()
        await self.web.put(f"{self.path}/duty", {"state": "off"})

    async def look(self) -> dict[str, Any]:
        """The board."""
        told: dict[str, Any] = await self.web.get(f"{self.path}/queue")
        waiting = tuple(each["id"] for each in told["tickets"] if each["state"] == "waiting")
        self.ledger.boards.append(
            Board((told["clinic_id"], told["profession"]), told["version"], waiting)
        )
        return told

    async def _take(self) -> dict[str, Any] | None:
        board = await self.look()
        free = [each["id"] for each in board["tickets"] if each["state"] == "waiting"]
        if not free:
            return None
        chosen = self.chance.random() < self.part.chooses
        path = f"queue-tickets/{self.chance.choice(free)}/take" if chosen else "queue/next"
        try:
            visit: dict[str, Any] = await self.web.post(f"{self.path}/{path}")
        except Refused as error:
            if error.code not in _NOBODY:
                raise
            return None
        self.ledger.taken.append(Taken(visit["ticket_id"], visit["id"], chosen))
        return visit

    def _moved(self, hint: dict[str, Any]) -> None:
        if self.visit is not None and hint["visit_id"] == self.visit.visit_id:
            self._state = hint["state"]
            self.visit.hear(hint["last_seq"])
        self.word.set()

    @override
    def _beat(self) -> None:
        super()._beat()
        if self.live.connected:
            _ = spawn(self._watch(), "robot.watch")

    async def _watch(self) -> None:
        clinic, profession = self.queue
        with contextlib.suppress(Unreachable):
            await self.live.ask("queue.watch", {"clinic_id": clinic, "profession": profession})

    async def _receive(self, visit_id: str, *, video: bool) -> None:
        self._state = "called"
        if self.chance.random() < self.part.returns and await self._put_back(visit_id):
            return
        visit = self.open_visit(visit_id, video=False)
        visit.write("Välkommen.")
        if not await self._until_not(visit_id, "called"):
            raise GaveUp("the patient did not come")
        if self._state != "in_progress":
            return
        began = asyncio.get_running_loop().time()
        if video:
            await self.close_visit()
            visit = self.open_visit(visit_id, video=True)
        for number in range(self.part.messages):
            await asyncio.sleep(self.chance.uniform(0, self.part.pause))
            visit.write(f"Mottagarens rad {number + 1}.")
        if not await self.until(lambda: visit.sent_all and _said_all(visit), within=HOPE):
            raise GaveUp("the patient never said the last word")
        lasts = self.part.visit if video else 0.0
        await asyncio.sleep(max(0.0, began + lasts - asyncio.get_running_loop().time()))
        if self.call is not None:
            # People don't part in the middle of a break.
            call = self.call
            await self.until(lambda: call.sees, within=_REGAIN)
        try:
            await self.web.post(f"{self.path}/visits/{visit_id}/end")
        except Refused as error:
            # The answer was lost for longer than its key was kept, or another tab ended it.
            if error.code != "visit.illegal_move":
                raise
            self.ledger.contradictions.append(f"{self.who.username} could not end {visit_id}")
        self.ledger.ended.append(visit_id)
        await visit.catch_up()

    async def _put_back(self, visit_id: str) -> bool:
        try:
            await self.web.post(f"{self.path}/visits/{visit_id}/return")
        except Refused as error:
            # The patient was there first.
            if error.code != "visit.illegal_move":
                raise
            return False
        self.ledger.returned.append(visit_id)
        return True

    async def _until_not(self, visit_id: str, state: str) -> bool:
        deadline = asyncio.get_running_loop().time() + HOPE
        while not await self.until(lambda: self._state != state, within=2):
            if asyncio.get_running_loop().time() > deadline:
                return False
            self._state = (await self.web.get(f"{self.path}/visits/{visit_id}"))["state"]
        return True


def _said_all(visit: Conversation) -> bool:
    return any(line.sender == "patient" and line.body == LAST for line in visit.lines.values())
