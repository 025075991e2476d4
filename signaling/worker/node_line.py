"""One connection of one server to a media node: its proof, then its requests."""

import asyncio
from typing import Any, Protocol, cast

import orjson
from pydantic import ValidationError
from typing_extensions import override

from server.kit.log import get_logger
from server.kit.tasks import spawn
from signaling.rooms.media_port import MediaError, MediaPort
from signaling.worker import wire
from signaling.worker.client import CODES
from signaling.worker.lines import LineBuffer, LineTooLong
from signaling.worker.node_legs import NodeLegs
from signaling.worker.remote import notice_death
from signaling.worker.sealing import CHALLENGE, NotGenuine, Seal, challenge, is_proof, proof
from signaling.worker.told import without_legs

log = get_logger(__name__)

# Seconds; a first line has two short fields.
PROOF_WITHIN = 5.0
MAX_FIRST_LINE = 1024
# Octets that wait for a server; one that reads so slowly is out of its mind, or no more.
MAX_UNREAD = 32 << 20


class Node(Protocol):
    """What is behind the connections."""

    media: MediaPort
    token: bytes
    legs: NodeLegs

    def came(self, line: "NodeLine") -> None:
        """A connection was opened, by whomever."""
        ...

    def gone(self, line: "NodeLine") -> None:
        """A connection is over."""
        ...


class NodeLine(asyncio.Protocol):
    """One connection of one server."""

    def __init__(self, node: Node) -> None:
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
        self._node.came(self)
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
        media, legs = self._node.media, self._node.legs
        match request:
            case wire.Hello():
                return {"version": wire.VERSION}
            case wire.LegOpen():
                where = request.visit_id, request.leg_id, request.participant
                return {"sdp": await legs.open(self, *where, echo=request.echo)}
            case wire.LegAnswer():
                await media.answer(legs.own(self, request.leg_id), request.sdp)
            case wire.LegRestart():
                return {"sdp": await media.restart(legs.own(self, request.leg_id))}
            case wire.LegPresent():
                await media.present(legs.own(self, request.leg_id), on=request.on)
            case wire.LegPrefer():
                await media.prefer(legs.own(self, request.leg_id), on=request.on)
            case wire.LegSwitch():
                on = {"pictures": request.pictures, "on_hold": request.on_hold}
                await media.switch(legs.own(self, request.leg_id), **on)
            case wire.LegClose():
                await legs.close(self, request.leg_id, request.reason)
            case wire.LegCard():
                legs.put_card(self, legs.own(self, request.leg_id), request.card)
            case wire.LegAdopt():
                legs.adopt(self, request.leg_id)
            case wire.LegSay():
                legs.say(request.leg_id, legs.own(self, request.sender), request.text)
            case wire.Watch():
                legs.watch(self)
            case wire.Stats():
                return {"stats": without_legs(await media.stats())}
            case _:
                pass
        return {}


def _id_in(line: bytes) -> int | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if type(given) is int else None
