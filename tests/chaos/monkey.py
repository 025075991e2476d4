"""Does what the schedule says to an arm's processes, and to no others."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from infra.cluster import Member, processes
from infra.cluster.programs import program
from tests.chaos import pictures
from tests.chaos.arm import Arm
from tests.chaos.proxy import Proxy
from tests.chaos.schedule import Fault, Kind
from tests.chaos.starting import stand, start
from tests.robots.ledger import Ledger

#: Above what a process has logged: the log is not on the disk that is full.
_LOG_ROOM = 64 * 1024
#: What is written comes in pages: a full disk leaves no half of one.
_PAGE = 8 * 1024
#: Seconds that a worker's death waits for somebody's picture, and all else for its return.
_WAITS = 30.0
_UNTIL_BACK = 20.0


class Monkey:
    """Runs a schedule. Two faults of one process come one after the other.

    A media worker is killed when nothing else is broken and somebody has a picture, and all else
    waits until it is back: so what is timed is that death, and it is in every run.
    """

    def __init__(self, arm: Arm, proxy: Proxy, seed: int, ledgers: Sequence[Ledger]) -> None:
        """`ledgers` say who has a picture."""
        self._arm = arm
        self._proxy = proxy
        self._chance = random.Random(seed)
        self._ledgers = ledgers
        self._busy: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        #: When media workers were killed while nothing else was broken.
        self.deaths: list[float] = []
        #: How often what was done to whom.
        self.done: Counter[str] = Counter()
        self._now_broken = 0

    async def run(self, faults: Sequence[Fault]) -> None:
        """All of it; afterwards everything is as it should be."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                doing = group.create_task(self._do(fault, began))
                if fault.kind is Kind.KILL_WORKER:
                    await asyncio.wait([doing])
                    # Those behind it keep their distances.
                    began = time.monotonic() - fault.at

    async def _do(self, fault: Fault, began: float) -> None:
        async with self._busy[fault.target or fault.kind]:
            late = time.monotonic() - began - fault.at
            sys.stdout.write(f"  {fault}{f' ({late:.1f} s late)' if late > 0.5 else ''}\n")
            sys.stdout.flush()
            self._now_broken += 1
            try:
                if await self._break(fault):
                    self.done[f"{fault.kind} {fault.target}".strip()] += 1
            finally:
                self._now_broken -= 1

    async def _break(self, fault: Fault) -> bool:
        """False: there was nobody to do it to."""
        member = self._arm.members.get(fault.target)
        match fault.kind:
            case Kind.CUT:
                self._proxy.cut(fault.amount, self._chance)
            case Kind.DELAY:
                self._proxy.delay = fault.amount
                await asyncio.sleep(fault.lasts)
                self._proxy.delay = 0.0
            case Kind.CLOCK:
                self._arm.shift.set(fault.amount)
                await asyncio.sleep(fault.lasts)
                self._arm.shift.set(0)
            case _ if member is not None:
                return await self._break_member(fault, member)
            case _:
                raise ValueError(f"there is no {fault.target}")
        return True

    @staticmethod
    async def _until(holds: Callable[[], bool], within: float) -> None:
        ends = time.monotonic() + within
        while not holds() and time.monotonic() < ends:
            await asyncio.sleep(0.05)

    def _calm(self) -> bool:
        return self._now_broken == 1 and pictures.seeing(self._ledgers, time.monotonic())

    async def _kill_worker(self, fault: Fault) -> bool:
        await self._until(self._calm, _WAITS)
        workers = self._arm.workers(fault.target)
        if not workers:
            return False
        alone = self._now_broken == 1
        os.kill(self._chance.choice(workers), signal.SIGKILL)
        died = time.monotonic()
        if alone:
            self.deaths.append(died)
        # What is under way still comes.
        await asyncio.sleep(2.0)
        await self._until(
            lambda: not pictures.away(died, self._ledgers, time.monotonic()), _UNTIL_BACK
        )
        return True

    async def _break_member(self, fault: Fault, member: Member) -> bool:
        match fault.kind:
            case Kind.KILL:
                await asyncio.to_thread(member.kill)
                await asyncio.sleep(fault.lasts)
                await asyncio.to_thread(start, member)
            case Kind.FREEZE:
                member.pause()
                await asyncio.sleep(fault.lasts)
                member.resume()
            case Kind.RESTART:
                member.ask_to_end()
                await asyncio.to_thread(member.await_end)
                await asyncio.to_thread(start, member)
            case Kind.KILL_WORKER:
                return await self._kill_worker(fault)
            case Kind.FREEZE_WORKER:
                workers = self._arm.workers(fault.target)
                if not workers:
                    return False
                frozen = [self._chance.choice(workers)]
                processes.send(frozen, signal.SIGSTOP)
                await asyncio.sleep(fault.lasts)
                processes.send(frozen, signal.SIGCONT)
            case Kind.FULL_DISK:
                room = member.log.stat().st_size + _LOG_ROOM
                await asyncio.to_thread(_limit, member, str(room - room % _PAGE))
                await asyncio.sleep(fault.lasts)
                if member.running:
                    await asyncio.to_thread(_limit, member, "unlimited")
                # PostgreSQL that can't write its log recovers or ends, as it must.
                await asyncio.to_thread(stand, member)
            case _:
                raise ValueError(fault.kind)
        return True


def _limit(member: Member, size: str) -> None:
    """No file of a member's processes may grow beyond so many bytes."""
    # Twice: what is started meanwhile has the limit that its parent had.
    for each in (*processes.tree(member.pid), *processes.tree(member.pid)):
        done = subprocess.run(
            [program("prlimit", "util-linux"), f"--pid={each}", f"--fsize={size}:unlimited"],
            # Of another's process not even root may say it in every container.
            check=False, capture_output=True, text=True, **member.run_as,
        )  # fmt: skip
        if done.returncode != 0 and processes.alive(each):
            raise RuntimeError(f"the disk of {member.name} can't be filled: {done.stderr}")
