"""The phases of a day, one after the other, and what each of them is measured by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.bench.day import ground
from tests.bench.day.clients import client
from tests.bench.day.plan import RETURNING, TALKING, Kind, Plan, ident
from tests.bench.day.product import Running
from tests.bench.day.proof import Promised
from tests.bench.report import Report, percentile

#: Twice what can be hashed, and four fifths of it from one.
OVERLOAD, ATTACKER = 2.0, 0.8
#: Seconds within which clients come back, as a server that stops tells them to.
WITHIN = 2.0
WITHOUT, LOGINS, MIXED, ATTACK, STORM = "no logins", "logins", "mixed", "attack", "storm"
PHASES = (WITHOUT, LOGINS, MIXED, ATTACK, STORM)


class Day:
    """Runs the phases against a product that answers."""

    def __init__(
        self, report: Report, arm: str, plan: Plan, product: Running, stack: AsyncExitStack
    ) -> None:
        self._report = report
        self._arm = arm
        self._plan = plan
        self._product = product
        self._stack = stack
        self.promised = Promised()
        self._capacity = 0.0

    async def start(self) -> None:
        """Start the clients."""
        one = self._stack.enter_async_context
        port = self._product.port
        self._pinger, self._patients, self._doctors, self._writers, self._people = [
            await one(client(port)) for _ in range(5)
        ]

    async def without_logins(self) -> None:
        """All entries, claims and messages of the day, by people who are logged in."""
        async with self._phase(WITHOUT) as done:
            seconds, operations = await self._work(0)
            done.append(operations)
        self._say(f"{WITHOUT}: all of the day's", seconds / self._plan.scale, "s")
        self._say(f"{WITHOUT}: operations", operations / seconds, "/s")

    async def logins(self) -> None:
        """Half of the day's logins and nothing else; this is what can be hashed."""
        count = max(1, self._plan.logins // 2)
        async with self._phase(LOGINS) as done:
            told = await self._log_in(0, count)
            done.append(count)
        self._capacity = count / told["seconds"]
        self._say(f"{LOGINS}: logins", self._capacity, "/s")

    async def mixed(self) -> None:
        """Everything of the day at once."""
        async with self._phase(MIXED):
            began = asyncio.get_running_loop().time()
            await asyncio.gather(
                self._log_in(1 << 20, self._plan.logins), self._work(self._plan.entries)
            )
            seconds = asyncio.get_running_loop().time() - began
        self._say(f"{MIXED}: the whole day", seconds / self._plan.scale, "s")

    async def attack(self) -> None:
        """Logins at twice what can be hashed, most of them from one attacker."""
        async with self._phase(ATTACK):
            told = await self._people.ask(
                "attack",
                rate=OVERLOAD * self._capacity,
                seconds=self._plan.overload,
                people=ground.people_of_day(self._plan),
                share=ATTACKER,
            )
        honest, hostile = told["statuses"], told["hostile"]["statuses"]
        self.promised.logins += honest.get("201", 0) + hostile.get("201", 0)
        refused = 1 - honest.get("201", 0) / max(1, sum(honest.values()))
        self._say(f"{ATTACK}: honest logins refused", 100 * refused, "%")
        self._say(f"{ATTACK}: honest, 99th percentile", 1e3 * percentile(told["times"], 0.99), "ms")
        silence = honest.get("0", 0) + hostile.get("0", 0)
        self._say(f"{ATTACK}: timeouts", float(silence), "times")
        self._fault(honest, hostile)

    async def storm(self) -> None:
        """Everybody's connection breaks at once, and everybody comes back."""
        async with self._phase(STORM) as done:
            done.append(2 * self._plan.clients)
            told = await self._people.ask(
                "storm", first=RETURNING, count=self._plan.clients, within=WITHIN
            )
        back = len(told["times"])
        self._say(f"{STORM}: all are back after", told["seconds"], "s")
        self._say(f"{STORM}: coming back, 99th p.", 1e3 * percentile(told["times"], 0.99), "ms")
        self._say(f"{STORM}: attempts that failed", float(sum(told["failed"].values())), "times")
        self._report.holds(f"{self._arm}: everybody comes back", back == self._plan.clients)

    async def _log_in(self, first: int, count: int) -> Any:
        told = await self._people.ask(
            "logins", first=first, count=count, people=ground.people_of_day(self._plan),
            lines=self._plan.lines,
        )  # fmt: skip
        self.promised.logins += told["statuses"].get("201", 0)
        self._fault(told["statuses"])
        return told

    async def _work(self, first: int) -> tuple[float, int]:
        """Entries, as many claims, and messages, at once: seconds until all are done, and count."""
        plan = self._plan
        clinics = [ident(Kind.CLINIC, number) for number in range(plan.clinics)]
        entered, called, written = await asyncio.gather(
            self._patients.ask(
                "entries", first=first, count=plan.entries, clinics=clinics, lines=plan.lines
            ),
            self._doctors.ask(
                "claims", doctors=list(range(plan.clinics * plan.doctors)), count=plan.entries,
                lines=plan.lines,
            ),
            self._writers.ask("chat", first=TALKING, talks=plan.talks, count=plan.messages),
        )  # fmt: skip
        self.promised.entries += entered["tickets"]
        self.promised.claims += [tuple(each) for each in called["called"]]
        self.promised.lines += [tuple(each) for each in written["acknowledged"]]
        self._fault(entered["statuses"], called["statuses"])
        phase = MIXED if first else WITHOUT
        for what, told in (("join", entered), ("call", called), ("write", written)):
            self._say(
                f"{phase}: to {what}, 99th perc.", 1e3 * percentile(told["times"], 0.99), "ms"
            )
        # No promise: a page that misses a number fetches what is between.
        self._say(f"{phase}: lines that came late", float(written["disordered"]), "times")
        self._say(f"{phase}: line to peer, median", 1e3 * percentile(written["seen"], 0.5), "ms")
        self._say(
            f"{phase}: its clients' time",
            sum(each["cpu"] for each in (entered, called, written)),
            "s",
        )
        seconds = max(each["seconds"] for each in (entered, called, written))
        return seconds, 2 * plan.entries + plan.messages

    def _fault(self, *statuses: dict[str, int]) -> None:
        """What is answered is a success, a refusal with a time to come again, or nothing there."""
        known = {"0", "200", "201", "401", "409", "429", "503"}
        self._report.holds(
            f"{self._arm}: no fault of the server's own",
            all(set(each) <= known for each in statuses),
        )

    def _say(self, what: str, value: float, unit: str) -> None:
        self._report.reading(self._arm, what, value, unit)

    @asynccontextmanager
    async def _phase(self, name: str) -> AsyncIterator[list[int]]:
        """Ping meanwhile, and count what the product's processes work.

        What operations were done goes into the list, to divide that by.
        """
        done: list[int] = []
        await self._pinger.ask(
            "ping_on", first=TALKING + self._plan.talks, visits=self._plan.pinging
        )
        worked, began = self._product.cpu(), asyncio.get_running_loop().time()
        yield done
        worked = self._product.cpu() - worked
        took = asyncio.get_running_loop().time() - began
        told = await self._pinger.ask("ping_off")
        self._say(f"{name}: ping, median", 1e3 * percentile(told["times"], 0.5), "ms")
        self._say(f"{name}: ping, 99th percentile", 1e3 * percentile(told["times"], 0.99), "ms")
        # What the pinging process itself was late, on a machine that it shares.
        self._say(f"{name}: pinger late, 99th perc.", 1e3 * percentile(told["late"], 0.99), "ms")
        self._say(f"{name}: pings without an answer", float(told["unanswered"]), "times")
        self._say(f"{name}: processor time", worked, "s")
        if done:
            self._say(f"{name}: proc. time an operation", 1e3 * worked / sum(done), "ms")
        self._say(f"{name}: cores in use", worked / took, "")
