"""A real Chromium on each side of the product, over networks that are broken on purpose."""

from __future__ import annotations

import itertools
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.report import Report
from tests.e2e import browsers
from tests.e2e.door import Door
from tests.e2e.meeting import in_call
from tests.e2e.network import Network
from tests.e2e.people import Person
from tests.e2e.product import Product, alive, started
from tests.e2e.watching import connections, still_by_video

CHROMIUM = "Chromium"
#: What the goals are about, by the words of the figures.
SHORT = "3 s without network: picture back after its return"
LONG = "17 s without network: picture back after its return"
REBOUND = "another address from the router: picture gone"
ROAMED = "from Wi-Fi to mobile: picture gone"
DRAINED = "worker drained: picture gone"
KILLED = "worker killed: picture gone"
#: Milliseconds until it is given up that a picture comes back.
_PATIENCE = 90_000
#: Pictures in a row, none later than this (milliseconds) after the one before: it moves again.
_MOVING = 5
_STEADY = 400

#: When each picture of the others was shown, on the page's clock.
_WATCH = """
(() => {
  window.__shown = [];
  const known = new WeakSet();
  const look = () => {
    for (const video of document.querySelectorAll('video')) {
      if (known.has(video)) continue;
      known.add(video);
      const next = () => {
        if (!('own' in video.dataset)) window.__shown.push(performance.now());
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""


@dataclass(frozen=True)
class Moment:
    """An instant, on each page's own clock."""

    at: dict[Person, float]


class Eyes:
    """What both see of each other."""

    def __init__(self, *people: Person) -> None:
        self.people = people

    def rest(self) -> None:
        """Let what was before calm down, and forget it."""
        self.people[0].page.wait_for_timeout(1_500)
        for each in self.people:
            each.page.evaluate("() => { window.__shown.length = 0; }")

    def now(self) -> Moment:
        """This instant. What a page is asked it is asked within milliseconds."""
        return Moment({each: each.page.evaluate("performance.now()") for each in self.people})

    def back(self, since: Moment) -> float:
        """Seconds until both saw a moving picture again."""
        return max(self._moving(each, since.at[each]) for each in self.people) / 1e3

    def gap(self, since: Moment) -> float:
        """The longest that either saw no new picture, in seconds, until all moved again."""
        longest = 0.0
        for each in self.people:
            shown: Sequence[float] = each.page.evaluate("window.__shown")
            first = max((at for at in shown if at < since.at[each]), default=since.at[each])
            times = [first, *(at for at in shown if at >= since.at[each])]
            gaps = [after - before for before, after in itertools.pairwise(times)]
            longest = max([longest, *gaps])
        return longest / 1e3

    @staticmethod
    def _moving(person: Person, since: float) -> float:
        """Milliseconds until the first of some pictures in a row; waits for them."""
        found = person.page.wait_for_function(
            """([since, wanted, steady]) => {
              const shown = window.__shown.filter((at) => at > since);
              for (let first = 0; first + wanted <= shown.length; first += 1) {
                const row = shown.slice(first, first + wanted);
                if (row.every((at, index) => !index || at - row[index - 1] < steady))
                  return { back: row[0] - since };
              }
              return null;
            }""",
            arg=[since, _MOVING, _STEADY],
            timeout=_PATIENCE,
        ).json_value()
        return float(found["back"])


def _lost(report: Report, eyes: Eyes, lost: Person, seconds: float, what: str) -> None:
    before = connections(lost)
    lost.link.cut()
    lost.page.wait_for_timeout(1_000 * seconds)
    since = eyes.now()
    lost.link.restore()
    report.reading(CHROMIUM, what, eyes.back(since), "s")
    report.reading(CHROMIUM, f"{what}, connections made anew", connections(lost) - before, "")


def _moved(
    report: Report, eyes: Eyes, person: Person, change: Callable[[str], None], host: str, what: str
) -> None:
    before = connections(person)
    since = eyes.now()
    change(host)
    # The first pictures after it may have been under way; then there is none, until there is.
    person.page.wait_for_timeout(1_000)
    eyes.back(eyes.now())
    report.reading(CHROMIUM, what, eyes.gap(since), "s")
    report.reading(CHROMIUM, f"{what}, connections made anew", connections(person) - before, "")


def _worker(report: Report, eyes: Eyes, pid: int, how: signal.Signals, what: str) -> None:
    made = [connections(each) for each in eyes.people]
    since = eyes.now()
    os.kill(pid, how)
    for each, before in zip(eyes.people, made, strict=True):
        each.page.wait_for_function(
            "(before) => window.__peers.length > before", arg=before, timeout=_PATIENCE
        )
    eyes.back(eyes.now())
    report.reading(CHROMIUM, what, eyes.gap(since), "s")
    while alive(pid):
        eyes.people[0].page.wait_for_timeout(100)


@contextmanager
def _visit(product: Product) -> Iterator[Eyes]:
    network = Network()
    try:
        with sync_playwright() as playwright, browsers.running(playwright) as running:
            door = Door(product, running, network)

            def enter(*who: object, **how: object) -> Person:
                person: Person = door(*who, **how)  # type: ignore[arg-type]
                person.context.add_init_script(_WATCH)
                return person

            yield Eyes(*in_call(enter))
            door.close()
    finally:
        network.stop()


def measure(report: Report, rounds: int, outages: Sequence[tuple[float, str]]) -> None:
    """One visit of two. Blocks, and has an event loop of its own: to be run in a thread."""
    with tempfile.TemporaryDirectory(prefix="vardrum-bench-") as folder:
        product = started(Path(folder), media_workers=2)
        try:
            with _visit(product) as eyes:
                for number in range(rounds):
                    _round(report, product, eyes, outages, number)
        finally:
            product.stop()


def _round(
    report: Report,
    product: Product,
    eyes: Eyes,
    outages: Sequence[tuple[float, str]],
    number: int,
) -> None:
    who = eyes.people[number % 2]
    for seconds, what in outages:
        eyes.rest()
        _lost(report, eyes, who, seconds, what)
    # Addresses of this machine's own, of which nobody has heard before.
    host = f"127.0.{1 + number}"
    for change, own, what in (
        (who.link.rebind, f"{host}.2", REBOUND),
        (who.link.change_network, f"{host}.3", ROAMED),
    ):
        eyes.rest()
        _moved(report, eyes, who, change, own, what)
    # The visit is at the first worker, then at the second, and back.
    for home, (sent, what) in enumerate(((signal.SIGTERM, DRAINED), (signal.SIGKILL, KILLED))):
        other = product.media_worker(1 - home)
        eyes.rest()
        _worker(report, eyes, product.media_worker(home), sent, what)
        report.holds("the visit moved to the other worker", product.media_worker(1 - home) == other)
    for each in eyes.people:
        still_by_video(each)
    report.holds("the visit goes on by video", True)
