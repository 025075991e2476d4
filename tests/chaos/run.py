"""One run of one arm: robots, monkey, and what holds afterwards."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.clip import Clip, clip
from tests.chaos.arm import Arm
from tests.chaos.clustered import Clustered
from tests.chaos.embedded import Embedded
from tests.chaos.monkey import Monkey
from tests.chaos.proxy import Proxy
from tests.chaos.report import Seen, report
from tests.chaos.schedule import schedule
from tests.chaos.stored import stored
from tests.robots import Crowd, Part
from tests.robots.plan import DOCTORS, PATIENTS
from tests.robots.web import Habits

ARMS: dict[str, Callable[[Path], AbstractContextManager[Arm]]] = {
    "embedded": Embedded,
    "cluster": Clustered,
}
#: Seconds that everybody has to finish in once nothing is broken any more.
_AFTERWARDS = 240.0
_FRAMES = 30


@dataclass(frozen=True)
class Size:
    """How much of it: seconds of faults, seconds between them, patients at once."""

    seconds: float
    every: float
    patients: int
    #: Seconds until a picture must be back after its worker's death.
    goal: float = 5.0


def run(arm: str, seed: int, size: Size) -> bool:
    """Whether everything held. Says all of it on standard output."""
    _say(
        f"{arm}, seed {seed}: to see it again, python -m tests.chaos --arm {arm} --seed {seed} "
        f"--seconds {size.seconds:g} --every {size.every:g} --patients {size.patients} "
        f"--goal {size.goal:g}"
    )
    with tempfile.TemporaryDirectory(prefix="vardrum-chaos-") as folder:
        ready = clip(_FRAMES)
        with ARMS[arm](Path(folder)) as started:
            seen = asyncio.run(_live(started, seed, size, ready))
            # Beside the servers, as `vardrum verify-log` does.
            held = report(seen, asyncio.run(stored(started.settings)), size.goal)
            logs = {name: member.log for name, member in started.members.items()}
        if not held:
            for name, log in logs.items():
                _say(f"--- {name}\n{log.read_text(errors='replace')[-4000:]}")
    return held


async def _live(arm: Arm, seed: int, size: Size, ready: Clip) -> Seen:
    faults = schedule(seed, size.seconds, size.every, arm.targets)
    _say(f"{len(faults)} faults over {size.seconds:g} s:")
    over = asyncio.Event()
    part = Part(
        journeys=1, over=over, video=0.7, visit=6.0,
        habits=Habits(doubled=0.1, belated=0.1, heartbeat=4.0, timeout=6.0),
    )  # fmt: skip
    async with Proxy(arm.port) as proxy:
        crowd = Crowd(
            [proxy.url], part, patients=PATIENTS[: size.patients], clinicians=DOCTORS,
            seed=seed, clip=ready,
        )  # fmt: skip
        monkey = Monkey(arm, proxy, seed, crowd.ledgers)

        async def play() -> None:
            try:
                await monkey.run(faults)
            finally:
                over.set()

        try:
            async with (
                asyncio.timeout(2 * size.seconds + _AFTERWARDS),
                asyncio.TaskGroup() as group,
            ):
                group.create_task(crowd.run())
                group.create_task(play())
        except TimeoutError:
            for ledger in crowd.ledgers:
                ledger.unfinished.append("the run had to be ended")
    return Seen(crowd.ledgers, monkey.deaths, time.monotonic(), monkey.done)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
