"""The people: `python -m tests.bench.journey.load PORT`, asked over standard input.

A journey is 20 requests and 2 sockets, none left out: both log in and open a socket; the clinician
goes on duty and watches the queue; the patient joins it; the clinician looks at it and takes her;
she comes; ten lines, in turn, each seen by the other; the visit is ended; the clinician goes off.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import uvloop

from server.kit.actor import Profession
from tests.bench.day.plan import PASSWORD, PATIENCE
from tests.bench.day.wire import NO_ANSWER, Lines, Socket, enter, opening
from tests.bench.serving import serve

LINES = 10
DOCTOR = Profession.DOCTOR.value
TO_PEER = "message to the peer's socket"
_BODY = "Jag har haft feber sedan i går kväll, och det gör ont i örat."


class WrongAnswerError(RuntimeError):
    """The product did not do as it should. A journey is never left out of the count."""


class Person:
    """Somebody with a connection and a socket."""

    def __init__(self, http: Lines, audience: str, number: int, steps: Steps) -> None:
        self._http = http
        self._audience = audience
        self._number = number
        self._steps = steps
        self._cookie = ""
        self._socket: Socket | None = None
        self._awaited: dict[tuple[str, str], asyncio.Future[Any]] = {}

    async def log_in(self) -> None:
        """With the password; again after a moment when too many do, or when hashing has to wait."""
        said = {"username": f"{self._audience[0]}{self._number}", "password": PASSWORD}
        place = f"198.51.{self._number // 250 % 250}.{self._number % 250}"
        with self._steps.of("log in"):
            ends = time.monotonic() + 12 * PATIENCE
            while True:
                answer = await self._http.ask(
                    "POST", f"/api/v1/{self._audience}/session", said, X_Forwarded_For=place
                )
                if answer.status not in (NO_ANSWER, 503) or time.monotonic() > ends:
                    break
                await asyncio.sleep(0.2)
        if answer.status != 201 or answer.cookie is None:
            raise WrongAnswerError(f"a login was answered with {answer.status}: {answer.body!r}")
        self._cookie = answer.cookie

    async def ask(self, step: str, method: str, path: str, said: Any = None) -> Any:
        """A request that goes well."""
        with self._steps.of(step):
            answer = await self._http.ask(
                method, f"/api/v1/{self._audience}{path}", said, Cookie=self._cookie
            )
        if answer.status not in (200, 201):
            raise WrongAnswerError(f"to {step}: {answer.status}: {answer.body!r}")
        return answer.json()

    async def open(self, http: aiohttp.ClientSession, port: int) -> None:
        """The page's socket."""
        with self._steps.of("open a socket"):
            self._socket = await enter(http, port, self._audience, self._cookie)
        self._socket.on_hint = self._hint

    async def event(self, step: str, name: str, said: Any) -> Any:
        """A request over the socket that goes well."""
        assert self._socket is not None
        with self._steps.of(step):
            told = await self._socket.ask(name, said)
        if not told or not told["ok"]:
            raise WrongAnswerError(f"to {step}: {told}")
        return told

    async def hears(self, awaited: asyncio.Future[Any]) -> Any:
        """What was awaited. Raises when it does not come."""
        async with asyncio.timeout(PATIENCE):
            return await awaited

    def awaits(self, name: str, key: str) -> asyncio.Future[Any]:
        """The hint of this name in which something is `key`; ask before it can come."""
        future = self._awaited[name, key] = asyncio.get_running_loop().create_future()
        return future

    def _hint(self, name: str, said: Any) -> None:
        keys = {"ticket.changed": "state", "message.posted": "client_id"}
        if name in keys and (asked := self._awaited.pop((name, str(said[keys[name]])), None)):
            asked.set_result((time.perf_counter(), said))

    async def close(self) -> None:
        """Gone."""
        if self._socket is not None:
            await self._socket.close()
        self._http.close()


