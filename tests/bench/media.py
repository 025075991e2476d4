"""What a 720p visit costs the server: our relay, which forwards, and aiortc's MediaRelay.

Real ICE and DTLS-SRTP peers send the same clip to both. The figure is the CPU time of the server's
process, read from the kernel, over the time that passed, for each visit (two people).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aioice.ice
import uvloop
from typing_extensions import override

from signaling.worker.place import Place
from signaling.worker.supervisor import Supervisor
from tests.bench.clip import Clip, clip
from tests.bench.report import ROOT, Report
from tests.bench.robot import MediaRobot, talk

OURS, STOCK = "our relay", "aiortc MediaRelay"
_ROLES = ("patient", "clinician")


class MediaServer(Protocol):
    """What the robots need of either server."""

    pid: int

    async def offer(self, visit: str, role: str) -> tuple[str, str]:
        """Open a leg: its name and the offer."""
        ...

    async def answer(self, leg: str, sdp: str) -> None:
        """Take the robot's answer."""
        ...


class _Ours(MediaServer):
    def __init__(self, supervisor: Supervisor) -> None:
        assert supervisor.pid is not None
        self.pid = supervisor.pid
        self._supervisor = supervisor
        self._numbers = itertools.count()

    @override
    async def offer(self, visit: str, role: str) -> tuple[str, str]:
        leg = f"leg-{next(self._numbers)}"
        return leg, await self._supervisor.open_leg(visit, leg, role)

    @override
    async def answer(self, leg: str, sdp: str) -> None:
        await self._supervisor.answer(leg, sdp)


class _Stock(MediaServer):
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self._process = process

    async def _ask(self, **asked: object) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        told: dict[str, object] = json.loads(await self._process.stdout.readline())
        return told

    @override
    async def offer(self, visit: str, role: str) -> tuple[str, str]:
        told = await self._ask(open=visit)
        return str(told["leg"]), str(told["offer"])

    @override
    async def answer(self, leg: str, sdp: str) -> None:
        await self._ask(answer=int(leg), sdp=sdp)


@asynccontextmanager
async def _ours() -> AsyncIterator[MediaServer]:
    supervisor = Supervisor(Place(["127.0.0.1"]))
    await supervisor.start()
    try:
        yield _Ours(supervisor)
    finally:
        await supervisor.stop()


@asynccontextmanager
async def _stock() -> AsyncIterator[MediaServer]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.stock_media",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )  # fmt: skip
    try:
        yield _Stock(process)
    finally:
        process.kill()
        await process.wait()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _round(
    report: Report, arm: str, server: MediaServer, visits: int, ready: Clip, seconds: float
) -> None:
    robots = []
    for number in range(visits):
        pair = [MediaRobot(ready), MediaRobot(ready)]
        for robot, role in zip(pair, _ROLES, strict=True):
            leg, offer = await server.offer(f"visit-{number}", role)
            await server.answer(leg, await robot.answer(offer))
        for robot in pair:
            await robot.connected()
        robots += pair
    await talk(robots, min(2.0, seconds))
    cpu, began = cpu_seconds(server.pid), time.monotonic()
    await talk(robots, seconds)
    cores = (cpu_seconds(server.pid) - cpu) / (time.monotonic() - began)
    await asyncio.sleep(0.5)
    report.reading(arm, "server CPU a visit", cores / visits, "cores")
    sent = sum(robot.sent for robot in robots)
    arrived = sum(robot.received for robot in robots)
    report.reading(arm, "packets in", sent / visits / (seconds + min(2.0, seconds)), "/s")
    report.holds(f"{arm}: pictures reach both sides", all(r.video_received for r in robots))
    report.holds(
        f"{arm}: what arrives can be opened",
        all(robot.opened and not robot.unreadable for robot in robots),
    )
    if arm == OURS:
        report.holds(f"{arm}: 99 of 100 packets arrive", arrived >= 0.99 * sent)
    for robot in robots:
        await robot.close()


async def _all(report: Report, visits: int, rounds: int, seconds: float) -> None:
    # aioice leaves loopback out, and there may be no other interface.
    aioice.ice.get_host_addresses = lambda **_: ["127.0.0.1"]
    ready = await asyncio.to_thread(clip)
    for _ in range(rounds):
        async with _ours() as server:
            await _round(report, OURS, server, visits, ready, seconds)
        async with _stock() as server:
            await _round(report, STOCK, server, 1, ready, seconds)


def run(*, visits: int = 8, rounds: int = 3, seconds: float = 8.0) -> Report:
    """Ours carries `visits` at once; the baseline has one, for more would not fit in a core."""
    report = Report("media")
    report.compare("server CPU a visit", OURS, STOCK, goal=100, less_is_better=True)
    uvloop.run(_all(report, visits, rounds, seconds))
    return report
