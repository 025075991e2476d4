"""The server's end of the control socket: a `MediaPort` to one worker."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import orjson
from typing_extensions import override

from server.kit.log import get_logger
from signaling.media.limits import SDP_BYTES
from signaling.rooms.media_port import (
    BadSdp,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaListener,
    MediaUnavailable,
    NoSuchLeg,
    VisitFull,
    VisitHeld,
)
from signaling.worker import wire
from signaling.worker.events import Malformed, read_event
from signaling.worker.lines import MAX_ANSWER, LineBuffer, LineTooLong

log = get_logger(__name__)

# The worker answers within a millisecond; beyond this it hangs.
ANSWER_WITHIN = 2.0
_NONSENSE = "the media worker's answer makes no sense"

ERRORS: dict[str, type[MediaError]] = {
    "media.bad_sdp": BadSdp,
    "media.no_leg": NoSuchLeg,
    "media.full": MediaFull,
    "media.unavailable": MediaUnavailable,
    "media.visit_full": VisitFull,
    "media.visit_held": VisitHeld,
}

CODES: dict[type[MediaError], str] = {error: code for code, error in ERRORS.items()}


class WorkerClient(asyncio.Protocol):
    """One connection to one worker. When it closes, it stays closed: see `Supervisor`."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.WriteTransport | None = None
        self._lines = LineBuffer(MAX_ANSWER)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0
        self._listeners: list[MediaListener] = []
        self._retiring: list[Callable[[], None]] = []

    @classmethod
    async def connect(cls, socket: Path) -> "WorkerClient":
        """Connect and check the worker's version. Raises `MediaUnavailable`."""
        loop = asyncio.get_running_loop()
        try:
            _, client = await loop.create_unix_connection(cls, str(socket))
        except OSError as error:
            raise MediaUnavailable("the media worker's socket does not answer") from error
        try:
            hello = await client.request("hello")
        except MediaError:
            client.close()
            raise
        if hello.get("version") != wire.VERSION:
            client.close()
            raise MediaUnavailable("the media worker speaks another version")
        return client

    # -- MediaPort ----------------------------------------------------------------------------

    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        """Open a leg; its SDP offer."""
        alone = {"echo": True} if echo else {}
        answer = await self.request(
            "leg.open", visit_id=visit_id, leg_id=leg_id, participant=participant, **alone
        )
        return _sdp(answer)

    async def answer(self, leg_id: str, sdp: str) -> None:
        """Apply the browser's SDP answer. Raises `BadSdp`, `NoSuchLeg`."""
        if len(sdp) > SDP_BYTES:
            raise BadSdp("the answer is too long")
        await self.request("leg.answer", leg_id=leg_id, sdp=sdp)

    async def restart(self, leg_id: str) -> str:
        """An offer with new ICE credentials. Raises `NoSuchLeg`."""
        return _sdp(await self.request("leg.restart", leg_id=leg_id))

    async def present(self, leg_id: str, *, on: bool) -> None:
        """Show or hide a leg's screen. Raises `NoSuchLeg`."""
        await self.request("leg.present", leg_id=leg_id, on=on)

    async def prefer(self, leg_id: str, *, on: bool) -> None:
        """Put a leg's picture before the others', or no longer. Raises `NoSuchLeg`."""
        await self.request("leg.prefer", leg_id=leg_id, on=on)

    async def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        """Switch what a leg is sent. Raises `NoSuchLeg`."""
        await self.request("leg.switch", leg_id=leg_id, pictures=pictures, on_hold=on_hold)

    async def close_leg(self, leg_id: str) -> None:
        """Close a leg; one that is unknown is closed already."""
        try:
            await self.request("leg.close", leg_id=leg_id)
        except NoSuchLeg:
            return

    def on_event(self, listener: MediaListener) -> None:
        """Call `listener` on the event loop for every event of every leg."""
        self._listeners.append(listener)

    def on_retiring(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the worker was told to end once it has no legs."""
        self._retiring.append(listener)

    async def stats(self) -> Mapping[str, object]:
        """Counters of the worker and its legs."""
        found = (await self.request("stats")).get("stats")
        if not isinstance(found, dict):
            raise MediaUnavailable(_NONSENSE)
        return found

    # -- the worker itself --------------------------------------------------------------------

    async def hello(self) -> Mapping[str, object]:
        """`{version, addresses, port, tcp_port, capacity}`."""
        answer = await self.request("hello")
        return {name: value for name, value in answer.items() if name not in ("id", "ok")}

    async def ping(self) -> None:
        """Return when the worker answers. Raises `MediaUnavailable`."""
        await self.request("ping")

    async def drain(self) -> None:
        """Let the worker take no new legs."""
        await self.request("drain")

    def close(self) -> None:
        """Hang up: the worker ends."""
        if self._transport is not None:
            self._transport.close()

    def send(self, op: str, **fields: object) -> None:
        """Send a request of which nobody waits for the answer: now, and so in this order."""
        self._last_id += 1
        self._write({"id": self._last_id, "op": op, **fields})

    async def request(self, op: str, **fields: object) -> dict[str, Any]:
        """Send a request and wait for its answer, not longer than `ANSWER_WITHIN`."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise MediaUnavailable("the media worker is gone")
        self._last_id += 1
        number = self._last_id
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._write({"id": number, "op": op, **fields})
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer: dict[str, Any] = await waiting
        except TimeoutError:
            raise MediaUnavailable("the media worker did not answer in time") from None
        finally:
            self._waiting.pop(number, None)
        if answer.get("ok") is True:
            return answer
        error = answer.get("error")
        if not isinstance(error, dict):
            raise MediaUnavailable(_NONSENSE)
        raise ERRORS.get(str(error.get("code")), MediaError)(str(error.get("detail")))

    # -- asyncio.Protocol ---------------------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast("asyncio.WriteTransport", transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The worker is gone; whoever waits learns it now, not at the time limit."""
        self._transport = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(MediaUnavailable("the media worker is gone"))
        if not self.closed.done():
            self.closed.set_result(None)

    @override
    def data_received(self, data: bytes) -> None:
        """Answers wake their callers, events go to the listeners."""
        for line in self._lines.feed(data):
            if isinstance(line, LineTooLong):
                log.error("media.line_too_long")
            else:
                self._line(line)

    def _write(self, message: dict[str, Any]) -> None:
        if self._transport is not None:
            self._transport.write(wire.encode(message))

    def _line(self, line: bytes) -> None:
        try:
            self._heard(orjson.loads(line))
        except (orjson.JSONDecodeError, Malformed):
            # Raised out of here it would end the connection, and every call with it.
            log.error("media.line_malformed")

    def _heard(self, message: object) -> None:
        if not isinstance(message, dict):
            raise Malformed
        if message.get("event") == "worker.retiring":
            for listener in self._retiring:
                listener()
            return
        if "event" in message:
            event = self._read(message)
            if event is not None:
                notify(self._listeners, event)
            return
        number = message.get("id")
        waiting = self._waiting.get(number) if type(number) is int else None
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _read(self, message: dict[str, Any]) -> MediaEvent | None:
        return read_event(message)


def notify(listeners: list[MediaListener], event: MediaEvent) -> None:
    """Tell every listener; the fault of one is not the next one's."""
    for listener in listeners:
        try:
            listener(event)
        except Exception as error:
            log.error("media.listener_failed", listening_for=type(event).__name__, error=error)


def _sdp(answer: dict[str, Any]) -> str:
    sdp = answer.get("sdp")
    if not isinstance(sdp, str):
        raise MediaUnavailable(_NONSENSE)
    return sdp
