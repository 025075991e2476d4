"""`python -m tests.bench.journey [--only ARM] [--rounds N]`: see docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import resource
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from server.login.passwords import hash_password, verify_password
from tests.bench.day import proof
from tests.bench.day.clients import Client, client
from tests.bench.day.plan import PASSWORD
from tests.bench.day.product import Embedded, Running
from tests.bench.journey import ground
from tests.bench.journey.ground import OnPostgres
from tests.bench.journey.load import TO_PEER
from tests.bench.process import memory_kib
from tests.bench.report import Report, percentile
from tests.postgres import Cluster

ARMS = (Embedded.name, OnPostgres.name)
#: The best open peer, as others measured it on such a machine; it does not run here.
PEER = "HCW@Home (given, not run here)"
CPU, MESSAGE = "processor time a journey", f"{TO_PEER}, median"
IDLE, SOCKETS = "memory, idle", "processor time to open 200 sockets"
GIVEN = {CPU: (1800.0, "ms"), MESSAGE: (54.0, "ms"), IDLE: (765.0, "MB"), SOCKETS: (15.9, "s")}
GOALS = {CPU: 70.0, MESSAGE: 5.0, IDLE: 150.0, SOCKETS: 0.4}
#: Seconds after which nothing of what was done goes on.
_AFTER = 1.0
_LOAD = "tests.bench.journey.load"


@dataclass(frozen=True)
class Plan:
    """How many journeys, for each number at a time; and how many sockets are held."""

    lanes: tuple[tuple[int, int], ...] = ((1, 20), (4, 60), (32, 200))
    sockets: int = 200
    #: Journeys before anything is measured: what is made at first use is no journey's.
    warm: int = 8
    rounds: int = 3

    @property
    def pairs(self) -> int:
        """Patients, and clinicians, that are needed."""
        return self.warm + sum(count for _lanes, count in self.lanes) + self.sockets


class _Run:
    """One product, once, from start to stop."""

    def __init__(
        self, report: Report, plan: Plan, arm: str, running: Running, database: Callable[[], float]
    ) -> None:
        self._report = report
        self._plan = plan
        self._arm = arm
        self._running = running
        self._database = database
        self.told: dict[str, list[Any]] = {"tickets": [], "called": [], "lines": []}

    async def everything(self, people: Client, clinics: list[str]) -> None:
        """Memory, journeys, sockets."""
        plan = self._plan
        await asyncio.sleep(_AFTER)
        self._say(IDLE, self._memory(), "MB")
        first = 0
        await self._journeys(people, first, plan.warm, 1, clinics, told_as=None)
        first += plan.warm
        for lanes, count in plan.lanes:
            await self._journeys(people, first, count, lanes, clinics, told_as=lanes)
            first += count
        await people.ask("prepare", first=first, sockets=plan.sockets)
        await asyncio.sleep(_AFTER)
        before, memory = self._cpu(), self._memory()
        await people.ask("hold")
        opened = self._cpu() - before
        self._say(SOCKETS, opened * 200 / plan.sockets, "s")
        await asyncio.sleep(_AFTER)
        self._say("memory, with the journeys behind it", memory, "MB")
        self._say(f"memory, with {plan.sockets} sockets", self._memory(), "MB")
        await people.ask("leave")

    async def _journeys(
        self, people: Client, first: int, count: int, lanes: int, clinics: list[str],
        *, told_as: int | None,
    ) -> None:  # fmt: skip
        before, database = self._running.cpu(), self._database()
        told = await people.ask("journeys", first=first, count=count, lanes=lanes, clinics=clinics)
        # Hints of the queue come a moment later, and are a journey's as well.
        await asyncio.sleep(_AFTER / 2)
        spent, database = self._running.cpu() - before, self._database() - database
        for kind in self.told:
            self.told[kind] += told[kind]
        if told_as is None:
            return
        at_a_time = f"{told_as} at a time: "
        self._say(f"{at_a_time}{CPU}", 1e3 * (spent + database) / count, "ms")
        if database:
            self._say(f"{at_a_time}of which the database", 1e3 * database / count, "ms")
        self._say(f"{at_a_time}journeys", count / told["seconds"], "/s")
        self._say(f"{at_a_time}of the people's own, a journey", 1e3 * told["cpu"] / count, "ms")
        for step, times in told["steps"].items():
            self._say(f"{at_a_time}{step}, median", 1e3 * percentile(times, 0.5), "ms")
        peer = told["steps"][TO_PEER]
        self._say(f"{at_a_time}{TO_PEER}, 99th percentile", 1e3 * percentile(peer, 0.99), "ms")
        if told_as == 1:
            self._say(CPU, 1e3 * (spent + database) / count, "ms")
            self._say(MESSAGE, 1e3 * percentile(peer, 0.5), "ms")

    def _cpu(self) -> float:
        return self._running.cpu() + self._database()

    def _memory(self) -> float:
        return sum(map(memory_kib, self._running.processes())) * 1024 / 1e6

    def _say(self, what: str, value: float, unit: str) -> None:
        self._report.reading(self._arm, what, value, unit)


def _hashing(report: Report, arm: str) -> None:
    """What the two passwords of a journey cost, whatever else is done."""
    hashed, count = hash_password(PASSWORD), 20
    before = _own_cpu()
    for _ in range(count):
        assert verify_password(hashed, PASSWORD)
    report.reading(arm, "of a journey, argon2 alone", 2e3 * (_own_cpu() - before) / count, "ms")


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _round(report: Report, plan: Plan, product: Embedded | OnPostgres) -> None:
    async with product.database() as database:
        laid = await database.write(ground.lay, plan.pairs)
    database_cpu = product.cpu if isinstance(product, OnPostgres) else lambda: 0.0
    async with product.running() as running, client(running.port, load=_LOAD) as people:
        run_ = _Run(report, plan, product.name, running, database_cpu)
        await run_.everything(people, laid.clinics)
    told, writers = run_.told, {"patient": laid.patients, "staff": laid.staff}
    journeys = plan.warm + sum(count for _lanes, count in plan.lanes)
    promised = proof.Promised(
        entries=told["tickets"],
        claims=[(ticket, visit, laid.staff[n]) for ticket, visit, n in told["called"]],
        lines=[(visit, writers[who][n], key, seq) for visit, who, n, key, seq in told["lines"]],
        logins=2 * journeys + plan.sockets,
    )
    async with product.database() as database:
        found = await database.read(proof.examine, promised)
    proof.hold(report, product.name, found, promised)
    report.holds(
        f"{product.name}: every journey comes to its end",
        (len(promised.claims), len(promised.lines)) == (journeys, 10 * journeys),
    )


def run(plan: Plan | None = None, arms: tuple[str, ...] = ARMS) -> Report:
    """The products take turns, round by round, each with a fresh database."""
    plan = plan or Plan()
    report = Report("journey")
    for arm in arms:
        for what, most in GOALS.items():
            report.at_most(what, arm, most)
            report.compare(what, arm, PEER, goal=1, less_is_better=True)
    with ExitStack() as stack:
        cluster = None
        if OnPostgres.name in arms:
            cluster = stack.enter_context(Cluster(durable=True))
        for _ in range(plan.rounds):
            for what, (value, unit) in GIVEN.items():
                report.reading(PEER, what, value, unit)
            for arm in arms:
                _hashing(report, arm)
                with tempfile.TemporaryDirectory(prefix="vardrum-journey-") as name:
                    folder = Path(name)
                    product = OnPostgres(folder, cluster) if (
                        cluster is not None and arm == OnPostgres.name
                    ) else Embedded(folder)  # fmt: skip
                    uvloop.run(_round(report, plan, product))
    return report
