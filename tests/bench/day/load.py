"""The clients of a day: `python -m tests.bench.day.load PORT`, asked over standard input.

A process for each kind of load; each tells what it cost itself. See `serving.serve`.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import uvloop

from tests.bench.day.plan import GROWING, PASSWORD, Kind, ident
from tests.bench.day.sockets import Sockets
from tests.bench.day.wire import NO_ANSWER, Answer, Lines, cookie
from tests.bench.serving import serve

_LOGIN = "/api/v1/patient/session"
_TICKETS = "/api/v1/patient/queue-tickets"
_NEXT = "/api/v1/staff/queue/next"
# Behind haproxy nobody chooses what address the server is told: all of loopback is ours.
_ATTACKER = "127.203.0.9"
#: Wait no longer than this to be asked to come again, whatever was said.
_LONGEST = 2.0


@dataclass
class Seen:
    """What one kind of load saw. Times are of requests that went well."""

    statuses: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    worked: float = field(default_factory=time.process_time)

    def note(self, answer: Answer, took: float) -> bool:
        """Whether it went well."""
        self.statuses[str(answer.status)] += 1
        good = answer.status in (200, 201)
        if good:
            self.times.append(took)
        return good

    def told(self, **more: Any) -> dict[str, Any]:
        """For the parent."""
        return {
            "statuses": self.statuses,
            "times": self.times,
            "seconds": time.perf_counter() - self.began,
            "cpu": time.process_time() - self.worked,
        } | more


class Load:
    """What the parent may ask for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.sockets = Sockets(port)

    async def logins(self, first: int, count: int, people: int, lines: int) -> dict[str, Any]:
        """Closed loop: as many log in at once as there are lines, each from an address."""

        async def one(http: Lines, seen: Seen, number: int) -> None:
            while True:
                began = time.perf_counter()
                answer = await _log_in(http, f"p{number % people}", _address(number))
                if seen.note(answer, time.perf_counter() - began):
                    return
                # As a client does; what it says is never ignored, but the benchmark has no hour.
                await asyncio.sleep(min(answer.retry_after or 0.1, _LONGEST))

        return (await self._each(range(first, first + count), lines, one)).told()

    async def entries(
        self, first: int, count: int, clinics: list[str], lines: int
    ) -> dict[str, Any]:
        """Patients join, the n-th at the n-th clinic and so round."""
        tickets: list[str] = []

        async def one(http: Lines, seen: Seen, number: int) -> None:
            clinic = clinics[number % len(clinics)]
            answer = await _patiently(seen, lambda key: _join(http, number, clinic, key))
            tickets.append(answer.json()["id"])

        seen = await self._each(range(first, first + count), lines, one)
        return seen.told(tickets=tickets)

    async def claims(self, doctors: list[int], count: int, lines: int) -> dict[str, Any]:
        """Doctors call the next until so many were called; who finds nobody looks again soon."""
        called: list[tuple[str, str, str]] = []
        turns = itertools.cycle(doctors)
        left = count
        http, seen = Lines(self._port, lines), Seen()

        async def line() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                doctor = next(turns)
                began = time.perf_counter()
                answer = await http.ask("POST", _NEXT, Cookie=cookie(Kind.STAFF, doctor))
                if seen.note(answer, time.perf_counter() - began):
                    visit = answer.json()
                    called.append((visit["ticket_id"], visit["id"], ident(Kind.STAFF, doctor)))
                    continue
                left += 1
                await asyncio.sleep(0.02)

        await asyncio.gather(*(line() for _ in range(lines)))
        http.close()
        return seen.told(called=called)

    async def looks(self, numbers: list[int], lines: int) -> dict[str, Any]:
        """Patients who wait look at their own place."""

        async def one(http: Lines, seen: Seen, number: int) -> None:
            path = f"{_TICKETS}/{ident(Kind.TICKET, number)}"
            await _patiently(
                seen, lambda _: http.ask("GET", path, Cookie=cookie(Kind.PATIENT, number))
            )

        return (await self._each(numbers, lines, one)).told()

    async def grown(self, kind: int, count: int, clinics: list[str], lines: int) -> dict[str, Any]:
        """Patients of the growing queues join these clinics."""
        return await self.entries(GROWING + kind * count, count, clinics, lines)

    async def attack(
        self, rate: float, seconds: float, people: int, share: float
    ) -> dict[str, Any]:
        """Open loop: people come at random instants, `share` of them one attacker.

        He tries a password on everybody and, every other time, opens a session of his own account.
        """
        honest, hostile = Seen(), Seen()
        chance = random.Random(1)
        http = Lines(self._port, 512)
        async with asyncio.TaskGroup() as crowd:
            due, number = time.monotonic(), 0
            end = due + seconds
            while due < end:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                number += 1
                if chance.random() < share:
                    crowd.create_task(_harm(http, hostile, number, people))
                else:
                    crowd.create_task(_arrive(http, honest, number % people, number))
                due += chance.expovariate(rate)
        http.close()
        return honest.told(hostile=hostile.told())

    async def chat(self, first: int, talks: int, count: int) -> dict[str, Any]:
        """See `Sockets.chat`."""
        return await self.sockets.chat(first, talks, count)

    async def ping_on(self, first: int, visits: int) -> dict[str, Any]:
        """See `Sockets.ping_on`."""
        return await self.sockets.ping_on(first, visits)

    async def ping_off(self) -> dict[str, Any]:
        """See `Sockets.ping_off`."""
        return await self.sockets.ping_off()

    async def storm(self, first: int, count: int, within: float) -> dict[str, Any]:
        """See `Sockets.storm`."""
        return await self.sockets.storm(first, count, within)

    async def _each(
        self,
        numbers: range | list[int],
        lines: int,
        one: Callable[[Lines, Seen, int], Awaitable[None]],
    ) -> Seen:
        http, seen, left = Lines(self._port, lines), Seen(), iter(numbers)

        async def line() -> None:
            for number in left:
                await one(http, seen, number)

        await asyncio.gather(*(line() for _ in range(lines)))
        http.close()
        return seen


