"""The worker's end of the control socket: one parent, whose going ends the worker."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import orjson
from pydantic import ValidationError
from typing_extensions import override

from server.kit.log import get_logger
from signaling.media.errors import MediaError
from signaling.media.events import RelayEvent
from signaling.media.relay import Relay
from signaling.worker import wire
from signaling.worker.lines import LineBuffer, LineTooLong

log = get_logger(__name__)


class Control(asyncio.Protocol):
    """Answers requests in the order they come. A second connection is turned away."""

    def __init__(self, relay: Relay, on_parent_gone: Callable[[], None]) -> None:
        self._relay = relay
        self._on_parent_gone = on_parent_gone
        self._transport: asyncio.WriteTransport | None = None
        self._lines = LineBuffer()

    @property
    def connected(self) -> bool:
        """Whether a parent is there."""
        return self._transport is not None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The parent has come."""
        self._transport = cast("asyncio.WriteTransport", transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The parent is gone: nobody is left to serve."""
        self._transport = None
        self._on_parent_gone()

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every complete line."""
        for line in self._lines.feed(data):
            if isinstance(line, LineTooLong):
                self._send(wire.failure(None, "request.too_large", "the line is too long"))
            else:
                self._send(self._answer(line))

    def tell_retiring(self) -> None:
        """Say that the worker ends as soon as it has no legs."""
        self._send({"event": "worker.retiring"})

    def tell(self, happened: RelayEvent) -> None:
        """Send an event to the parent."""
        self._send(wire.event(happened))

    def _send(self, message: dict[str, Any]) -> None:
        if self._transport is not None:
            self._transport.write(wire.encode(message))

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            raw = orjson.loads(line)
        except orjson.JSONDecodeError:
            return wire.failure(None, "request.malformed", "not JSON")
        given = raw.get("id") if isinstance(raw, dict) else None
        request_id = given if type(given) is int else None
        try:
            request = wire.requests.validate_python(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return wire.failure(request_id, "request.invalid", f"{where}: {first['msg']}")
        try:
            return {"id": request.id, "ok": True, **self._do(request)}
        except MediaError as error:
            return wire.failure(request.id, error.code, error.detail)
        except Exception as error:
            # A fault of ours says nothing of itself to the other end.
            log.error("media.request_failed", op=request.op, error=error)
            return wire.failure(request.id, "media.error", "internal error")

    def _do(self, request: wire.Request) -> dict[str, Any]:
        relay = self._relay
        match request:
            case wire.Hello():
                return {
                    "version": wire.VERSION,
                    "addresses": [host for host, _ in relay.addresses],
                    "port": relay.addresses[0][1],
                    "tcp_port": relay.tcp_addresses[0][1] if relay.tcp_addresses else None,
                    "capacity": relay.capacity,
                }
            case wire.LegOpen():
                where = request.visit_id, request.leg_id, request.participant
                return {"sdp": relay.open(*where, echo=request.echo)}
            case wire.LegAnswer():
                relay.answer(request.leg_id, request.sdp)
            case wire.LegRestart():
                return {"sdp": relay.restart(request.leg_id)}
            case wire.LegPresent():
                relay.present(request.leg_id, on=request.on)
            case wire.LegPrefer():
                relay.prefer(request.leg_id, on=request.on)
            case wire.LegSwitch():
                on = {"pictures": request.pictures, "on_hold": request.on_hold}
                relay.switch(request.leg_id, **on)
            case wire.LegClose():
                relay.close(request.leg_id)
            case wire.Stats():
                return {"stats": relay.stats()}
            case wire.Drain():
                relay.drain()
            case _:
                pass
        return {}


class Refusal(asyncio.Protocol):
    """For whoever connects while the parent is there."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say why, and hang up."""
        out = cast("asyncio.WriteTransport", transport)
        out.write(wire.encode(wire.failure(None, "control.taken", "one parent only")))
        out.close()
