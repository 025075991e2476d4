"""Metrics for Prometheus, on a port of their own that only this machine reaches."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import cache

import prometheus_client
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from server.clinics import service as clinics
from server.kit import jobs
from server.kit.bus import Bus
from server.kit.db import Database, UnitOfWork
from server.kit.jobs import Numbers, Outcome, Runner
from server.login import service as login
from server.login.gate import LoginGate
from server.queueing import service as queueing

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class _State(Collector):
    """What is read off the running parts at the moment of asking."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.gate: LoginGate | None = None
        self.bus: Bus | None = None
        self.sessions: dict[str, int] = {}
        self.queues: dict[tuple[str, str], int] = {}
        self.jobs = Numbers()

    @override
    def collect(self) -> Iterator[Metric]:
        backend = self._database.backend
        yield GaugeMetricFamily(
            "vardrum_db_writes_waiting", "Writes in the writer's line", value=backend.waiting
        )
        yield CounterMetricFamily(
            "vardrum_db_units", "Units of work that were written", value=backend.units
        )
        yield CounterMetricFamily(
            "vardrum_db_commits", "Commits of the writer", value=backend.groups
        )
        yield CounterMetricFamily(
            "vardrum_db_failures",
            "Writes that could not be stored, such as on a full disk",
            value=backend.failures.count,
        )
        # Without a bus there is none to be up or down.
        bus = GaugeMetricFamily("vardrum_bus_up", "Whether this server hears itself over Redis")
        if self.bus is not None:
            bus.add_metric([], self.bus.up)
        yield bus
        if self.gate is not None:
            pool = GaugeMetricFamily(
                "vardrum_login_hashes", "Password hashes by state", labels=["state"]
            )
            pool.add_metric(["running"], self.gate.pool.running)
            pool.add_metric(["waiting"], self.gate.pool.waiting)
            yield pool
        sessions = GaugeMetricFamily("vardrum_sessions", "Open sessions", labels=["audience"])
        for audience, number in self.sessions.items():
            sessions.add_metric([audience], number)
        yield sessions
        queues = GaugeMetricFamily(
            "vardrum_queue_waiting", "Patients who wait", labels=["clinic_id", "profession"]
        )
        for labels, number in self.queues.items():
            queues.add_metric(list(labels), number)
        yield queues
        yield from self._of_jobs()

    def _of_jobs(self) -> Iterator[Metric]:
        """The same at every process, for they are done over the whole cluster."""
        by_state = GaugeMetricFamily(
            "vardrum_jobs", "Background jobs that are not done", labels=["state"]
        )
        for state in ("waiting", "running", "dead", "unknown"):
            by_state.add_metric([state], getattr(self.jobs, state))
        yield by_state
        yield GaugeMetricFamily(
            "vardrum_jobs_oldest_due_seconds",
            "For how long the job that is due for the longest could have been claimed",
            value=self.jobs.oldest_seconds,
        )


class Metrics:
    """The metrics of one application."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._registry = CollectorRegistry()
        requests = Counter(
            "vardrum_http_requests",
            "Requests that were answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        seconds = Histogram(
            "vardrum_http_seconds",
            "Time to answer",
            ["method", "route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        # To look up the one that counts some labels costs more than to count.
        self._requests = cache(requests.labels)
        self._seconds = cache(seconds.labels)
        self._runs = Counter(
            "vardrum_job_runs",
            "Runs of background jobs that this process did",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._job_seconds = Histogram(
            "vardrum_job_seconds",
            "Time of a run of a background job",
            ["kind"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._kinds: list[str] = []
        self._refresh: list[Callable[[], Awaitable[object]]] = []
        self._state = _State(database)
        self._registry.register(self._state)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        # Methods are the client's to invent; the routes are ours.
        known = method if method in {"GET", "HEAD", "POST", "PUT", "DELETE"} else "other"
        self._requests(known, route, status).inc()
        if status != 101:
            self._seconds(known, route).observe(seconds)

    def watch_login(self, gate: LoginGate) -> None:
        """Show the pool of password hashes."""
        self._state.gate = gate

    def watch_bus(self, bus: Bus) -> None:
        """Show whether the servers can ring for each other."""
        self._state.bus = bus

    def watch_jobs(self, runner: Runner) -> None:
        """Count what the runner does, from nothing on, so that a first failure is an increase."""
        self._kinds = runner.kinds
        for kind in self._kinds:
            self._job_seconds.labels(kind)
            for outcome in Outcome:
                self._runs.labels(kind, outcome.value)
        runner.watch(self._observe_job)

    def _observe_job(self, kind: str, outcome: Outcome, seconds: float) -> None:
        self._runs.labels(kind, outcome.value).inc()
        self._job_seconds.labels(kind).observe(seconds)

    def add(self, part: Collector, refresh: Callable[[], Awaitable[object]]) -> None:
        """Show what another part counts; `refresh` brings it up to date before it is shown."""
        self._registry.register(part)
        self._refresh.append(refresh)

    async def render(self) -> bytes:
        """Everything in Prometheus' text format, with what other parts registered globally."""
        self._state.sessions, self._state.queues = await self._database.read(_counts)
        self._state.jobs = await self._database.read(jobs.numbers, self._kinds)
        for refresh in self._refresh:
            await refresh()
        # It reads /proc of the process, which is a file system after all.
        return await asyncio.to_thread(self._text)

    def _text(self) -> bytes:
        shared, own = prometheus_client.REGISTRY, self._registry
        return b"".join(prometheus_client.generate_latest(each) for each in (shared, own))


METRICS = web.AppKey("metrics", Metrics)


def _counts(uow: UnitOfWork) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    queues = {
        (clinic.id, str(profession)): queueing.waiting_and_wait(uow, clinic.id, profession)[0]
        for clinic in clinics.list_clinics(uow)
        for profession in clinic.services
    }
    return login.count_open(uow), queues


def metrics_app(metrics: Metrics) -> web.Application:
    """The application for the internal port."""

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(
            body=await metrics.render(),
            headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST},
        )

    app = web.Application()
    app.router.add_get("/metrics", serve)
    return app