async def _log_in(http: Lines, name: str, client: str, password: str = PASSWORD) -> Answer:
    return await http.ask("POST", _LOGIN, {"username": name, "password": password}, source=client)


async def _arrive(http: Lines, seen: Seen, who: int, number: int) -> None:
    began = time.perf_counter()
    answer = await _log_in(http, f"p{who}", _address(number))
    seen.note(answer, time.perf_counter() - began)


async def _harm(http: Lines, seen: Seen, number: int, people: int) -> None:
    began = time.perf_counter()
    if number % 2:
        answer = await _log_in(http, "p0", _ATTACKER)
    else:
        answer = await _log_in(http, f"p{number % people}", _ATTACKER, "hemligt")
    seen.note(answer, time.perf_counter() - began)


def _join(http: Lines, number: int, clinic: str, key: str) -> Awaitable[Answer]:
    said = {
        "clinic_id": clinic,
        "profession": "doctor",
        "reason": "Feber sedan tre dagar, och ont i halsen",
        "channel": "video",
    }
    return http.ask(
        "POST", _TICKETS, said, Cookie=cookie(Kind.PATIENT, number), Idempotency_Key=key
    )


async def _patiently(seen: Seen, ask: Callable[[str], Awaitable[Answer]]) -> Answer:
    """Ask until it goes well, as our client does, with the same key. What is refused is a fault."""
    key = f"{random.getrandbits(128):032x}"
    while True:
        began = time.perf_counter()
        answer = await ask(key)
        if seen.note(answer, time.perf_counter() - began):
            return answer
        if answer.status not in (NO_ANSWER, 429, 503):
            raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
        await asyncio.sleep(min(answer.retry_after or 0.1, _LONGEST))


def _address(number: int) -> str:
    return f"127.{1 + (number >> 15) % 200}.{number >> 7 & 255}.{1 + (number & 127)}"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    uvloop.run(serve(Load(int(sys.argv[1]))))
