"""What one operation costs when ever more people wait and ever more visits are open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from tests.bench.day import ground, proof
from tests.bench.day.clients import client
from tests.bench.day.plan import FILLING, TALKING, Kind, Plan, ident
from tests.bench.day.product import Product
from tests.bench.report import Report, percentile

#: Flat is what costs at most so many times as much with a hundred times as many.
FLAT = 1.5
#: Seconds after the operations in which what they cause is done, such as hints.
_AFTER = 0.5
#: What is measured; where half of all wait, and at clinics that share the other half.
KINDS = ("join a long queue", "join", "look, in a long queue", "look", "call from a long queue",
         "call", "write")  # fmt: skip


def arm(product: str, size: int) -> str:
    """What the arm of a size is called."""
    return f"{product}, {size:,} waiting"


def goals(report: Report, product: str, plan: Plan) -> None:
    """Ask whether each kind costs the largest what it costs the smallest."""
    least, *_, most = [plan.growth[0], *plan.growth]
    for kind in KINDS if most > least else ():
        report.compare(
            f"processor time to {kind}", arm(product, most), arm(product, least),
            goal=1 / FLAT, less_is_better=True,
        )  # fmt: skip


async def measure(report: Report, product: Product, plan: Plan, size: int) -> None:
    """One size, in a place of its own."""
    name = arm(product.name, size)
    async with product.database() as database:
        await database.write(ground.lay_growth, plan, size)
    promised = proof.Promised()
    async with product.running() as running, AsyncExitStack() as stack:
        ask = (await stack.enter_async_context(client(running.port))).ask
        pinger = await stack.enter_async_context(client(running.port))
        await pinger.ask("ping_on", first=TALKING + plan.talks, visits=plan.pinging)
        count, lines = plan.operations, 8
        long, others = (
            [ident(Kind.CLINIC, 0)],
            [ident(Kind.CLINIC, n) for n in range(1, plan.clinics)],
        )
        doctors = range(plan.clinics * plan.doctors)
        # Those who came last: the most are before them.
        far = range(FILLING + size - 1, FILLING, -2)
        near = range(FILLING + size - 2, FILLING - 1, -2)
        asked: dict[str, Callable[[], Any]] = {
            "join a long queue": lambda: ask(
                "grown", kind=0, count=count, clinics=long, lines=lines
            ),
            "join": lambda: ask("grown", kind=1, count=count, clinics=others, lines=lines),
            "look, in a long queue": lambda: ask("looks", numbers=list(far)[:count], lines=lines),
            "look": lambda: ask("looks", numbers=list(near)[:count], lines=lines),
            "call from a long queue": lambda: ask(
                "claims", doctors=[n for n in doctors if n % plan.clinics == 0],
                count=min(count, size // 4), lines=lines,
            ),
            "call": lambda: ask(
                "claims", doctors=[n for n in doctors if n % plan.clinics], lines=lines,
                count=min(count, size // 4),
            ),
            "write": lambda: ask("chat", first=TALKING, talks=plan.talks, count=count),
        }  # fmt: skip
        for kind in KINDS:
            before = running.cpu()
            told = await asked[kind]()
            await asyncio.sleep(_AFTER)
            cost = (running.cpu() - before) / max(1, len(told["times"]))
            report.reading(name, f"processor time to {kind}", 1e3 * cost, "ms")
            report.reading(name, f"{kind}, median", 1e3 * percentile(told["times"], 0.5), "ms")
            promised.entries += told.get("tickets", ())
            promised.claims += [tuple(each) for each in told.get("called", ())]
            promised.lines += [tuple(each) for each in told.get("acknowledged", ())]
        pings = await pinger.ask("ping_off")
        report.reading(name, "ping, 99th percentile", 1e3 * percentile(pings["times"], 0.99), "ms")
    async with product.database() as database:
        found = await database.read(proof.examine, promised)
    proof.hold(report, product.name, found, promised)
