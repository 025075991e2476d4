"""``create_app``: puts the application together."""

from collections.abc import AsyncIterator, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from server.admin import routes as admin_routes
from server.app import client_files, description, health, jobs, public
from server.app.jobs import JOBS
from server.app.metrics import METRICS, Metrics
from server.app.public import DEMO_LOGINS, DemoLogin
from server.clinics import routes as clinics_routes
from server.clinics import service as clinics
from server.clinics.domain import Load
from server.guests import routes as guests_routes
from server.guests.sessions import GuestSessions
from server.kit import dispatch, middleware, openapi, tasks
from server.kit.actor import Actor, Audience, Profession
from server.kit.bus import GUEST_FAILURES, Alone, Bus
from server.kit.db import Database, UnitOfWork
from server.kit.edge import SETTINGS
from server.kit.http import AUTHENTICATOR, DATABASE, Route
from server.kit.settings import Settings
from server.kit.version import VERSION
from server.login import routes as login_routes
from server.login import service as login
from server.login.gate import LoginGate
from server.login.sessions import SessionStore
from server.messages import routes as messages_routes
from server.queueing import routes as queueing_routes
from server.queueing import service as queueing
from server.visits import routes as visits_routes

# How often each process writes down which sessions were used there.
FLUSH_SECONDS = 5.0


def all_routes() -> list[Route]:
    """Every declared route of every slice."""
    return [
        *public.routes,
        *login_routes.routes,
        *clinics_routes.routes,
        *admin_routes.routes,
        *queueing_routes.routes,
        *visits_routes.routes,
        *messages_routes.routes,
        *guests_routes.routes,
    ]


def document(settings: Settings | None = None) -> dict[str, Any]:
    """The OpenAPI document; with settings, that of this very service."""
    return openapi.document(
        all_routes(),
        VERSION,
        region=settings.region_name if settings else "",
        contact=settings.api_contact if settings else "",
        # The caller may change what it gets; these are the module's own.
        undeclared=deepcopy({**health.PATHS, **description.PATHS}),
    )


def create_app(
    settings: Settings,
    database: Database,
    *,
    demo_logins: Sequence[DemoLogin] = (),
    static: Path | None = None,
    bus: Bus | None = None,
) -> web.Application:
    """The application over a database that is started.

    ``static`` is the folder of the built client; None serves the API alone. ``bus``: to the other
    servers on the same database, if there are any.
    """
    metrics = Metrics(database)
    app = web.Application(
        middlewares=[middleware.edge_middleware(metrics.observe, settings.log_sample)]
    )
    sessions = SessionStore(database, settings, clinics.commissions_of)
    app[SETTINGS] = settings
    app[DATABASE] = database
    bus = bus or Alone()
    throttle = login.Throttle(settings.login_free_attempts, settings.login_longest_wait)
    throttle.share(bus, GUEST_FAILURES, database.clock)
    app[guests_routes.GUESTS] = guests = GuestSessions(database, throttle)
    app[AUTHENTICATOR] = _Sessions(sessions, guests)
    app[DEMO_LOGINS] = tuple(demo_logins)
    app[METRICS] = metrics
    app[login_routes.LOGIN] = gate = LoginGate(database, settings, sessions, bus)
    app[clinics_routes.LOAD] = _load
    app[admin_routes.HASH] = gate.pool.hash
    app[JOBS] = runner = jobs.runner(settings, database)
    metrics.watch_login(gate)
    metrics.watch_jobs(runner)
    app.on_response_prepare.append(middleware.add_headers)
    dispatch.register(app, all_routes())
    health.register(app)
    description.register(app, partial(document, settings))
    if static is not None:
        client_files.register(app, static)
    app.cleanup_ctx.append(_background)
    # When everything is registered, also what others attach.
    app.on_startup.append(dispatch.refuse_undeclared)
    return app


class _Sessions:
    """Everybody's sessions: of accounts, and of guests."""

    def __init__(self, accounts: SessionStore, guests: GuestSessions) -> None:
        self._accounts = accounts
        self._guests = guests

    async def actor_for(self, audience: Audience, token: str) -> Actor | None:
        """The actor, or None when there is no such session or it has ended."""
        if audience is Audience.GUEST:
            return await self._guests.actor_for(token)
        return await self._accounts.actor_for(audience, token)


def _load(uow: UnitOfWork, clinic_id: str, profession: Profession) -> Load:
    waiting, wait = queueing.waiting_and_wait(uow, clinic_id, profession)
    return Load(waiting, None if wait is None else (wait.low_minutes, wait.high_minutes))


async def _background(app: web.Application) -> AsyncIterator[None]:
    gate = app[login_routes.LOGIN]
    # Only this process knows what was used here; whatever can be done by any is a job.
    flushing = tasks.every(FLUSH_SECONDS, gate.sessions.flush, "sessions.flush")
    await app[JOBS].start()
    yield
    await app[JOBS].stop()
    await tasks.cancel(flushing)
    await gate.sessions.flush()
    gate.close()
