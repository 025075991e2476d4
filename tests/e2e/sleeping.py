"""A laptop whose lid is closed: the process of a page stands still, and knows nothing of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .people import Person

#: Two processes of the browser are told apart by this much processor time, in seconds.
_APART = 0.1
_BURN = "() => { const ends = performance.now() + 300; while (performance.now() < ends); }"


@contextmanager
def asleep(person: Person) -> Iterator[None]:
    """Nothing of her page runs meanwhile: no script, no worker, no packet, no timer of WebRTC.

    Chromium alone. Its own "frozen" does nothing to a page without a window, and a debugger's pause
    nothing to what is not script, so the page's process is stopped.
    """
    page = person.page
    page.evaluate(
        """() => {
          let last = performance.now();
          window.__slept = 0;
          setInterval(() => {
            const now = performance.now();
            window.__slept = Math.max(window.__slept, now - last);
            last = now;
          }, 100);
        }"""
    )
    process = _process_of(person)
    began = time.monotonic()
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        slept = time.monotonic() - began
        os.kill(process, signal.SIGCONT)
    # It did sleep, and at a stretch.
    page.wait_for_function("(ms) => window.__slept > ms", arg=900 * slept, timeout=15_000)


def _process_of(person: Person) -> int:
    """The process of her page: the one whose processor time is what the page says of its own."""
    whole = person.context.browser
    assert whole is not None
    browser, page = whole.new_browser_cdp_session(), person.context.new_cdp_session(person.page)
    try:
        page.send("Performance.enable")
        while True:
            said = _own_time(page.send("Performance.getMetrics"))
            told = browser.send("SystemInfo.getProcessInfo")["processInfo"]
            renderers = [int(each["id"]) for each in told if each["type"] == "renderer"]
            off = sorted((abs(_time_of(pid) - said), pid) for pid in renderers)
            if off[0][0] < _APART and (len(off) == 1 or off[1][0] - off[0][0] > _APART):
                return off[0][1]
            person.page.evaluate(_BURN)
    finally:
        browser.detach()
        page.detach()


def _own_time(told: dict[str, Any]) -> float:
    return float(next(it["value"] for it in told["metrics"] if it["name"] == "ProcessTime"))


def _time_of(pid: int) -> float:
    """Seconds of processor time, by Linux's `/proc`."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # ended while we looked
        return float("inf")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
