"""The media nodes, as a server uses them: a `SharedMediaPort` over all that the directory knows."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from server.kit.log import get_logger
from server.kit.tasks import cancel, every
from signaling.rooms.media_port import (
    Ending,
    LegCard,
    LegEnded,
    LegsHomeless,
    LegSpoken,
    LegStateChanged,
    MediaError,
    MediaEvent,
    MediaFull,
    MediaListener,
    MediaUnavailable,
    NoSuchLeg,
    VisitHeld,
)
from signaling.worker.client import notify
from signaling.worker.directory import Directory, NodeSeen
from signaling.worker.remote import NodeClient

log = get_logger(__name__)

LOOK_EVERY = 1.0


class NodePool:
    """Connections to the nodes, and which of them has each leg, of this server or of another."""

    def __init__(self, directory: Directory, token: bytes, look_every: float = LOOK_EVERY) -> None:
        self._directory = directory
        self._token = token
        self._look_every = look_every
        self._nodes: dict[str, NodeSeen] = {}
        self._clients: dict[str, NodeClient] = {}
        self._legs: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._watching = False
        self._listeners: list[MediaListener] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect to the nodes that there are; there may be none yet."""
        await self._look()
        self._task = every(self._look_every, self._look, "media.nodes")

    async def stop(self) -> None:
        """Hang up on all; what nobody takes over of this server's legs they close after a while."""
        if self._task is not None:
            await cancel(self._task)
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    @property
    def ready(self) -> bool:
        """Whether any node takes visits."""
        return bool(self._usable())

    # -- MediaPort ----------------------------------------------------------------------------

    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        """Open a leg on the node that holds the visit, for whichever server; the SDP offer."""
        refusal, full = MediaUnavailable("no media node is there"), None
        usable = self._usable()
        while usable:
            placed = await self._directory.place(visit_id, usable, full)
            client = self._clients.get(placed.node_id)
            if client is None:
                raise MediaUnavailable("the node that holds the visit can't be reached")
            if placed.fresh:
                log.info("media.visit_placed", node_id=placed.node_id)
            self._legs[leg_id] = placed.node_id
            try:
                return await client.open_leg(visit_id, leg_id, participant, echo=echo)
            except VisitHeld:
                self._legs.pop(leg_id, None)
                raise
            except MediaFull as error:
                self._legs.pop(leg_id, None)
                refusal, full = error, placed.node_id
                usable = [node_id for node_id in usable if node_id != full]
            except BaseException:
                self._legs.pop(leg_id, None)
                raise
        raise refusal

    async def answer(self, leg_id: str, sdp: str) -> None:
        """See `WorkerClient.answer`."""
        await self._client_of(leg_id).answer(leg_id, sdp)

    async def restart(self, leg_id: str) -> str:
        """See `WorkerClient.restart`."""
        return await self._client_of(leg_id).restart(leg_id)

    async def prefer(self, leg_id: str, *, on: bool) -> None:
        """See `WorkerClient.prefer`."""
        await self._client_of(leg_id).prefer(leg_id, on=on)

    async def present(self, leg_id: str, *, on: bool) -> None:
        """See `WorkerClient.present`."""
        await self._client_of(leg_id).present(leg_id, on=on)

    async def switch(self, leg_id: str, *, pictures: bool, on_hold: bool) -> None:
        """See `WorkerClient.switch`."""
        await self._client_of(leg_id).switch(leg_id, pictures=pictures, on_hold=on_hold)

    async def close_leg(self, leg_id: str) -> None:
        """See `WorkerClient.close_leg`; one that no node holds is closed already."""
        await self.end_leg(leg_id, "left")

    async def leave(self) -> None:
        """Speak for no leg any more: the nodes keep them until another server does."""
        for leg_id, node_id in list(self._legs.items()):
            del self._legs[leg_id]
            self._others[leg_id] = node_id
            self._tell(LegSpoken(leg_id, here=False))

    # -- SharedMediaPort ----------------------------------------------------------------------

    async def watch(self) -> None:
        """Hear of the legs of all servers on every node, those that come later included."""
        self._watching = True
        clients = list(self._clients.values())
        watched = await asyncio.gather(*(c.watch() for c in clients), return_exceptions=True)
        for client, failure in zip(clients, watched, strict=True):
            if isinstance(failure, MediaError):
                client.close()  # and it is reached anew
            elif failure is not None:
                raise failure

    def put_card(self, leg_id: str, card: str) -> None:
        """See `NodeClient.put_card`."""
        if client := self._clients.get(self._legs.get(leg_id, "")):
            client.put_card(leg_id, card)

    def say(self, leg_id: str, sender: str, text: str) -> None:
        """See `NodeClient.say`. Legs of one visit are on one node, or will be in a moment."""
        if client := self._clients.get(self._others.get(leg_id, "")):
            client.say(leg_id, sender, text)

    async def adopt(self, leg_id: str) -> None:
        """See `NodeClient.adopt`. Of a node that drains, the leg is to move at once."""
        node_id = self._others.get(leg_id, "")
        client = self._clients.get(node_id)
        if client is None:
            raise NoSuchLeg("no node holds this leg")
        await client.adopt(leg_id)
        node = self._nodes.get(node_id)
        if node is not None and node.draining and leg_id in self._legs and self.ready:
            self._tell(LegsHomeless(frozenset({leg_id}), gone=False))

    async def end_leg(self, leg_id: str, reason: Ending) -> None:
        """See `NodeClient.end_leg`; one that no node holds is over already."""
        held_by = self._legs.pop(leg_id, None) or self._others.pop(leg_id, "")
        client = self._clients.get(held_by)
        if client is not None:
            await client.end_leg(leg_id, reason)

    def on_event(self, listener: MediaListener) -> None:
        """Call `listener` for every event of every node, and when legs lose theirs."""
        self._listeners.append(listener)

    async def stats(self) -> Mapping[str, object]:
        """Counters of every worker of every node that answers, and what each is called.

        By its node's address and its number there: a node that is started anew, or another that
        comes or goes, gives nobody another name.
        """
        workers: list[Any] = []
        names: list[str] = []
        for client in sorted(self._clients.values(), key=lambda each: each.address):
            try:
                told = (await client.stats()).get("workers")
            except MediaError:
                continue
            if isinstance(told, list):
                workers += told
                names += (f"{client.address}/{number}" for number in range(len(told)))
        return {"workers": workers, "names": names}

    # -- the nodes ----------------------------------------------------------------------------

    def _usable(self) -> list[str]:
        """The nodes that this server reaches and that take visits, the least loaded first."""
        taking = [n for n in self._nodes.values() if n.id in self._clients and not n.draining]
        return [node.id for node in sorted(taking, key=lambda n: n.legs / max(1, n.capacity))]

    def _client_of(self, leg_id: str) -> NodeClient:
        client = self._clients.get(self._legs.get(leg_id, ""))
        if client is None:
            raise NoSuchLeg("no node holds this leg")
        return client

    async def _look(self) -> None:
        """See which nodes there are: reach the new ones, give up those that fell silent."""
        seen = {node.id: node for node in await self._directory.alive()}
        before, self._nodes = self._nodes, seen
        silent = [node_id for node_id in self._clients if node_id not in seen]
        await asyncio.gather(*(self._ask(node_id) for node_id in silent))
        new = [node for node in seen.values() if node.id not in self._clients]
        await asyncio.gather(*(self._reach(node) for node in new))
        for node in seen.values():
            was = before.get(node.id)
            if node.draining and was is not None and not was.draining:
                self._homeless(node.id, gone=False)

    async def _ask(self, node_id: str) -> None:
        """A node fell silent in the directory: give it up, unless it answers here.

        It may be the directory that was away; that is no reason to end every call.
        """
        client = self._clients[node_id]
        try:
            await client.ping()
        except MediaError:
            log.error("media.node_silent", node_id=node_id)
            client.close()

    async def _reach(self, node: NodeSeen) -> None:
        host, _, port = node.address.rpartition(":")
        try:
            client = await NodeClient.reach(host.strip("[]"), int(port), self._token)
        except (MediaUnavailable, ValueError) as error:
            log.warning("media.node_not_reached", node_id=node.id, error=error)
            return
        client.address = node.address
        self._clients[node.id] = client
        client.on_event(partial(self._happened, node.id))
        client.on_closed(partial(self._lost, node.id, client))
        if self._watching:
            try:
                await client.watch()
            except MediaError as error:
                log.warning("media.node_not_watched", node_id=node.id, error=error)
                client.close()

    def _lost(self, node_id: str, client: NodeClient) -> None:
        """A connection ended: whether or not the node lives, its legs are out of reach."""
        if self._clients.get(node_id) is client:
            del self._clients[node_id]
            self._homeless(node_id, gone=True)
            for leg_id in [each for each, held_by in self._others.items() if held_by == node_id]:
                del self._others[leg_id]
                self._tell(LegEnded(leg_id, "worker"))

    def _homeless(self, node_id: str, *, gone: bool) -> None:
        legs = frozenset(leg_id for leg_id, held_by in self._legs.items() if held_by == node_id)
        if legs and (gone or self.ready):
            self._tell(LegsHomeless(legs, gone))

    def _happened(self, node_id: str, event: MediaEvent) -> None:
        match event:
            case LegStateChanged(state="failed" | "closed") | LegEnded():
                self._forget(event.leg_id)
            case LegCard() if event.leg_id not in self._legs:
                self._others[event.leg_id] = node_id
            case LegSpoken():
                self._forget(event.leg_id)
                (self._legs if event.here else self._others)[event.leg_id] = node_id
            case _:
                pass
        self._tell(event)

    def _forget(self, leg_id: str) -> None:
        self._legs.pop(leg_id, None)
        self._others.pop(leg_id, None)

    def _tell(self, event: MediaEvent) -> None:
        if isinstance(event, LegsHomeless) and event.gone:
            for leg_id in event.leg_ids:
                self._legs.pop(leg_id, None)
        notify(self._listeners, event)
