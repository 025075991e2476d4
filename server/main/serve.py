"""``vardrum serve``: everything in one process, and one media worker as its child."""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from server import demo
from server.app import client_files, create_app, health
from server.app.jobs import JOBS
from server.app.metrics import METRICS, metrics_app
from server.kit.bus import Alone, Bus
from server.kit.db import Database
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.main import addresses, control, tls
from server.main.actions import ACTIONS
from server.main.database import opened, seed_demo
from server.main.media import workers
from server.main.node import SharedDirectory, refuse_embedded
from server.main.refusal import RefusalError
from signaling.app import Signaling, attach
from signaling.rooms.turn import TurnServer
from signaling.worker.gauges import MediaGauges
from signaling.worker.node_pool import NodePool
from signaling.worker.pool import WorkerPool

if TYPE_CHECKING:
    from server.kit.redis_bus import RedisBus

log = get_logger(__name__)

# Requests in flight get this long once nobody new is let in.
FINISH_SECONDS = 0.4
# The promise is two seconds; whatever still hangs then is cut off. What was answered is committed.
LAST_RESORT_SECONDS = 1.9


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    port: int
    metrics_port: int | None
    hosts: list[str]
    app: web.Application


def refuse_early(settings: Settings, hosts: Sequence[str]) -> None:
    """Find what can't work before anything is touched."""
    if not client_files.is_built():
        raise RefusalError(
            "The web client is not built. `make run` builds it; so does "
            "`python infra/build_client.py`. Then start again."
        )
    if settings.media_nodes:
        refuse_embedded(settings)
    addresses.refuse_public_demo(settings, hosts)
    addresses.refuse_unusable_media(settings)


@asynccontextmanager
async def running(settings: Settings, hosts: list[str]) -> AsyncIterator[Running]:
    """Start everything; leave in the order that loses nothing."""
    tls_context = tls.context(settings)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(settings))
        logins: tuple[Any, ...] = ()
        if settings.demo:
            await seed_demo(database)
            logins = await database.read(demo.logins_here)
        bus = _bus(settings)
        app = await asyncio.to_thread(_application, settings, database, logins, bus)
        media = await _media(settings, database)
        stack.push_async_callback(media.stop)
        app[health.READINESS].media = lambda: media.ready
        gauges = MediaGauges(media.stats)
        app[METRICS].add(gauges, gauges.refresh)
        if not isinstance(bus, Alone):
            bus.start()
            stack.push_async_callback(bus.stop)
            app[METRICS].watch_bus(bus)
        signaling = attach(app, database, media, turn=_turn(settings), bus=bus)
        runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=FINISH_SECONDS
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await signaling.start()
        stack.push_async_callback(signaling.stop)
        # Everybody who listens does so by now.
        await database.redeliver()
        if settings.postgres is not None:
            await database.follow(bus)
        metrics_runner = web.AppRunner(metrics_app(app[METRICS]), access_log=None)
        await metrics_runner.setup()
        stack.push_async_callback(metrics_runner.cleanup)
        metrics_port = await _serve_metrics(metrics_runner, settings)
        port = settings.port
        for host in hosts:
            port = await _serve(runner, host, port, "VARDRUM_PORT", tls_context)
        if settings.postgres is None:
            await stack.enter_async_context(control.door(settings, database, ACTIONS))
        stack.push_async_callback(_drain, app, runner, signaling)
        yield Running(port, metrics_port, hosts, app)


def _application(
    settings: Settings, database: Database, logins: tuple[Any, ...], bus: Bus
) -> web.Application:
    return create_app(settings, database, demo_logins=logins, static=client_files.STATIC, bus=bus)


async def _media(settings: Settings, database: Database) -> WorkerPool | NodePool:
    if not settings.media_nodes:
        return await workers(settings)
    media = NodePool(SharedDirectory(database), settings.media_token.get_secret_value().encode())
    await media.start()
    return media


def _bus(settings: Settings) -> "RedisBus | Alone":
    if settings.postgres is None or not settings.redis_url.get_secret_value():
        return Alone()
    # One server alone needs no Redis, nor 5 MB of its client.
    from server.kit.redis_bus import RedisBus, installation

    return RedisBus(settings.redis_url.get_secret_value(), installation(settings.postgres.name))


def _turn(settings: Settings) -> TurnServer | None:
    if not settings.turn_urls:
        return None
    return TurnServer(settings.turn_urls, settings.turn_secret.get_secret_value())


async def _serve(
    runner: web.AppRunner, host: str, port: int, variable: str, context: Any = None
) -> int:
    site = web.TCPSite(runner, host, port, ssl_context=context)
    try:
        await site.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise RefusalError(
                f"Port {port} on {host} is taken by another program. Stop that one, or choose "
                f"another port: {variable}={port + 1}."
            ) from None
        raise RefusalError(
            f"Can't listen on {host} port {port} ({error.strerror}). Choose others with "
            f"VARDRUM_HOST and {variable}."
        ) from None
    return int(site.port)


async def _serve_metrics(runner: web.AppRunner, settings: Settings) -> int | None:
    if settings.metrics_port < 0:
        return None
    try:
        return await _serve(
            runner, addresses.LOOPBACK, settings.metrics_port, "VARDRUM_METRICS_PORT"
        )
    except RefusalError:
        if "metrics_port" in settings.model_fields_set:
            raise
        # A second server on one machine; nobody chose the port, so any will do.
        return await _serve(runner, addresses.LOOPBACK, 0, "VARDRUM_METRICS_PORT")


async def _drain(app: web.Application, runner: web.AppRunner, signaling: Signaling) -> None:
    """Say no to newcomers and goodbye to the others, before anything is taken down."""
    app[health.READINESS].draining = True
    app[JOBS].drain()
    for site in list(runner.sites):
        await site.stop()
    await signaling.drain()


async def until_told(settings: Settings, hosts: list[str], announce: Any) -> int:
    """Run until SIGINT or SIGTERM; 0 when everything ended in time."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_lost_exception)
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    async with running(settings, hosts) as server:
        announce(server)
        await told.wait()
        began = loop.time()
        log.info("server.stopping")
        # A thread that never returns must not keep the process.
        loop.call_later(LAST_RESORT_SECONDS, _give_up)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _give_up)
    log.info("server.stopped", seconds=round(loop.time() - began, 2))
    return 0


def _give_up() -> None:
    log.error("server.cut_off")
    sys.stderr.flush()
    os._exit(1)


def _lost_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody awaited, without the words of the error (see ``kit.log``)."""
    log.error("loop.exception", error=context.get("exception"))
