"""``vardrum media``: the media workers of one machine, for servers that are elsewhere."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress

from server.kit import tasks
from server.kit.db import Database
from server.kit.ids import new_id
from server.kit.log import get_logger
from server.kit.settings import Settings
from server.main.database import opened
from server.main.media import workers
from server.main.refusal import RefusalError
from server.nodes import service as nodes
from server.nodes.domain import Node, Placement
from signaling.media.limits import MAX_LEGS
from signaling.worker.node import NodeServer
from signaling.worker.pool import WorkerPool

log = get_logger(__name__)

BEAT_EVERY = 1.0
# Time for the calls to move to other nodes, where there are others.
DRAIN_WITHIN = 30.0


class SharedDirectory:
    """The nodes, as the database knows them: the same for every server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def alive(self) -> list[Node]:
        """The nodes that were heard of lately."""
        return await self._database.read(nodes.alive)

    async def place(self, visit_id: str, usable: Sequence[str], full: str | None) -> Placement:
        """Where a visit is; if nowhere, or where it can't stay, the first of `usable`."""
        return await self._database.write(nodes.place, visit_id, usable, full)


def refuse_early(settings: Settings) -> tuple[str, int]:
    """Find what can't work; where to listen."""
    place = settings.control_place
    if place is None:
        raise RefusalError(
            "A media node needs VARDRUM_MEDIA_CONTROL, the address at which servers reach it, as "
            "tcp://10.0.0.5:9470, and VARDRUM_MEDIA_TOKEN, which it shares with them."
        )
    refuse_embedded(settings)
    return place


def refuse_embedded(settings: Settings) -> None:
    """Nodes and servers find each other in a database that all of them reach."""
    if settings.postgres is None:
        raise RefusalError(
            "Media nodes and servers find each other through PostgreSQL: set VARDRUM_DATABASE_URL. "
            "Without it, `vardrum serve` runs the media workers itself."
        )


async def run(settings: Settings, place: tuple[str, int], announce: Callable[[str], None]) -> int:
    """Run until SIGINT or SIGTERM, and then until the calls have moved away; 0."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened(settings))
        media = await workers(settings)
        stack.push_async_callback(media.stop)
        server = NodeServer(media, settings.media_token.get_secret_value().encode())
        try:
            port = await server.start(*place)
        except OSError as error:
            raise RefusalError(
                f"Can't take servers at {settings.media_control} ({error.strerror}). Choose "
                "another address of this machine with VARDRUM_MEDIA_CONTROL."
            ) from None
        stack.callback(server.stop)
        host = f"[{place[0]}]" if ":" in place[0] else place[0]
        beat = _Beat(database, media, f"{host}:{port}", len(media))
        await beat()
        stack.push_async_callback(database.write, nodes.leave, beat.node_id)
        beating = tasks.every(BEAT_EVERY, beat, "node.beat")
        stack.push_async_callback(tasks.cancel, beating)
        announce(f"{host}:{port}")
        await told.wait()
        beat.draining = True
        log.info("node.draining", legs=media.legs)
        try:
            await beat()
        except Exception as error:
            # The database is away just now: no reason to end the calls that are on.
            log.warning("node.not_told", error=error)
        emptied = asyncio.Event()
        media.on_event(lambda _: None if media.legs else emptied.set())
        if media.legs:
            with suppress(TimeoutError):
                await asyncio.wait_for(emptied.wait(), DRAIN_WITHIN)
    log.info("node.stopped")
    return 0


class _Beat:
    """Says in the database that the node is there, and how it is."""

    def __init__(self, database: Database, media: WorkerPool, address: str, count: int) -> None:
        self.node_id = new_id()
        self.draining = False
        self._database = database
        self._media = media
        self._address = address
        self._capacity = count * MAX_LEGS

    async def __call__(self) -> None:
        now = self._database.clock.now()
        # Without a worker that answers it takes nobody.
        idle = self.draining or not self._media.ready
        node = Node(self.node_id, self._address, self._capacity, self._media.legs, idle, now)
        await self._database.write(nodes.beat, node)
