"""`python -m tests.bench.day [--scale PART | --full] [--only PART …]`: see docs/benchmarks.md."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from tests.bench.day import ground, growth, phases, proof, writes
from tests.bench.day.phases import Day
from tests.bench.day.plan import Plan
from tests.bench.day.product import Opened, Product, clustered, embedded
from tests.bench.report import Report

PARTS = ("day", "growth", "writes")
ENGINES: dict[str, Opened] = {"embedded": embedded, "cluster": clustered}
#: The goals, for four cores and the embedded product.
PING, WHOLE_DAY, WITHOUT_HASHING, REFUSED = 20.0, 900.0, 20.0, 5.0


def _goals(report: Report, arm: str, plan: Plan) -> None:
    for phase in phases.PHASES:
        report.at_most(f"{phase}: ping, 99th percentile", arm, PING)
    for size in plan.growth:
        report.at_most("ping, 99th percentile", growth.arm(arm, size), PING)
    report.at_most(f"{phases.MIXED}: the whole day", arm, WHOLE_DAY)
    report.at_most(f"{phases.WITHOUT}: all of the day's", arm, WITHOUT_HASHING)
    report.at_most(f"{phases.ATTACK}: honest logins refused", arm, REFUSED)
    report.at_most(f"{phases.ATTACK}: timeouts", arm, 0)
    growth.goals(report, arm, plan)


async def _day(report: Report, product: Product, plan: Plan) -> None:
    async with product.database() as database:
        await database.write(ground.lay, plan)
        before = await database.read(proof.examine, proof.Promised())
    async with product.running() as running, AsyncExitStack() as stack:
        day = Day(report, product.name, plan, running, stack)
        await day.start()
        await day.without_logins()
        await day.logins()
        await day.mixed()
        await day.attack()
        await day.storm()
    day.promised.logins += before.sessions
    async with product.database() as database:
        found = await database.read(proof.examine, day.promised)
    proof.hold(report, product.name, found, day.promised)


async def _all(
    report: Report, plan: Plan, parts: tuple[str, ...], engines: tuple[str, ...]
) -> None:
    for engine in engines:
        sizes = plan.growth if "growth" in parts else ()
        for size in [0, *sizes] if "day" in parts else sizes:
            with tempfile.TemporaryDirectory(prefix="vardrum-day-") as folder:
                async with ENGINES[engine](Path(folder)) as product:
                    await (
                        growth.measure(report, product, plan, size)
                        if size
                        else _day(report, product, plan)
                    )
    if "writes" in parts:
        await writes.measure(report, plan)


def run(
    plan: Plan | None = None,
    parts: tuple[str, ...] = PARTS,
    engines: tuple[str, ...] = ("embedded",),
) -> Report:
    """A day at the plan's scale; what it says of the whole day is reckoned from that."""
    plan = plan or Plan()
    report = Report("day")
    for engine in engines:
        _goals(report, engine, plan)
    report.compare(writes.WRITES, writes.OURS, writes.BASELINE, goal=10)
    report.compare(writes.CPU, writes.OURS, writes.BASELINE, goal=10, less_is_better=True)
    uvloop.run(_all(report, plan, parts, engines))
    return report
