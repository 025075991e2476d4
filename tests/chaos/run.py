"""One run of one arm: robots, monkey, and what holds afterwards."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.clip import Clip, clip
from tests.chaos import pictures
from tests.chaos.arm import Arm
from tests.chaos.clustered import Clustered
from tests.chaos.embedded import Embedded
from tests.chaos.invariants import CHECKS
from tests.chaos.monkey import Monkey
from tests.chaos.proxy import Proxy
from tests.chaos.schedule import schedule
from tests.chaos.stored import stored
from tests.robots import Crowd, Ledger, Part
from tests.robots.plan import DOCTORS, PATIENTS
from tests.robots.web import Habits

ARMS: dict[str, Callable[[Path], AbstractContextManager[Arm]]] = {
    "embedded": Embedded,
    "cluster": Clustered,
}
#: Seconds that everybody has to finish in once nothing is broken any more.
_AFTERWARDS = 240.0
_FRAMES = 30
#: Seconds until a picture is back.
_GOAL = 5.0
#: Complaints of one kind that are shown.
_SHOWN = 5


@dataclass(frozen=True)
class Size:
    """How much of it: seconds of faults, seconds between them, patients at once."""

    seconds: float
    every: float
    patients: int


def run(arm: str, seed: int, size: Size) -> bool:
    """Whether everything held. Says all of it on standard output."""
    _say(
        f"{arm}, seed {seed}: to see it again, python -m tests.chaos --arm {arm} --seed {seed} "
        f"--seconds {size.seconds:g} --every {size.every:g} --patients {size.patients}"
    )
    with tempfile.TemporaryDirectory(prefix="vardrum-chaos-") as folder:
        ready = clip(_FRAMES)
        with ARMS[arm](Path(folder)) as started:
            ledgers, deaths, end = asyncio.run(_live(started, seed, size, ready))
            # Beside the servers, as `vardrum verify-log` does.
            held = asyncio.run(_judge(started, ledgers, deaths, end))
            logs = {name: member.log for name, member in started.members.items()}
        if not held:
            for name, log in logs.items():
                _say(f"--- {name}\n{log.read_text(errors='replace')[-4000:]}")
    return held


async def _live(
    arm: Arm, seed: int, size: Size, ready: Clip
) -> tuple[list[Ledger], list[float], float]:
    faults = schedule(seed, size.seconds, size.every, arm.targets)
    _say(f"{len(faults)} faults over {size.seconds:g} s:")
    part = Part(
        journeys=1, lasts=size.seconds, video=0.7, visit=6.0,
        habits=Habits(doubled=0.1, belated=0.1, heartbeat=4.0, timeout=6.0),
    )  # fmt: skip
    async with Proxy(arm.port) as proxy:
        crowd = Crowd(
            [proxy.url], part, patients=PATIENTS[: size.patients], clinicians=DOCTORS,
            seed=seed, clip=ready,
        )  # fmt: skip
        monkey = Monkey(arm, proxy, seed, lambda: pictures.seeing(crowd.ledgers, time.monotonic()))
        try:
            async with asyncio.timeout(size.seconds + _AFTERWARDS), asyncio.TaskGroup() as group:
                group.create_task(crowd.run())
                group.create_task(monkey.run(faults))
        except TimeoutError:
            for ledger in crowd.ledgers:
                ledger.unfinished.append("the run had to be ended")
    return crowd.ledgers, monkey.deaths, time.monotonic()


async def _judge(arm: Arm, ledgers: list[Ledger], deaths: list[float], end: float) -> bool:
    found = await stored(arm.settings)
    complaints = {what: check(ledgers, found) for what, check in CHECKS.items()}
    complaints["whoever lost a picture saw one again"] = pictures.forgotten(deaths, ledgers, end)
    troubles: Counter[str] = Counter()
    for ledger in ledgers:
        troubles += ledger.troubles
    _say(
        f"{sum(each.journeys for each in ledgers)} journeys, {len(found.visits)} visits, "
        f"{len(found.messages)} lines, {sum(len(each.places) for each in ledgers)} places told, "
        f"{found.log_lines} lines of the access log"
    )
    _say("robots met: " + ", ".join(f"{what} {n}" for what, n in sorted(troubles.items())))
    backs = [each for death in deaths for each in pictures.after(death, ledgers, end)]
    came = [each.after for each in backs if each.after is not None]
    _say(
        f"{len(deaths)} deaths of a media worker with all else whole took {len(backs)} pictures "
        f"away, of which {len(came)} came back before their visit's end"
    )
    if came:
        _say(
            f"  at the latest after {max(came):.1f} s "
            f"(goal 5 s: {'met' if max(came) <= _GOAL else 'MISSED'})"
        )
    for what, said in complaints.items():
        _say(f"  {'BROKEN' if said else 'held  '} {what}")
        for each in said[:_SHOWN]:
            _say(f"         {each}")
        if len(said) > _SHOWN:
            _say(f"         and {len(said) - _SHOWN} more")
    return not any(complaints.values())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
