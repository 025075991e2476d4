"""The sockets of a day: they ping, they write to each other, and they all come back at once."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from tests.bench.day.plan import PATIENCE, Kind, ident
from tests.bench.day.wire import Socket, open_socket, opening, visit_of

_PARTIES = (Kind.PATIENT, Kind.STAFF)


def _known(visit_id: str) -> dict[str, Any]:
    return {
        "visits": [{"visit_id": visit_id, "version": 2, "last_seq": 0}],
        "tickets": [],
        "queue": None,
    }


class Sockets:
    """All sockets of one process."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pinging: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()
        self._pings: list[float] = []
        self._late: list[float] = []
        self._unanswered = 0

    async def ping_on(self, first: int, visits: int) -> dict[str, Any]:
        """Both sides of so many visits begin to send their heartbeat once a second."""
        self._pings, self._late, self._unanswered = [], [], 0
        http = await self._stack.enter_async_context(opening())
        parties = [(n, kind) for n in range(first, first + visits) for kind in _PARTIES]
        for place, (number, kind) in enumerate(parties):
            socket = await open_socket(http, self._port, kind, number)
            self._stack.push_async_callback(socket.close)
            # Spread over the second, or each would wait for the others.
            ping = self._ping(socket, visit_of(number), place / len(parties))
            self._pinging.append(asyncio.create_task(ping))  # noqa: TID251
        return {}

    async def _ping(self, socket: Socket, visit_id: str, pause: float) -> None:
        due = time.perf_counter() + pause
        while True:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            began = time.perf_counter()
            # How late this process itself is: no fault of the server's.
            self._late.append(began - due)
            told = await socket.ask("sync", _known(visit_id))
            if told is None or not told["ok"] or not told["visits"]:
                self._unanswered += 1
            self._pings.append(time.perf_counter() - began)
            due = max(due + 1, time.perf_counter())

    async def ping_off(self) -> dict[str, Any]:
        """Stop; what the pings took, in seconds, and how late they were sent."""
        for task in self._pinging:
            task.cancel()
        for ended in await asyncio.gather(*self._pinging, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                raise RuntimeError("a visit stopped pinging") from ended
        self._pinging.clear()
        await self._stack.aclose()
        return {"times": self._pings, "late": self._late, "unanswered": self._unanswered}

    async def chat(self, first: int, talks: int, count: int) -> dict[str, Any]:
        """Both sides of so many visits write; each its next line once the last is acknowledged."""
        began, worked = time.perf_counter(), time.process_time()
        lines = _Lines()
        left = itertools.repeat(None, count)
        async with opening() as http, AsyncExitStack() as stack, asyncio.TaskGroup() as people:
            for number in range(first, first + talks):
                for kind in _PARTIES:
                    socket = await open_socket(http, self._port, kind, number)
                    stack.push_async_callback(socket.close)
                    people.create_task(lines.write(socket, kind, number, left))
        return {
            "acknowledged": lines.acknowledged,
            "times": lines.times,
            "seen": lines.seen,
            "disordered": lines.disordered,
            "statuses": lines.statuses,
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - worked,
        }

    async def storm(self, first: int, count: int, within: float) -> dict[str, Any]:
        """Patients who wait are connected; all are cut off at once, and come back within a time.

        Back is who has been let in anew and told where the queue stands.
        """
        worked = time.process_time()
        failed: Counter[str] = Counter()
        gate = asyncio.Semaphore(64)

        async def enter(number: int) -> Socket:
            async with gate:
                return await open_socket(http, self._port, Kind.PATIENT, number)

        async def back(number: int, pause: float) -> tuple[Socket | None, float]:
            await asyncio.sleep(pause)
            asked = time.perf_counter()
            while True:
                try:
                    socket = await open_socket(http, self._port, Kind.PATIENT, number)
                except (OSError, TimeoutError, aiohttp.ClientError, ConnectionError) as error:
                    failed[type(error).__name__] += 1
                    if time.perf_counter() - asked > 12 * PATIENCE:
                        return None, 0.0
                    await asyncio.sleep(random.uniform(0.5, 1.5))
                    continue
                known = {"ticket_id": ident(Kind.TICKET, number), "version": 0}
                told = await socket.ask("sync", {"visits": [], "tickets": [known], "queue": None})
                if told is None or not told["ok"] or not told["tickets"]:
                    failed["unanswered"] += 1
                return socket, time.perf_counter() - asked

        numbers = range(first, first + count)
        async with opening() as http:
            sockets = await asyncio.gather(*(enter(number) for number in numbers))
            began = time.perf_counter()
            for socket in sockets:
                socket.cut()
            came = await asyncio.gather(
                *(back(number, random.uniform(0, within)) for number in numbers)
            )
            seconds = time.perf_counter() - began
            for returned, _ in came:
                if returned is not None:
                    returned.cut()
        return {
            "times": [took for returned, took in came if returned is not None],
            "seconds": seconds,
            "failed": failed,
            "cpu": time.process_time() - worked,
        }


class _Lines:
    """What was written, and what came to the other side."""

    def __init__(self) -> None:
        #: Visit, the writer's account, client id, number in the conversation.
        self.acknowledged: list[tuple[str, str, str, int]] = []
        self.times: list[float] = []
        self.seen: list[float] = []
        self.disordered = 0
        self.statuses: Counter[str] = Counter()
        self._sent: dict[str, float] = {}
        self._last: dict[Socket, int] = {}

    async def write(self, socket: Socket, kind: Kind, number: int, left: Any) -> None:
        socket.on_hint = lambda name, hint: self._hint(socket, kind, name, hint)
        visit_id, account = visit_of(number), ident(kind, number)
        for _ in left:
            client_id = str(uuid.uuid4())
            line = {"visit_id": visit_id, "client_id": client_id, "body": "Hur mår du i dag?"}
            while True:
                began = self._sent[client_id] = time.perf_counter()
                told = await socket.ask("message.send", line)
                code = "none" if told is None else "ok" if told["ok"] else told["error"]["code"]
                self.statuses[code] += 1
                if code == "ok":
                    break
                # The same line again, under the same id.
                await asyncio.sleep(0.2)
            self.times.append(time.perf_counter() - began)
            self.acknowledged.append((visit_id, account, client_id, told["message"]["seq"]))

    def _hint(self, socket: Socket, kind: Kind, name: str, hint: Any) -> None:
        if name != "message.posted":
            return
        if hint["seq"] <= self._last.get(socket, 0):
            self.disordered += 1
        self._last[socket] = hint["seq"]
        writer = "patient" if kind is Kind.PATIENT else "clinician"
        if hint["sender"] != writer and (sent := self._sent.get(hint["client_id"])):
            self.seen.append(time.perf_counter() - sent)
