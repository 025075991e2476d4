"""What is measured: each opens a visit of robots in its own way."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from typing_extensions import override

from signaling.worker.place import Place
from signaling.worker.supervisor import Supervisor
from tests.bench.process import cores, pin
from tests.bench.relay.load import Home, Visit
from tests.bench.report import ROOT


class Arm(Protocol):
    """A media server, or none."""

    pid: int | None
    #: It passes packets on as they are, so that the time under way can be written into them.
    forwards: bool = True

    async def visit(self, home: Home, people: int) -> Visit:
        """Open a visit of so many robots and wait until they are connected."""
        ...


async def _connected(visit: Visit, home: Home) -> Visit:
    await home.ask("connect", robots=[robot.number for robot in visit.robots])
    return visit


class Ours(Arm):
    """Our relay, in its own process as in the product."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.pid = supervisor.pid
        self._supervisor = supervisor
        self._numbers = itertools.count()

    @override
    async def visit(self, home: Home, people: int) -> Visit:
        visit, name = Visit(), f"visit-{next(self._numbers)}"
        for number in range(people):
            leg = f"{name}-{number}"
            offer = await self._supervisor.open_leg(name, leg, leg)
            robot, answer = await home.answer(offer, "sendrecv", tagged=True)
            await self._supervisor.answer(leg, answer)
            visit.people.append([robot])
        return await _connected(visit, home)


class Stock(Arm):
    """aiortc's MediaRelay, which decodes and encodes; two people only."""

    forwards = False

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self._process = process
        self._numbers = itertools.count()

    async def _ask(self, **asked: object) -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        told: dict[str, str] = json.loads(await self._process.stdout.readline())
        return told

    @override
    async def visit(self, home: Home, people: int) -> Visit:
        visit, name = Visit(), f"visit-{next(self._numbers)}"
        for _ in range(people):
            told = await self._ask(open=name)
            robot, answer = await home.answer(told["offer"], "sendrecv", tagged=False)
            await self._ask(answer=told["leg"], sdp=answer)
            visit.people.append([robot])
        return await _connected(visit, home)


class Direct(Arm):
    """No server: what the robots, the kernel and the cryptography take by themselves."""

    pid = None

    @override
    async def visit(self, home: Home, people: int) -> Visit:
        assert people == 2
        one, offer = await home.offer("sendrecv", tagged=True)
        other, answer = await home.answer(offer, "sendrecv", tagged=True)
        await one.accept(answer)
        return await _connected(Visit([[one], [other]]), home)


@asynccontextmanager
async def ours(address: str) -> AsyncIterator[Arm]:
    """One worker of ours."""
    supervisor = Supervisor(Place([address]))
    await supervisor.start()
    try:
        assert supervisor.pid is not None
        pin(supervisor.pid, cores()[0])
        yield Ours(supervisor)
    finally:
        await supervisor.stop()


@asynccontextmanager
async def stock(address: str) -> AsyncIterator[Arm]:
    """One process of MediaRelay."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.stock_media", address,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )  # fmt: skip
    try:
        pin(process.pid, cores()[0])
        yield Stock(process)
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def direct(_address: str) -> AsyncIterator[Arm]:
    """Nothing to start."""
    yield Direct()
