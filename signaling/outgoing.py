"""The one way out: hints leave in the order in which they were given, whoever gave them."""

import asyncio
from dataclasses import dataclass

import socketio

from server.kit.log import get_logger
from server.kit.tasks import cancel, spawn
from signaling import metrics
from signaling.connections import account_room, namespace_of, queue_room
from signaling.wire.base import CallRole
from signaling.wire.hints import Hint

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class To:
    """A room of a namespace, perhaps without one of its sockets."""

    namespace: str
    room: str
    skip_sid: str | None = None


def to_account(role: CallRole, account_id: str, skip_sid: str | None = None) -> To:
    """Every socket of an account."""
    return To(namespace_of(role), account_room(account_id), skip_sid)


def to_watchers(clinic_id: str, profession: str) -> To:
    """Every socket that watches a queue."""
    return To("/staff", queue_room(clinic_id, profession))


class Outgoing:
    """A queue and the task that empties it into the sockets."""

    def __init__(self, sio: socketio.AsyncServer) -> None:
        self._sio = sio
        self._waiting: asyncio.Queue[tuple[To, Hint] | asyncio.Event] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def put(self, to: To, hint: Hint) -> None:
        """Send the hint soon. Never blocks, never fails."""
        self._waiting.put_nowait((to, hint))

    def start(self) -> None:
        """Begin to send."""
        self._task = spawn(self._send(), name="hints.send")

    async def flush(self) -> None:
        """Return when everything given so far has been handed to the sockets."""
        await self._waiting.join()

    async def reached(self) -> None:
        """Return when what was given before this was asked has been handed to the sockets."""
        if self._task is not None:
            here = asyncio.Event()
            self._waiting.put_nowait(here)
            await here.wait()

    async def stop(self) -> None:
        """Send no more. What waits is lost, as any hint may be."""
        if self._task is not None:
            await cancel(self._task)
            self._task = None
        while not self._waiting.empty():
            given = self._waiting.get_nowait()
            if isinstance(given, asyncio.Event):
                given.set()

    async def _send(self) -> None:
        while True:
            given = await self._waiting.get()
            if isinstance(given, asyncio.Event):
                given.set()
            else:
                await self._emit(*given)
            self._waiting.task_done()

    async def _emit(self, to: To, hint: Hint) -> None:
        try:
            await self._sio.emit(
                hint.type,
                hint.model_dump(mode="json"),
                room=to.room,
                namespace=to.namespace,
                skip_sid=to.skip_sid,
            )
            metrics.HINTS.labels(hint.type).inc()
        except Exception as error:
            log.error("hint.not_sent", event_type=hint.type, error=error)
