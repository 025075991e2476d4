"""Keeps one media worker running as a child process, and passes on what is asked of it."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from server.kit.log import get_logger
from server.kit.settings import PREFIX
from server.kit.tasks import cancel, spawn
from signaling.rooms.media_port import (
    MediaError,
    MediaEvent,
    MediaListener,
    MediaUnavailable,
)
from signaling.worker.client import WorkerClient, notify
from signaling.worker.place import Place

log = get_logger(__name__)

# A child that fails is noticed at once; this is for a machine that has much else to do.
START_WITHIN = 30.0
PING_EVERY = 0.5
# A starved machine is no reason to end every call on it: so many pings in a row must go unanswered.
PINGS_MISSED = 3
# The child gets this long after SIGTERM, then it is killed.
STOP_WITHIN = 0.5
FIRST_DELAY = 0.1
LONGEST_DELAY = 10.0
# A worker that ran this long was healthy: its successor starts without delay.
HEALTHY_AFTER = 30.0

_ROOT = str(Path(__file__).resolve().parents[2])
# What the child needs of our environment: to find Python and its libraries, its language, and how
# to log. Everything else stays here: it parses what strangers send, and keeps no secret.
_INHERITED = ("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_INHERITED_KINDS = ("LC_", "PYTHON", f"{PREFIX}LOG_")


def _environment() -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith(_INHERITED_KINDS)
    }
    # The child finds this very code, wherever the parent was started.
    path = os.pathsep.join(filter(None, [_ROOT, inherited.get("PYTHONPATH")]))
    return {**inherited, "PYTHONPATH": path}


class Supervisor:
    """Starts the worker, notices its death at once, and starts the next with a growing delay."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder: Path | None = None
        self._client: WorkerClient | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._listeners: list[MediaListener] = []
        self._lost: list[Callable[[], None]] = []
        self._retiring: list[Callable[[], None]] = []
        self._started = 0
        self.retiring = False

    async def start(self) -> None:
        """Start the worker and wait until it answers.

        Raises `MediaUnavailable` when the first start fails, for instance because the port is
        taken: then something is wrong that time does not heal. The child says what on stderr.
        """
        self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="vardrum-media-"))
        try:
            await self._launch()
        except BaseException:
            await self._end_child()
            await self._clear()
            raise
        self._task = spawn(self._supervise(), "media.supervise")

    async def stop(self) -> None:
        """End the worker, and return when it is gone."""
        if self._task is not None:
            await cancel(self._task)
            self._task = None
        await self._end_child()
        await self._clear()

    @property
    def restarts(self) -> int:
        """How often a worker had to be started anew."""
        return max(0, self._started - 1)

    @property
    def pid(self) -> int | None:
        """The worker's process id while one runs."""
        return self._child.pid if self._child is not None else None

    @property
    def ready(self) -> bool:
        """Whether a worker answers."""
        return self._client is not None

    def on_lost(self, listener: Callable[[], None]) -> None:
        """Call `listener` when a worker died with all its legs: each needs a fresh offer."""
        self._lost.append(listener)

    def on_retiring(self, listener: Callable[[], None]) -> None:
        """Call `listener` when a worker was told to end (SIGTERM): it does when it has no legs."""
        self._retiring.append(listener)

    # -- its legs -----------------------------------------------------------------------------

    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        """See `WorkerClient.open_leg`."""
        return await self._worker().open_leg(visit_id, leg_id, participant, echo=echo)

    async def answer(self, leg_id: str, sdp: str) -> None:
        """See `WorkerClient.answer`."""
        await self._worker().answer(leg_id, sdp)

    async def restart(self, leg_id: str) -> str:
        """See `WorkerClient.restart`."""
        return await self._worker().restart(leg_id)

    async def prefer(self, leg_id: str, *, on: bool) -> None:
        """See `WorkerClient.prefer`."""
        await self._worker().prefer(leg_id, on=on)

    async def present(self, leg_id: str, *, on: bool) -> None:
        """See `WorkerClient.present`."""
        await self._worker().present(leg_id, on=on)

    async def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        """See `WorkerClient.switch`."""
        await self._worker().switch(leg_id, pictures=pictures, on_hold=on_hold)

    async def close_leg(self, leg_id: str) -> None:
        """See `WorkerClient.close_leg`; without a worker every leg is closed already."""
        if self._client is not None:
            await self._client.close_leg(leg_id)

    def on_event(self, listener: MediaListener) -> None:
        """Call `listener` for every event of every worker that runs here, one after the other."""
        self._listeners.append(listener)

    async def stats(self) -> Mapping[str, object]:
        """Counters of the worker that runs, and how often one was started anew."""
        return {"restarts": self.restarts, **await self._worker().stats()}

    async def hello(self) -> Mapping[str, object]:
        """What the worker says of itself: see `WorkerClient.hello`."""
        return await self._worker().hello()

    async def drain(self) -> None:
        """Let the worker take no new legs."""
        await self._worker().drain()

    # -- the child ----------------------------------------------------------------------------

    def _worker(self) -> WorkerClient:
        if self._client is None:
            raise MediaUnavailable("no media worker is running")
        return self._client

    def _happened(self, event: MediaEvent) -> None:
        notify(self._listeners, event)

    def _retires(self) -> None:
        self.retiring = True
        log.info("media.worker_retires")
        _call(self._retiring)

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        delay = FIRST_DELAY
        while True:
            if self._client is not None:
                since = loop.time()
                await self._until_dead(self._client)
                if loop.time() - since > HEALTHY_AFTER:
                    delay = FIRST_DELAY
                self._client = None
                if self.retiring:
                    log.info("media.worker_retired")
                else:
                    log.error("media.worker_lost", restart_in=delay)
                _call(self._lost)
            await self._end_child()
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            try:
                await self._launch()
            except (MediaError, OSError) as error:
                log.error("media.worker_not_started", restart_in=delay, error=error)

    async def _until_dead(self, client: WorkerClient) -> None:
        """Return when the connection closes (death, at once) or pings fail (a worker hangs)."""
        missed = 0
        while not client.closed.done():
            await asyncio.wait([client.closed], timeout=PING_EVERY)
            try:
                await client.ping()
            except MediaUnavailable:
                missed += 1
                if missed == PINGS_MISSED:
                    return
            except MediaError:
                return
            else:
                missed = 0

    async def _launch(self) -> None:
        if self._folder is None:
            raise MediaUnavailable("the media worker was stopped")
        # A name of its own: what is left of a worker that was killed is not its successor's.
        self._started += 1
        socket = self._folder / f"{self._started}.sock"
        command = [sys.executable, "-m", "signaling.worker", "--socket", str(socket)]
        command += self._place.arguments()
        self._child = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, env=_environment()
        )
        client = await self._connect(self._child, socket)
        client.on_event(self._happened)
        client.on_retiring(self._retires)
        self.retiring = False
        self._client = client

    async def _clear(self) -> None:
        """Remove the folder; never the current directory, which an unset one would name."""
        folder, self._folder = self._folder, None
        if folder is not None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _connect(self, child: asyncio.subprocess.Process, socket: Path) -> WorkerClient:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_WITHIN
        while child.returncode is None and loop.time() < deadline:
            with contextlib.suppress(MediaUnavailable):  # not listening yet
                return await WorkerClient.connect(socket)
            await asyncio.sleep(0.02)
        raise MediaUnavailable("the media worker did not start")

    async def _end_child(self) -> None:
        client, self._client = self._client, None
        child, self._child = self._child, None
        if child is None:
            return
        # Asked politely (SIGTERM) it would finish its calls first; without a parent it ends.
        hang_up = child.terminate if client is None else client.close
        for end, patience in ((hang_up, STOP_WITHIN), (child.kill, None)):
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    end()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), patience)
                return


def _call(listeners: Sequence[Callable[[], None]]) -> None:
    """Call each; the fault of one is not the next one's."""
    for listener in listeners:
        try:
            listener()
        except Exception as error:
            log.error("media.listener_failed", error=error)
