"""Does what the schedule says to an arm's processes, and to no others."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from infra.cluster import Member, processes
from tests.chaos.arm import Arm
from tests.chaos.proxy import Proxy
from tests.chaos.schedule import Fault, Kind
from tests.chaos.starting import start

#: Above what a process has logged: the log is not on the disk that is full.
_LOG_ROOM = 64 * 1024
#: Seconds that a media worker's death waits for somebody to have a picture.
_WAITS = 8.0


class Monkey:
    """Runs a schedule. Two faults of one process come one after the other."""

    def __init__(
        self, arm: Arm, proxy: Proxy, seed: int, seeing: Callable[[], bool] = lambda: True
    ) -> None:
        """`seeing`: whether somebody has a picture, so that a worker's death takes one away."""
        self._arm = arm
        self._proxy = proxy
        self._chance = random.Random(seed)
        self._seeing = seeing
        self._busy: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        #: When media workers were killed while nothing else was broken.
        self.deaths: list[float] = []
        self.done: list[Fault] = []
        self._now_broken = 0

    async def run(self, faults: Sequence[Fault]) -> None:
        """All of it; afterwards everything is as it should be."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                group.create_task(self._do(fault, began))

    async def _do(self, fault: Fault, began: float) -> None:
        async with self._busy[fault.target or fault.kind]:
            late = time.monotonic() - began - fault.at
            sys.stdout.write(f"  {fault}{f' ({late:.1f} s late)' if late > 0.5 else ''}\n")
            sys.stdout.flush()
            alone = self._now_broken == 0
            self._now_broken += 1
            try:
                await self._break(fault, alone=alone)
            finally:
                self._now_broken -= 1
            self.done.append(fault)

    async def _break(self, fault: Fault, *, alone: bool) -> None:
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
                await self._break_member(fault, member, alone=alone)
            case _:
                raise ValueError(f"there is no {fault.target}")

    async def _until_seeing(self) -> None:
        ends = time.monotonic() + _WAITS
        while not self._seeing() and time.monotonic() < ends:
            await asyncio.sleep(0.05)

    async def _break_member(self, fault: Fault, member: Member, *, alone: bool) -> None:
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
                await self._until_seeing()
                if workers := self._arm.workers(fault.target):
                    os.kill(self._chance.choice(workers), signal.SIGKILL)
                    if alone:
                        self.deaths.append(time.monotonic())
                    # Who is broken now, too, is not what the picture waits for.
                    await asyncio.sleep(5.0)
            case Kind.FREEZE_WORKER:
                if workers := self._arm.workers(fault.target):
                    frozen = [self._chance.choice(workers)]
                    processes.send(frozen, signal.SIGSTOP)
                    await asyncio.sleep(fault.lasts)
                    processes.send(frozen, signal.SIGCONT)
            case Kind.FULL_DISK:
                room = member.log.stat().st_size + _LOG_ROOM
                _limit(member.pid, room)
                await asyncio.sleep(fault.lasts)
                if member.running:
                    _limit(member.pid, resource.RLIM_INFINITY)
            case _:
                raise ValueError(fault.kind)


def _limit(pid: int, size: int) -> None:
    """No file of these processes may grow beyond so many bytes."""
    for each in processes.tree(pid):
        resource.prlimit(each, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
