"""A process full of robots, so that the load is not made by one core alone.

Speaks JSON lines on standard input and output: `{"do": NAME, …}` → the answer of `Generator.NAME`.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import aioice.ice
import uvloop

from tests.bench.clip import Clip
from tests.bench.report import percentile
from tests.bench.robot import MediaRobot, Way, talk
from tests.bench.serving import serve

#: Each latency is one packet in twenty; more than so many say nothing more.
_TOLD = 20_000


class Generator:
    """The robots of this process, by a number that the parent gives them."""

    def __init__(self, address: str, clip: Clip) -> None:
        # Only this one address, or every connection would be tried over all that the machine has.
        aioice.ice.get_host_addresses = lambda **_: [address]
        self._clip = clip
        self._robots: dict[int, MediaRobot] = {}

    async def answer(self, robot: int, sdp: str, way: Way, tagged: bool) -> dict[str, object]:
        """A new robot answers an offer."""
        self._robots[robot] = MediaRobot(self._clip, tagged=tagged)
        return {"sdp": await self._robots[robot].answer(sdp, way)}

    async def offer(self, robot: int, way: Way, tagged: bool) -> dict[str, object]:
        """A new robot makes an offer."""
        self._robots[robot] = MediaRobot(self._clip, tagged=tagged)
        return {"sdp": await self._robots[robot].offer(way)}

    async def accept(self, robot: int, sdp: str) -> dict[str, object]:
        """A robot takes the answer to its offer."""
        await self._robots[robot].accept(sdp)
        return {}

    async def connect(self, robots: Sequence[int]) -> dict[str, object]:
        """Wait until these are connected."""
        for robot in robots:
            await self._robots[robot].connected()
        return {}

    async def talk(self, robots: Sequence[int], seconds: float) -> dict[str, object]:
        """Let these send for so long. Counts are of this time alone, of all robots."""
        for each in self._robots.values():
            each.begin()
        began = time.process_time()
        late = await talk([self._robots[number] for number in robots], seconds)
        # What is still under way arrives.
        await asyncio.sleep(0.3)
        all_robots = self._robots.values()
        latencies = [took for each in all_robots for took in each.latencies]
        return {
            "sent": {number: each.sent for number, each in self._robots.items()},
            "received": {number: each.received for number, each in self._robots.items()},
            "pictures": {number: each.video_received for number, each in self._robots.items()},
            "latencies": latencies[:: 1 + len(latencies) // _TOLD],
            "late_p99": percentile(late, 0.99),
            "cpu": time.process_time() - began,
            "opened": sum(each.opened for each in all_robots),
            "unreadable": sum(each.unreadable for each in all_robots),
        }

    async def close(self) -> dict[str, object]:
        """Everybody goes."""
        for each in self._robots.values():
            await each.close()
        self._robots.clear()
        return {}


async def main(address: str, clip: Path) -> None:
    """Serve until standard input ends."""
    # A look through all that lives takes longer than a load may be late.
    gc.disable()
    generator = Generator(address, Clip.load(clip))
    await serve(generator)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], Path(sys.argv[2])))
