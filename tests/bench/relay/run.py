"""Rounds of every arm in turn, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import uvloop

from server.main.addresses import LOOPBACK, lan_addresses
from tests.bench.process import cores, cpu_seconds, memory_kib
from tests.bench.relay import arms, janus
from tests.bench.relay.arms import Arm
from tests.bench.relay.first_frame import first_frames
from tests.bench.relay.load import Heard, Home, Visit, generators, talk
from tests.bench.report import Report, percentile

OURS, VIDEOCALL, VIDEOROOM = "our relay", "Janus videocall", "Janus videoroom"
STOCK, DIRECT = "aiortc MediaRelay", "direct connection"

Started = Callable[[str], AbstractAsyncContextManager[Arm]]
ARMS: dict[str, Started] = {
    OURS: arms.ours,
    VIDEOCALL: janus.videocall,
    VIDEOROOM: janus.videoroom,
    STOCK: arms.stock,
    DIRECT: arms.direct,
}

#: So much must arrive for a server to be said to carry a load.
CARRIED = 0.999


@dataclass(frozen=True)
class Plan:
    """How much is measured. Seconds are of talk, after so many to warm up."""

    rounds: int = 2
    #: Visits at once, in every round.
    steps: Sequence[int] = (1, 30)
    #: Then, once, until the server or the generators can't any more.
    climb: Sequence[int] = (60, 90, 120, 150)
    #: People in a visit, and in how many visits at once, once.
    people: Sequence[int] = (2, 3, 4, 6)
    groups: int = 5
    #: How often somebody joins in a browser.
    joins: int = 20
    #: A load made later than this (milliseconds, 99th percentile) says nothing of a server.
    late: float = 5.0
    #: So often a load that was made late is made again: the machine's neighbours come and go.
    again: int = 2
    seconds: float = 4.0
    warm: float = 1.0


@dataclass
class Step:
    """One load, measured."""

    visits: int
    cores: float
    memory: int
    heard: Heard
    #: The generators were late, so that the figures are theirs.
    void: bool


class Round:
    """One arm, from its start to its end, under loads that grow."""

    def __init__(self, plan: Plan, arm: Arm, homes: Sequence[Home]) -> None:
        self._plan = plan
        self._arm = arm
        self._homes = homes
        self._visits: list[Visit] = []

    async def step(self, visits: int, people: int = 2) -> Step:
        """Grow to so many visits and measure, anew as long as the load was made late."""
        while len(self._visits) < visits:
            home = self._homes[len(self._visits) % len(self._homes)]
            self._visits.append(await self._arm.visit(home, people))
        await talk(self._homes, self._visits, self._plan.warm)
        step = await self._measure(visits)
        for _ in range(self._plan.again):
            if step.void:
                step = await self._measure(visits)
        return step

    async def _measure(self, visits: int) -> Step:
        pid = self._arm.pid
        before = cpu_seconds(pid) if pid else 0.0
        heard = await talk(self._homes, self._visits, self._plan.seconds)
        used = (cpu_seconds(pid) - before) / self._plan.seconds if pid else 0.0
        return Step(
            visits, used, memory_kib(pid) if pid else 0, heard, heard.late_p99 > self._plan.late
        )


async def _measured(plan: Plan, report: Report, address: str, homes: Sequence[Home]) -> None:
    floor: dict[int, Heard] = {}
    for number in range(plan.rounds):
        for name in here((DIRECT, OURS, VIDEOCALL, VIDEOROOM, STOCK)):
            last = number == plan.rounds - 1
            async with ARMS[name](address) as arm:
                idle = memory_kib(arm.pid) if arm.pid else 0
                turn = Round(plan, arm, homes)
                for visits in plan.steps if name != STOCK else plan.steps[:1]:
                    _tell(report, name, await turn.step(visits), floor)
                if last and name in (OURS, VIDEOCALL, VIDEOROOM):
                    await _climb(plan, report, name, turn, idle)
                for home in homes:
                    await home.ask("close")


async def _climb(plan: Plan, report: Report, name: str, turn: Round, idle: int) -> None:
    """Until packets are lost, or until the generators are no longer in time."""
    carried, memory = 0, 0.0
    most = "the plan's end"
    for visits in plan.climb:
        step = await turn.step(visits)
        if step.void:
            most = f"at {visits} the generators were {step.heard.late_p99:.0f} ms late"
            break
        if step.heard.delivered < CARRIED:
            most = f"at {visits} {100 * step.heard.delivered:.2f} % arrived"
            break
        carried, memory = visits, (step.memory - idle) / visits
        report.reading(name, f"CPU a visit, {visits} at once", step.cores / visits, "cores")
    if carried:
        report.reading(name, "visits on a core", carried, f"({most})")
        report.reading(name, "memory a visit", memory, "KiB")


async def _grow(plan: Plan, report: Report, address: str, homes: Sequence[Home]) -> None:
    for people in plan.people:
        for name in here((OURS, VIDEOROOM)):
            async with ARMS[name](address) as arm:
                step = await Round(plan, arm, homes).step(plan.groups, people)
                what = f"CPU a visit of {people}"
                if not step.void:
                    report.reading(name, what, step.cores / plan.groups, "cores")
                sound(report, name, step.heard)
                for home in homes:
                    await home.ask("close")
        report.compare(f"CPU a visit of {people}", OURS, VIDEOROOM, goal=2, less_is_better=True)


def sound(report: Report, name: str, heard: Heard) -> None:
    """What must hold of any server, however slow."""
    report.holds(f"{name}: everybody is sent pictures", not heard.blind)
    report.holds(f"{name}: what arrives can be opened", heard.opened > 0 and not heard.unreadable)


def _tell(report: Report, name: str, step: Step, floor: dict[int, Heard]) -> None:
    heard, visits = step.heard, step.visits
    sound(report, name, heard)
    if step.void and name != STOCK:
        report.void(f"{name}, {visits} at once: made {heard.late_p99:.1f} ms late")
        return
    if name == DIRECT:
        floor[visits] = heard
        report.reading(name, f"under way, median, {visits} at once", heard.latency(0.5), "ms")
        return
    report.reading(name, f"CPU a visit, {visits} at once", step.cores / visits, "cores")
    if name == STOCK:
        return
    report.reading(name, f"delivered, {visits} at once", 100 * heard.delivered, "%")
    if visits in floor:
        for part, word in ((0.5, "median"), (0.99, "99th percentile")):
            added = heard.latency(part) - floor[visits].latency(part)
            report.reading(name, f"added on the way, {word}, {visits} at once", added, "ms")


def here(names: Sequence[str]) -> list[str]:
    """Those of the arms that this machine has."""
    return [name for name in names if name not in (VIDEOCALL, VIDEOROOM) or janus.is_here()]


def own_address() -> str:
    """One of this machine's own, for Janus leaves loopback out."""
    return next(iter(lan_addresses()), LOOPBACK)


