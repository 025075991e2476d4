"""The robots of all generator processes, seen from the parent."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.clip import clip
from tests.bench.process import pin
from tests.bench.report import ROOT, percentile
from tests.bench.robot import Way


@dataclass(frozen=True)
class Robot:
    """One connection: which generator holds it, and its number there."""

    home: Home
    number: int
    sends: bool
    receives: bool

    async def accept(self, sdp: str) -> None:
        """Take the answer to one's own offer."""
        await self.home.ask("accept", robot=self.number, sdp=sdp)


class Home:
    """A generator process. Asks it one thing at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._one = asyncio.Lock()
        self._numbers = itertools.count()

    async def ask(self, do: str, **asked: object) -> dict[str, Any]:
        """What the generator answers."""
        async with self._one:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps({"do": do} | asked).encode() + b"\n")
            line = await self._process.stdout.readline()
            if not line:
                raise RuntimeError("a generator of load has died; it has said why")
            told: dict[str, Any] = json.loads(line)
            return told

    async def answer(self, sdp: str, way: Way, *, tagged: bool) -> tuple[Robot, str]:
        """A new robot, and its answer."""
        robot = self._new(way)
        told = await self.ask("answer", robot=robot.number, sdp=sdp, way=way, tagged=tagged)
        return robot, told["sdp"]

    async def offer(self, way: Way, *, tagged: bool) -> tuple[Robot, str]:
        """A new robot, and its offer."""
        robot = self._new(way)
        told = await self.ask("offer", robot=robot.number, way=way, tagged=tagged)
        return robot, told["sdp"]

    def _new(self, way: Way) -> Robot:
        return Robot(self, next(self._numbers), way != "recvonly", way != "sendonly")


@dataclass
class Visit:
    """The robots of one visit: a person is one that does both, or one of each."""

    people: list[list[Robot]] = field(default_factory=list)

    @property
    def robots(self) -> list[Robot]:
        """All of them."""
        return [robot for person in self.people for robot in person]


@dataclass(frozen=True)
class Heard:
    """What became of a while of talk."""

    expected: int
    received: int
    #: Who was to see others and never did.
    blind: int
    #: Milliseconds.
    latencies: list[float]
    late_p99: float
    opened: int
    unreadable: int

    @property
    def delivered(self) -> float:
        """The part of the packets that came to each who was to have them."""
        return self.received / self.expected if self.expected else 0.0

    def latency(self, part: float) -> float:
        """A percentile of the latencies, in milliseconds."""
        return percentile(self.latencies, part)


async def talk(homes: Iterable[Home], visits: Iterable[Visit], seconds: float) -> Heard:
    """Everybody in these visits talks."""
    visits = list(visits)
    senders: dict[Home, list[int]] = {home: [] for home in homes}
    for robot in (robot for visit in visits for robot in visit.robots if robot.sends):
        senders[robot.home].append(robot.number)
    told = await asyncio.gather(
        *(home.ask("talk", robots=mine, seconds=seconds) for home, mine in senders.items())
    )
    by_home = dict(zip(senders, told, strict=True))

    def count(robot: Robot, what: str) -> int:
        return int(by_home[robot.home][what][str(robot.number)])

    expected = received = blind = 0
    for visit in visits:
        sent = [sum(count(r, "sent") for r in person if r.sends) for person in visit.people]
        expected += sum(sent) * (len(sent) - 1)
        eyes = [robot for robot in visit.robots if robot.receives]
        received += sum(count(robot, "received") for robot in eyes)
        blind += sum(not count(robot, "pictures") for robot in eyes)
    return Heard(
        expected,
        received,
        blind,
        [took for each in told for took in each["latencies"]],
        max(each["late_p99"] for each in told),
        sum(each["opened"] for each in told),
        sum(each["unreadable"] for each in told),
    )


@asynccontextmanager
async def generators(
    address: str, on: Iterable[int], module: str = "tests.bench.relay.generator"
) -> AsyncIterator[list[Home]]:
    """A process full of robots on each of these cores; `module` is the program that it runs."""
    processes = []
    with tempfile.TemporaryDirectory(prefix="vardrum-bench-") as folder:
        file = Path(folder) / "clip"
        (await asyncio.to_thread(clip)).save(file)
        try:
            for core in on:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", module, address, str(file),
                    cwd=ROOT,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    limit=1 << 22,
                )  # fmt: skip
                pin(process.pid, {core})
                processes.append(process)
            homes = [Home(process) for process in processes]
            # No server waits for an answer for as long as they take to begin.
            await asyncio.gather(*(home.ask("close") for home in homes))
            yield homes
        finally:
            for process in processes:
                process.kill()
                await process.wait()
