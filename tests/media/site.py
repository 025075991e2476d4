"""A site of media nodes with media that is made up, and servers that use them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from signaling.rooms.media_port import MediaEvent
from signaling.worker.node import NodeServer
from signaling.worker.node_pool import NodePool
from tests.signaling.fakes import FakeMedia

TOKEN = b"a token of thirty-two characters"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Seen:
    """A node, as the directory tells of it."""

    id: str
    address: str
    legs: int = 0
    capacity: int = 400
    draining: bool = False


@dataclass(frozen=True)
class Put:
    node_id: str
    fresh: bool


class Shared:
    """The directory that several servers share, in memory."""

    def __init__(self) -> None:
        self.nodes: dict[str, Seen] = {}
        self.visits: dict[str, str] = {}

    async def alive(self) -> list[Seen]:
        return list(self.nodes.values())

    async def place(self, visit_id: str, usable: Sequence[str], full: str | None) -> Put:
        held_by = self.visits.get(visit_id)
        node = self.nodes.get(held_by or "")
        if node is not None and not node.draining and node.id != full:
            return Put(node.id, fresh=False)
        self.visits[visit_id] = usable[0]
        return Put(usable[0], fresh=True)


class Site:
    """Nodes with media that is made up, and servers that use them."""

    def __init__(self) -> None:
        self.shared = Shared()
        self.media: dict[str, FakeMedia] = {}
        self.nodes: dict[str, NodeServer] = {}
        self.servers: list[NodePool] = []

    async def node(self, name: str) -> None:
        self.media[name] = FakeMedia()
        self.nodes[name] = NodeServer(self.media[name], TOKEN)
        port = await self.nodes[name].start(HOST, 0)
        self.shared.nodes[name] = Seen(name, f"{HOST}:{port}")

    async def server(self) -> tuple[NodePool, list[MediaEvent]]:
        server, heard = NodePool(self.shared, TOKEN, look_every=0.02), list[MediaEvent]()
        server.on_event(heard.append)
        await server.start()
        self.servers.append(server)
        return server, heard

    async def stop(self) -> None:
        for server in self.servers:
            await server.stop()
        for node in self.nodes.values():
            node.stop()
        await asyncio.sleep(0.05)
