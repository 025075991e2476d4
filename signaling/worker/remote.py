"""A server's connection to a media node: a worker's client over TCP, sealed with the token."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

import orjson
from typing_extensions import override

from server.kit.log import get_logger
from signaling.rooms.media_port import Ending, MediaError, MediaEvent, MediaUnavailable
from signaling.worker import wire
from signaling.worker.client import WorkerClient
from signaling.worker.events import read_shared
from signaling.worker.sealing import CHALLENGE, NotGenuine, Seal, challenge, is_proof, proof

log = get_logger(__name__)

CONNECT_WITHIN = 3.0
# Seconds until the other end's machine, silent without a word of farewell, counts as dead.
DEAD_AFTER = 10


def notice_death(transport: asyncio.BaseTransport) -> None:
    """Let the kernel find out that a machine lost its power: by itself it waits for hours."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_AFTER // 2)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, DEAD_AFTER // 2)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER * 1000)


class NodeClient(WorkerClient):
    """One connection to one node. When it closes, it stays closed."""

    def __init__(self, token: bytes) -> None:
        super().__init__()
        #: Where it is, as the directory has it.
        self.address = ""
        self._token = token
        self._ours = challenge()
        self._theirs: str | None = None
        self._in: Seal | None = None
        self._out: Seal | None = None
        self.proved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever waited may have given up: a refusal that comes then is nobody's fault.
        self.proved.add_done_callback(lambda done: done.cancelled() or done.exception())

    @classmethod
    async def reach(cls, host: str, port: int, token: bytes) -> "NodeClient":
        """Connect, prove that both know the token, and check the release.

        Raises `MediaUnavailable` when the node does not answer, or is none of ours.
        """
        loop = asyncio.get_running_loop()
        client: NodeClient | None = None
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                _, client = await loop.create_connection(lambda: cls(token), host, port)
                await client.proved
            hello = await client.request("hello")
        except (OSError, TimeoutError) as error:
            if client is not None:
                client.close()
            raise MediaUnavailable("the media node does not answer") from error
        except MediaError:
            if client is not None:
                client.close()
            raise
        if hello.get("version") != wire.VERSION:
            client.close()
            raise MediaUnavailable("the media node speaks another version")
        return client

    # -- what only a node knows: see `SharedMediaPort` ----------------------------------------

    async def watch(self) -> None:
        """Hear of all legs from now on. When this returns, those that there are have been told."""
        await self.request("watch")

    def put_card(self, leg_id: str, card: str) -> None:
        """What the other servers are to know of a leg of this connection."""
        self.send("leg.card", leg_id=leg_id, card=card)

    def say(self, leg_id: str, sender: str, text: str) -> None:
        """Say something to a leg of another connection."""
        self.send("leg.say", leg_id=leg_id, sender=sender, text=text)

    async def adopt(self, leg_id: str) -> None:
        """Speak for a leg from now on. Raises `NoSuchLeg`."""
        await self.request("leg.adopt", leg_id=leg_id)

    async def end_leg(self, leg_id: str, reason: Ending) -> None:
        """Close a leg of any connection; one that is unknown is closed already."""
        await self.request("leg.close", leg_id=leg_id, reason=reason)

    def on_closed(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the connection is over."""
        self.closed.add_done_callback(lambda _: listener())

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected; whether to a node is to be shown."""
        notice_death(transport)
        super().connection_made(transport)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The node is gone, or no node of ours."""
        if not self.proved.done():
            self.proved.set_exception(MediaUnavailable("the media node hung up"))
        super().connection_lost(exc)

    @override
    def _read(self, message: dict[str, Any]) -> MediaEvent | None:
        return read_shared(message)

    @override
    def _write(self, message: dict[str, Any]) -> None:
        if self._transport is not None and self._out is not None:
            self._transport.write(self._out.close(orjson.dumps(message)) + b"\n")

    @override
    def _line(self, line: bytes) -> None:
        try:
            if self._in is not None:
                super()._line(self._in.open(line))
            elif self._theirs is None:
                self._challenged(line)
            else:
                self._answered(line, self._theirs)
        except NotGenuine as error:
            log.error("media.node_refused", why=str(error))
            self.close()

    def _challenged(self, line: bytes) -> None:
        theirs = _field(line, "challenge")
        if theirs is None or len(theirs) != CHALLENGE or theirs == self._ours:
            raise NotGenuine("no challenge")
        self._theirs = theirs
        ours = {"challenge": self._ours, "proof": proof(self._token, "server", theirs, self._ours)}
        cast("asyncio.WriteTransport", self._transport).write(wire.encode(ours))

    def _answered(self, line: bytes, theirs: str) -> None:
        if not is_proof(_field(line, "proof"), self._token, "node", theirs, self._ours):
            raise NotGenuine("a wrong proof")
        self._in = Seal(self._token, "node", theirs, self._ours)
        self._out = Seal(self._token, "server", theirs, self._ours)
        if not self.proved.done():
            self.proved.set_result(None)


def _field(line: bytes, name: str) -> str | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
