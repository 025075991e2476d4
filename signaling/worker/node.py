"""A media node's end of the control socket over TCP: the same lines, sealed, from several servers.

Behind it is a pool of workers on this machine, who see neither the token nor the servers. A leg is
its server's: nobody else may ask for anything of it, and nobody else is told of it.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

import orjson
from pydantic import ValidationError
from typing_extensions import override

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.media_port import (
    LegJudged,
    LegMediaChanged,
    LegOver,
    LegsHomeless,
    LegSlotsChanged,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaPort,
    NoSuchLeg,
    VisitHeld,
)
from signaling.worker import wire
from signaling.worker.client import CODES
from signaling.worker.lines import LineBuffer, LineTooLong
from signaling.worker.remote import notice_death
from signaling.worker.sealing import CHALLENGE, NotGenuine, Seal, challenge, is_proof, proof
from signaling.worker.told import legs_in, without_legs

log = get_logger(__name__)

# Seconds, and connections that have not proved themselves; a first line has two short fields.
PROOF_WITHIN = 5.0
MAX_UNPROVED = 16
MAX_FIRST_LINE = 1024
# Octets that wait for a server; one that reads so slowly is out of its mind, or no more.
MAX_UNREAD = 4 << 20
# How long the legs of a server stay when its connection is gone: its people come back by another.
KEPT_FOR = 60.0

_NAMES = {
    LegStateChanged: "leg.state",
    LegMediaChanged: "leg.media",
    LegSlotsChanged: "leg.slots",
    LegJudged: "leg.judged",
    LegOver: "leg.over",
}


class NodeServer:
    """Takes connections of servers, and knows which of them each leg is of."""

    def __init__(self, media: MediaPort, token: bytes) -> None:
        self.media = media
        self.token = token
        self.owners: dict[str, NodeLine] = {}
        self.visits: dict[str, str] = {}
        # In the order in which they came.
        self.lines: dict[NodeLine, None] = {}
        self._server: asyncio.Server | None = None
        media.on_event(self._happened)

    async def start(self, host: str, port: int) -> int:
        """Listen; the port. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: NodeLine(self), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Hang up on every server: its legs are homeless."""
        if self._server is not None:
            self._server.close()
        for line in list(self.lines):
            line.hang_up()

    @property
    def legs(self) -> int:
        """How many legs are open."""
        return len(self.owners)

    def _happened(self, event: MediaEvent) -> None:
        if isinstance(event, LegsHomeless):
            self._homeless(event)
            return
        owner = self.owners.get(event.leg_id)
        if owner is not None:
            owner.tell({"event": _NAMES[type(event)], **asdict(event)})
        if isinstance(event, LegStateChanged) and event.state in ("failed", "closed"):
            self.forget(event.leg_id)

    def _homeless(self, event: LegsHomeless) -> None:
        for line in list(self.lines):
            mine = sorted(leg for leg in event.leg_ids if self.owners.get(leg) is line)
            if mine:
                line.tell({"event": "legs.homeless", "leg_ids": mine, "gone": event.gone})
        if event.gone:
            for leg_id in event.leg_ids:
                self.forget(leg_id)

    def forget(self, leg_id: str) -> bool:
        """A leg is over; whether there was one."""
        self.visits.pop(leg_id, None)
        return self.owners.pop(leg_id, None) is not None

    def make_room(self) -> None:
        """Of those who have proved nothing the oldest goes, so that nobody can lock others out."""
        unproved = [line for line in self.lines if not line.proved]
        if len(unproved) >= MAX_UNPROVED:
            unproved[0].hang_up()
            del self.lines[unproved[0]]

    def gone(self, line: "NodeLine") -> None:
        """A server's connection is gone; its legs follow after a while."""
        self.lines.pop(line, None)
        left = [leg_id for leg_id, owner in self.owners.items() if owner is line]
        if left:
            asyncio.get_running_loop().call_later(KEPT_FOR, self._close, left)

    def _close(self, leg_ids: Iterable[str]) -> None:
        for leg_id in leg_ids:
            if self.forget(leg_id):
                _ = spawn(self._close_one(leg_id), name="node.close")

    async def _close_one(self, leg_id: str) -> None:
        try:
            await self.media.close_leg(leg_id)
        except MediaError as error:
            log.warning("node.leg_not_closed", error=error)


