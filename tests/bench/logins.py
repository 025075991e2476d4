"""Logins at twice what the machine can hash: our bounded, fair pool against an unbounded one.

An open load: people arrive whether or not those before them got in, and leave after `PATIENCE`. One
client sends a third of all. Beside them somebody who is logged in already looks at a page.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import uvloop

from tests.bench.login_server import PASSWORD, PEOPLE
from tests.bench.report import ROOT, Report, percentile

BOUNDED, UNBOUNDED = "bounded, fair pool", "unbounded threads"
_ARMS = {BOUNDED: "bounded", UNBOUNDED: "unbounded"}
PATIENCE = 5.0
#: An answer that comes this late is no use to whoever waits before a phone.
PROMPT = 1.0
_GREEDY = "203.0.113.9"


@dataclass
class Seen:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    logged_in: list[float] = field(default_factory=list)
    modest: list[bool] = field(default_factory=list)
    gave_up: int = 0
    page: list[float] = field(default_factory=list)
    without_wait: int = 0


async def _log_in(http: aiohttp.ClientSession, seen: Seen, number: int, client: str) -> None:
    began = time.monotonic()
    status = 0
    try:
        async with http.post(
            "/api/v1/patient/session",
            json={"username": f"p{number % PEOPLE}", "password": PASSWORD},
            headers={
                "X-Vardrum": "1",
                "Idempotency-Key": str(uuid.uuid4()),
                "X-Forwarded-For": client,
            },
            timeout=aiohttp.ClientTimeout(PATIENCE),
        ) as answer:
            await answer.read()
            status = answer.status
            seen.without_wait += status in (429, 503) and "Retry-After" not in answer.headers
    except TimeoutError:
        seen.gave_up += 1
    took = time.monotonic() - began
    seen.statuses[status] += 1
    if status == 201:
        seen.logged_in.append(took)
    if client != _GREEDY:
        seen.modest.append(status == 201 and took <= PROMPT)


async def _look_at_a_page(http: aiohttp.ClientSession, seen: Seen) -> None:
    while True:
        began = time.monotonic()
        async with http.get("/api/v1/clinics") as answer:
            await answer.read()
        seen.page.append(time.monotonic() - began)
        await asyncio.sleep(0.05)


async def _capacity(http: aiohttp.ClientSession, seconds: float) -> float:
    """Logins a second when as many try as there are threads, for so long or until one is in."""
    done, numbers, began = Seen(), itertools.count(), time.monotonic()

    async def one() -> None:
        while time.monotonic() < began + seconds or not done.logged_in:
            number = next(numbers)
            await _log_in(http, done, number, f"198.51.100.{number % 250}")

    await asyncio.gather(*(one() for _ in range(4)))
    return len(done.logged_in) / (time.monotonic() - began)


async def _rush(http: aiohttp.ClientSession, rate: float, seconds: float) -> Seen:
    """Arrivals at random instants, `rate` a second on average, for so long."""
    seen = Seen()
    chance = random.Random(1)
    page = asyncio.create_task(_look_at_a_page(http, seen))  # noqa: TID251
    async with asyncio.TaskGroup() as people:
        due = began = time.monotonic()
        number = 0
        while due < began + seconds or number < 3:  # greedy people and modest ones
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            client = _GREEDY if number % 3 == 0 else f"198.51.{number // 250 % 250}.{number % 250}"
            people.create_task(_log_in(http, seen, number, client))
            number += 1
            due += chance.expovariate(rate)
    page.cancel()
    return seen


async def _round(report: Report, arm: str, rate: float, seconds: float) -> float:
    """One arm, once. `rate` 0 measures the capacity first. The rate that was used."""
    with tempfile.TemporaryDirectory(prefix="vardrum-bench-") as folder:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.login_server", _ARMS[arm], folder,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert server.stdout is not None
        port = int(await server.stdout.readline())
        try:
            connector = aiohttp.TCPConnector(limit=0)
            base = f"http://127.0.0.1:{port}"
            async with aiohttp.ClientSession(base, connector=connector) as http:
                before = rate or 2 * await _capacity(http, min(4.0, seconds))
                first = _sessions(Path(folder))
                seen = await _rush(http, before, seconds)
        finally:
            server.terminate()
            await server.wait()
        opened = _sessions(Path(folder)) - first
    _tell(report, arm, seen, seconds)
    report.holds(
        f"{arm}: nobody is told of a session that is not stored", opened >= seen.statuses[201]
    )
    return before


def _sessions(folder: Path) -> int:
    with sqlite3.connect(folder / "vardrum.db") as conn:
        (count,) = conn.execute("SELECT count(*) FROM sessions").fetchone()
        return int(count)


def _tell(report: Report, arm: str, seen: Seen, seconds: float) -> None:
    prompt = sum(took <= PROMPT for took in seen.logged_in)
    arrived = seen.statuses.total()
    report.reading(arm, "arrivals", arrived / seconds, "/s")
    report.reading(arm, "logins within 1 s", prompt / seconds, "/s")
    report.reading(
        arm, "modest clients served within 1 s", 100 * sum(seen.modest) / len(seen.modest), "%"
    )
    report.reading(
        arm, "longest tenth percent of logins", 1e3 * percentile(seen.logged_in, 0.99), "ms"
    )
    report.reading(
        arm, "told to come back", 100 * (seen.statuses[503] + seen.statuses[429]) / arrived, "%"
    )
    report.reading(arm, "gave up after 5 s", 100 * seen.gave_up / arrived, "%")
    report.reading(
        arm, "a page meanwhile, 99th percentile", 1e3 * percentile(seen.page, 0.99), "ms"
    )
    known = {0, 201, 429, 503}
    report.holds(f"{arm}: no fault of the server's own", set(seen.statuses) <= known)
    report.holds(f"{arm}: who must wait is told how long", not seen.without_wait)


async def _all(report: Report, rounds: int, seconds: float) -> None:
    rate = 0.0
    for _ in range(rounds):
        rate = await _round(report, BOUNDED, rate, seconds)
        await _round(report, UNBOUNDED, rate, seconds)


def run(*, rounds: int = 3, seconds: float = 15.0) -> Report:
    """The arms take turns at the same rate of arrivals."""
    report = Report("logins")
    report.compare("logins within 1 s", BOUNDED, UNBOUNDED, goal=2)
    report.compare("modest clients served within 1 s", BOUNDED, UNBOUNDED, goal=2)
    report.compare(
        "a page meanwhile, 99th percentile", BOUNDED, UNBOUNDED, goal=2, less_is_better=True
    )
    uvloop.run(_all(report, rounds, seconds))
    return report
