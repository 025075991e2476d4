"""Rounds of every outage, and what is wished for of each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop

from tests.bench.outages import browser, stock, workers
from tests.bench.outages.browser import CHROMIUM
from tests.bench.outages.stock import STOCK
from tests.bench.outages.workers import ROBOTS
from tests.bench.report import Report


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 3
    #: On the worker that is killed, and drained.
    visits: int = 12
    #: Seconds without network, and what that is called.
    outages: Sequence[tuple[float, str]] = ((3.0, browser.SHORT), (17.0, browser.LONG))


def run(plan: Plan | None = None) -> Report:
    """Gaps of the picture, in seconds, as people see them."""
    plan = plan or Plan()
    report = Report("outages")
    report.at_most(browser.SHORT, CHROMIUM, 1.0)
    report.compare(browser.SHORT, CHROMIUM, STOCK, goal=1, less_is_better=True)
    report.at_most(browser.DRAINED, CHROMIUM, 1.0)
    report.at_most(browser.KILLED, CHROMIUM, 5.0)
    report.at_most(workers.NOTICED, ROBOTS, 1.0)
    report.at_most(workers.BACK, ROBOTS, 5.0)
    report.at_most(workers.MOVED, ROBOTS, 1.0)
    uvloop.run(workers.measure(report, plan.visits, plan.rounds))
    for seconds, what in plan.outages:
        if what == browser.SHORT:
            uvloop.run(stock.measure(report, what, seconds, plan.rounds))
    failed: list[BaseException] = []

    def browse() -> None:
        try:
            browser.measure(report, plan.rounds, plan.outages)
        except BaseException as error:
            failed.append(error)

    # Playwright's synchronous interface wants a thread without anybody else's event loop.
    thread = threading.Thread(target=browse, name="outages")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return report
