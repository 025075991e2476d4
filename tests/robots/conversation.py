"""A conversation as one party knows it, by the rules of `web-client/src/features/chat/post.ts`.

What is written goes out one at a time and in order, over the socket first and HTTP second, under
one id on both; what is missing is fetched by number.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from server.kit.tasks import cancel, spawn
from tests.robots.ledger import Ledger, Line, Written
from tests.robots.live import Live, Unreachable
from tests.robots.web import EVENTS_TWICE, GaveUp, Refused, Web

_AGAIN = (1.0, 2.0, 4.0)
_ACK = 5.0
#: Without a socket this is how fresh the conversation is.
_POLL = 4.0
#: What an ack may say without having judged.
_NOT_FINAL = frozenset(
    {"session.required", "server.busy", "server.storage", "server.error", "request.throttled"}
)


class Conversation:
    """Open for as long as the party looks at it; what it knows lies in the ledger."""

    def __init__(self, visit_id: str, web: Web, live: Live, ledger: Ledger) -> None:
        self.visit_id = visit_id
        self._path = f"/api/v1/{web.who.audience}/visits/{visit_id}/messages"
        self._web = web
        self._live = live
        self._ledger = ledger
        self._unsent: deque[Written] = deque()
        self._some = asyncio.Event()
        self._known = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening: Callable[[], None] | None = None
        self._look = asyncio.Event()

    @property
    def lines(self) -> dict[int, Line]:
        """What has come, by number."""
        return self._ledger.saw.setdefault(self.visit_id, {})

    @property
    def up_to(self) -> int:
        """Everything up to this number has come."""
        number = 0
        while number + 1 in self.lines:
            number += 1
        return number

    @property
    def sent_all(self) -> bool:
        """Whether the server has judged all that was written."""
        return not self._unsent

    def open(self) -> None:
        """Look at it, from now on."""
        self._stop_listening = self._live.on("message.posted", self._posted)
        self._tasks = [
            spawn(self._send(), "robot.send"),
            spawn(self._follow(), "robot.follow"),
        ]

    async def close(self) -> None:
        """Look away. What is not sent yet is sent when it is opened again."""
        if self._stop_listening is not None:
            self._stop_listening()
        await cancel(*self._tasks)
        self._tasks = []

    def write(self, body: str) -> None:
        """Write a message; it goes out when it can."""
        one = Written(self.visit_id, str(uuid.uuid4()), body)
        self._ledger.written.append(one)
        self._unsent.append(one)
        self._some.set()

    def hear(self, last_seq: int) -> None:
        """Somebody says how far the conversation has come."""
        self._known = max(self._known, last_seq)
        if self._known > self.up_to:
            self._look.set()

    async def catch_up(self) -> None:
        """Fetch until nothing is missing."""
        while True:
            before = self.up_to
            page = await self._web.get(f"{self._path}?after={before}&limit=200")
            for told in page["messages"]:
                self._ledger.see(self.visit_id, Line.of(told))
            self._known = max(self._known, page["last_seq"])
            # A page that brings nothing new ends it: a hole on the server is found afterwards.
            if self.up_to >= self._known or self.up_to == before:
                return

    def _posted(self, hint: dict[str, object]) -> None:
        if hint["visit_id"] == self.visit_id:
            line = Line.of(hint)
            self._ledger.see(self.visit_id, line)
            self.hear(line.seq)

    async def _follow(self) -> None:
        while True:
            try:
                await self.catch_up()
            except GaveUp:
                self._ledger.troubles["could not catch up"] += 1
            self._look.clear()
            while True:
                try:
                    async with asyncio.timeout(_POLL):
                        await self._look.wait()
                except TimeoutError:
                    if self._live.connected:
                        continue
                break

    async def _send(self) -> None:
        tries = 0
        while True:
            if not self._unsent:
                self._some.clear()
                await self._some.wait()
            one = self._unsent[0]
            try:
                line = await self._deliver(one)
            except Refused as error:
                self._ledger.refused[one.client_id] = error.code
            except GaveUp:
                await asyncio.sleep(_AGAIN[min(tries, 2)])
                tries += 1
                continue
            else:
                tries = 0
                self._ledger.acknowledge(one.client_id, line.seq)
                self._ledger.see(self.visit_id, line)
                self.hear(line.seq)
            self._unsent.popleft()

    async def _deliver(self, one: Written) -> Line:
        if self._live.connected:
            said = {"visit_id": one.visit_id, "client_id": one.client_id, "body": one.body}
            try:
                ack = await self._send_event(said)
            except Unreachable:
                self._ledger.troubles["messages without an ack"] += 1
            else:
                if ack["ok"]:
                    return Line.of(ack["message"])
                if ack["error"]["code"] not in _NOT_FINAL:
                    raise Refused(0, ack["error"]["code"])
        said = {"client_id": one.client_id, "body": one.body}
        return Line.of(await self._web.post(self._path, said, key=one.client_id))

    async def _send_event(self, said: dict[str, str]) -> dict[str, Any]:
        if not self._web.doubles():
            return await self._live.ask("message.send", said, _ACK)
        self._ledger.troubles[EVENTS_TWICE] += 1
        acks = await asyncio.gather(
            *(self._live.ask("message.send", said, _ACK) for _ in range(2)), return_exceptions=True
        )
        told = [each for each in acks if not isinstance(each, BaseException)]
        if not told:
            raise Unreachable("neither came back")
        stored = [ack for ack in told if ack["ok"]]
        if any(ack["message"] != stored[0]["message"] for ack in stored):
            self._ledger.contradictions.append(f"{self._ledger.who}: one message, two acks: {told}")
        return (stored or told)[0]