class Steps:
    """How long each step took, in seconds."""

    def __init__(self) -> None:
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Time this."""
        began = time.perf_counter()
        yield
        self.times[step].append(time.perf_counter() - began)


class Load:
    """What the parent may ask for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._steps = Steps()
        self._idle: list[Person] = []
        self._stack = AsyncExitStack()
        self._told: dict[str, list[Any]] = {}

    async def journeys(self, first: int, count: int, lanes: int, clinics: list[str]) -> Any:
        """So many journeys, `lanes` of them at a time; the pairs of numbers `first` and on."""
        self._steps = Steps()
        self._told = {"tickets": [], "called": [], "lines": []}
        numbers = iter(range(first, first + count))
        began, worked = time.perf_counter(), time.process_time()

        async with opening() as http:

            async def lane() -> None:
                for number in numbers:
                    with self._steps.of("the whole journey"):
                        await self._journey(http, number, clinics[number % len(clinics)])

            async with asyncio.TaskGroup() as group:
                for _ in range(lanes):
                    group.create_task(lane())
        return self._told | {
            "steps": self._steps.times,
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - worked,
        }

    async def prepare(self, first: int, sockets: int) -> Any:
        """Both of so many pairs log in; nothing else yet."""
        self._idle = [
            Person(Lines(self._port, 1), audience, number, self._steps)
            for number in range(first, first + sockets // 2)
            for audience in ("patient", "staff")
        ]
        for begin in range(0, len(self._idle), 4):
            await asyncio.gather(*(each.log_in() for each in self._idle[begin : begin + 4]))
        return {}

    async def hold(self) -> Any:
        """They open their sockets and keep them; how long that took."""
        http = await self._stack.enter_async_context(opening())
        began = time.perf_counter()
        for begin in range(0, len(self._idle), 20):
            some = self._idle[begin : begin + 20]
            await asyncio.gather(*(each.open(http, self._port) for each in some))
        return {"seconds": time.perf_counter() - began}

    async def leave(self) -> Any:
        """They go."""
        for each in self._idle:
            await each.close()
        await self._stack.aclose()
        return {}

    @asynccontextmanager
    async def _pair(self, number: int) -> AsyncIterator[tuple[Person, Person]]:
        patient = Person(Lines(self._port, 1), "patient", number, self._steps)
        clinician = Person(Lines(self._port, 1), "staff", number, self._steps)
        try:
            yield patient, clinician
        finally:
            await patient.close()
            await clinician.close()

    async def _journey(self, http: aiohttp.ClientSession, number: int, clinic: str) -> None:
        queue = {"clinic_id": clinic, "profession": DOCTOR}
        async with self._pair(number) as (patient, clinician):
            await asyncio.gather(patient.log_in(), clinician.log_in())
            await asyncio.gather(patient.open(http, self._port), clinician.open(http, self._port))
            await clinician.ask("go on duty", "PUT", "/duty", {"state": "on"} | queue)
            await clinician.event("watch the queue", "queue.watch", queue)
            wish = queue | {"reason": "Feber sedan tre dagar", "channel": "chat"}
            ticket = await patient.ask("join the queue", "POST", "/queue-tickets", wish)
            self._told["tickets"].append(ticket["id"])
            await clinician.ask("look at the queue", "GET", "/queue")
            called = patient.awaits("ticket.changed", "called")
            began = time.perf_counter()
            visit = await clinician.ask("take", "POST", f"/queue-tickets/{ticket['id']}/take")
            heard, hint = await patient.hears(called)
            self._steps.times["taken, on the patient's socket"].append(heard - began)
            if hint["visit_id"] != visit["id"]:
                raise WrongAnswerError("the patient was told of another visit")
            self._told["called"].append((ticket["id"], visit["id"], number))
            await patient.ask("come", "POST", f"/visits/{visit['id']}/join")
            for turn in range(LINES):
                pair = (patient, clinician) if turn % 2 else (clinician, patient)
                await self._line(*pair, visit["id"], "patient" if turn % 2 else "staff", number)
            await clinician.ask("end", "POST", f"/visits/{visit['id']}/end")
            await clinician.ask("go off duty", "PUT", "/duty", {"state": "off"})

    async def _line(
        self, writer: Person, reader: Person, visit: str, audience: str, number: int
    ) -> None:
        key = str(uuid.uuid4())
        seen = reader.awaits("message.posted", key)
        began = time.perf_counter()
        said = {"visit_id": visit, "client_id": key, "body": _BODY}
        told = await writer.event("write a line", "message.send", said)
        heard, hint = await reader.hears(seen)
        self._steps.times[TO_PEER].append(heard - began)
        if hint["body"] != _BODY:
            raise WrongAnswerError("the peer saw something else")
        self._told["lines"].append((visit, audience, number, key, told["message"]["seq"]))


if __name__ == "__main__":
    uvloop.run(serve(Load(int(sys.argv[1]))))
