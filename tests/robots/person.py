"""What patients and clinicians have in common: a session, a socket, a conversation, a call."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

from server.kit.tasks import spawn
from tests.bench.clip import Clip
from tests.bench.robot import MediaRobot
from tests.robots.call import Call
from tests.robots.conversation import Conversation
from tests.robots.ledger import Ledger
from tests.robots.live import Live, Unreachable
from tests.robots.web import Habits, Web, Who


class Person:
    """A robot before its page. `word` is rung whenever something may have changed."""

    def __init__(
        self,
        urls: Sequence[str],
        who: Who,
        chance: random.Random,
        habits: Habits,
        clip: Clip | None,
    ) -> None:
        self.who = who
        self.ledger = Ledger(who.username)
        self.chance = chance
        self.web = Web(urls, who, self.ledger, chance, habits)
        self.live = Live(self.web, self.ledger, chance)
        self.live.on_beat = self._beat
        self.clip = clip
        self.word = asyncio.Event()
        self.visit: Conversation | None = None
        self.call: Call | None = None

    @property
    def path(self) -> str:
        """Where this audience's API begins."""
        return f"/api/v1/{self.who.audience}"

    def media(self) -> MediaRobot | None:
        """Who sends and receives for this person now."""
        return self.call.robot if self.call is not None else None

    async def until(self, holds: Callable[[], bool], within: float) -> bool:
        """Wait until it holds; looked at on every word, and twice a second."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    self.word.clear()
                    try:
                        async with asyncio.timeout(0.5):
                            await self.word.wait()
                    except TimeoutError:
                        pass
        except TimeoutError:
            return False
        return True

    def open_visit(self, visit_id: str, *, video: bool) -> Conversation:
        """Look at a visit's page: its conversation, and its call if there is one."""
        self.visit = Conversation(visit_id, self.web, self.live, self.ledger)
        self.visit.open()
        if video and self.clip is not None:
            self.call = Call(visit_id, self.live, self.ledger, self.clip)
            self.call.enter()
        return self.visit

    async def close_visit(self) -> None:
        """Leave the visit's page."""
        if self.call is not None:
            call, self.call = self.call, None
            await call.leave()
        if self.visit is not None:
            visit, self.visit = self.visit, None
            await visit.close()

    async def hang_up(self) -> None:
        """The browser is closed."""
        await self.close_visit()
        await self.live.close()
        await self.web.close()

    async def check(self) -> None:
        """After everything: read each of one's conversations once more, from its beginning."""
        for visit_id in dict.fromkeys([*self.ledger.saw, *self.ledger.met, *self.ledger.ended]):
            again = Conversation(visit_id, self.web, self.live, Ledger(self.who.username))
            await again.catch_up()
            for line in again.lines.values():
                self.ledger.see(visit_id, line)

    def watched(self) -> dict[str, Any]:
        """What the screen holds, for the heartbeat."""
        visits = []
        if self.visit is not None:
            visits.append(
                {"visit_id": self.visit.visit_id, "version": 0, "last_seq": self.visit.up_to}
            )
        return {"visits": visits, "tickets": [], "queue": None}

    def _beat(self) -> None:
        self.word.set()
        if self.live.connected:
            _ = spawn(self._sync(), "robot.sync")
        if self.call is not None:
            self.call.reclaim()

    async def _sync(self) -> None:
        try:
            told = await self.live.ask("sync", self.watched())
        except Unreachable:
            return
        if told["ok"]:
            self.synced(told)
            for each in told["visits"]:
                if self.visit is not None and each["visit_id"] == self.visit.visit_id:
                    self.visit.hear(each["last_seq"])
        self.word.set()

    def synced(self, told: dict[str, Any]) -> None:
        """The server says where everything stands."""