class NodeLine(asyncio.Protocol):
    """One connection of one server."""

    def __init__(self, node: NodeServer) -> None:
        self._node = node
        self._lines = LineBuffer()
        self._transport: asyncio.WriteTransport | None = None
        self._challenge = challenge()
        self._in: Seal | None = None
        self._out: Seal | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come: ask for a proof."""
        self._transport = cast("asyncio.WriteTransport", transport)
        notice_death(transport)
        self._node.make_room()
        self._node.lines[self] = None
        asyncio.get_running_loop().call_later(PROOF_WITHIN, self._check)
        self._transport.write(wire.encode({"challenge": self._challenge}))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The server is gone, or was hung up on."""
        self._transport = None
        self._node.gone(self)

    @override
    def data_received(self, data: bytes) -> None:
        """The proof, then requests."""
        for line in self._lines.feed(data):
            if self._transport is None or self._transport.is_closing():
                return
            try:
                if isinstance(line, LineTooLong):
                    raise NotGenuine("a line is too long")
                if self._in is None:
                    self._prove(line)
                else:
                    self._request(self._in.open(line))
            except NotGenuine as error:
                log.warning("node.refused", why=str(error))
                self.hang_up()

    @property
    def proved(self) -> bool:
        """Whether a server of ours is at the other end."""
        return self._in is not None

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message, if anybody is there who has proved himself and reads."""
        if self._transport is None or self._out is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            log.error("node.server_reads_nothing")
            self._transport.abort()
            return
        self._transport.write(self._out.close(orjson.dumps(message)) + b"\n")

    def hang_up(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def _check(self) -> None:
        if self._in is None:
            self.hang_up()

    def _prove(self, line: bytes) -> None:
        try:
            given = orjson.loads(line) if len(line) <= MAX_FIRST_LINE else None
        except orjson.JSONDecodeError:
            given = None
        theirs = given.get("challenge") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(theirs, str) or len(theirs) != CHALLENGE:
            raise NotGenuine("no proof")
        token, ours = self._node.token, self._challenge
        if theirs == ours or not is_proof(given.get("proof"), token, "server", ours, theirs):
            raise NotGenuine("a wrong proof")
        answer = {"proof": proof(token, "node", ours, theirs)}
        self._in = Seal(token, "server", ours, theirs)
        self._out = Seal(token, "node", ours, theirs)
        if self._transport is not None:
            self._transport.write(wire.encode(answer))

    def _request(self, line: bytes) -> None:
        try:
            request = wire.requests.validate_json(line)
        except ValidationError:
            # Only a server of another release gets here: what it sends is genuine.
            self.tell(wire.failure(_id_in(line), "request.invalid", "not a request"))
            return
        _ = spawn(self._serve(request), name="node.serve")

    async def _serve(self, request: wire.Request) -> None:
        try:
            self.tell({"id": request.id, "ok": True, **await self._do(request)})
        except MediaError as error:
            code = CODES.get(type(error), "media.error")
            self.tell(wire.failure(request.id, code, str(error)))
        except Exception as error:
            log.error("node.request_failed", error=error)
            self.tell(wire.failure(request.id, "media.error", "internal error"))

    async def _do(self, request: wire.Request) -> dict[str, Any]:
        media = self._node.media
        match request:
            case wire.Hello():
                return {"version": wire.VERSION}
            case wire.LegOpen():
                return {"sdp": await self._open(request)}
            case wire.LegAnswer():
                await media.answer(self._own(request.leg_id), request.sdp)
            case wire.LegRestart():
                return {"sdp": await media.restart(self._own(request.leg_id))}
            case wire.LegPresent():
                await media.present(self._own(request.leg_id), on=request.on)
            case wire.LegPrefer():
                await media.prefer(self._own(request.leg_id), on=request.on)
            case wire.LegSwitch():
                on = {"pictures": request.pictures, "on_hold": request.on_hold}
                await media.switch(self._own(request.leg_id), **on)
            case wire.LegClose():
                await media.close_leg(self._own(request.leg_id))
                self._node.forget(request.leg_id)
            case wire.Stats():
                return {"stats": without_legs(await media.stats())}
            case wire.Leave():
                for leg_id, leg in legs_in(await media.stats()):
                    if self._node.owners.get(leg_id) is self:
                        self._tell_left(leg_id, leg)
            case _:
                pass
        return {}

    async def _open(self, request: wire.LegOpen) -> str:
        owners, leg_id = self._node.owners, request.leg_id
        if leg_id in owners:
            raise MediaError("this leg is open already")
        owners[leg_id] = self  # its events come before its offer
        try:
            sdp = await self._node.media.open_leg(
                request.visit_id, leg_id, request.participant, echo=request.echo
            )
        except BaseException as error:
            self._node.forget(leg_id)
            if isinstance(error, MediaFull) and request.visit_id in self._node.visits.values():
                raise VisitHeld(str(error)) from error
            raise
        if leg_id in owners:  # else it was lost meanwhile
            self._node.visits[leg_id] = request.visit_id
        return sdp

    def _tell_left(self, leg_id: str, leg: Mapping[str, Any]) -> None:
        """As if it were over: what becomes of it is nothing to this server any more."""
        over = {"event": _NAMES[LegOver], "leg_id": leg_id, "visit_id": leg["visit_id"]}
        self.tell({**over, "state": "closed", "quality": leg["quality"]})

    def _own(self, leg_id: str) -> str:
        if self._node.owners.get(leg_id) is not self:
            raise NoSuchLeg("no such leg")
        return leg_id


def _id_in(line: bytes) -> int | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if type(given) is int else None