async def _all(plan: Plan, report: Report) -> None:
    address = own_address()
    _, others = cores()
    async with generators(address, others) as homes:
        await _measured(plan, report, address, homes)
        await _grow(plan, report, address, homes)
    took = await first_frames(address, plan.joins)
    for part, word in ((0.5, "median"), (0.95, "95th percentile")):
        report.reading(OURS, f"join to first picture, {word}", percentile(took, part), "ms")


def run(plan: Plan | None = None) -> Report:
    """Every arm has one core, the load has the others."""
    plan = plan or Plan()
    report = Report("relay")
    if not janus.is_here():
        report.lacks("Janus (apt-get install janus)")
    report.compare(f"CPU a visit, {plan.steps[0]} at once", OURS, STOCK, 150, less_is_better=True)
    for visits in (*plan.steps, *plan.climb):
        for other in (VIDEOCALL, VIDEOROOM):
            what = f"CPU a visit, {visits} at once"
            report.compare(what, OURS, other, goal=2, less_is_better=True)
    report.compare("visits on a core", OURS, VIDEOCALL, goal=2)
    for visits in plan.steps:
        report.at_most(f"added on the way, median, {visits} at once", OURS, 0.1)
    report.at_most("join to first picture, 95th percentile", OURS, 500)
    uvloop.run(_all(plan, report))
    return report
