"""What a 720p visit costs the server: our relay, which forwards, and aiortc's MediaRelay.

Real ICE and DTLS-SRTP peers send the same clip to both. The figure is the CPU time of the server's
process, read from the kernel, over the time that passed, for each visit (two people). How we stand
beside Janus, and under more load, is the `relay` benchmark's to say.
"""

from __future__ import annotations

import uvloop

from tests.bench.process import cores
from tests.bench.relay.load import generators
from tests.bench.relay.run import ARMS, OURS, STOCK, Plan, Round, own_address, sound
from tests.bench.report import Report


async def _all(report: Report, visits: int, rounds: int, seconds: float) -> None:
    address, plan = own_address(), Plan(seconds=seconds, warm=min(2.0, seconds))
    async with generators(address, cores()[1]) as homes:
        for _ in range(rounds):
            for name, at_once in ((OURS, visits), (STOCK, 1)):
                async with ARMS[name](address) as arm:
                    step = await Round(plan, arm, homes).step(at_once)
                    report.reading(name, "server CPU a visit", step.cores / at_once, "cores")
                    sound(report, name, step.heard)
                    if name == OURS:
                        report.holds(
                            f"{name}: 99 of 100 packets arrive", step.heard.delivered >= 0.99
                        )
                    for home in homes:
                        await home.ask("close")


def run(*, visits: int = 8, rounds: int = 3, seconds: float = 8.0) -> Report:
    """Ours carries `visits` at once; the baseline has one, for more would not fit in a core."""
    report = Report("media")
    report.compare("server CPU a visit", OURS, STOCK, goal=100, less_is_better=True)
    uvloop.run(_all(report, visits, rounds, seconds))
    return report
