"""Several servers over one database, with media nodes that they share."""

import asyncio
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from server.kit.db import Database, UnitOfWork
from server.kit.settings import Settings
from server.visits import store
from server.visits.domain import CallQuality
from signaling.worker.node_pool import NodePool
from tests.media.site import TOKEN, Site
from tests.signaling.fakes import FakeMedia
from tests.signaling.stage import Person, Stage, Tab, eventually

ON = {"mic_on": True, "camera_on": True}


class Server(Stage):
    """One server of several. The database, and what it tells, is all of theirs."""

    def __init__(self, settings: Settings, database: Database, pool: NodePool) -> None:
        super().__init__(settings, database, media=pool)
        self.pool = pool
        self.alive = True

    @override
    async def start(self) -> None:
        await self.pool.start()
        await super().start()

    @override
    async def stop(self) -> None:
        """As `vardrum serve` does when it is told to."""
        self.alive = False
        await super().stop()
        await self.pool.stop()

    def die(self) -> None:
        """The process is killed: every connection breaks off, and it says and writes nothing."""
        self.pool._listeners.clear()
        if self.pool._task is not None:
            self.pool._task.cancel()
        for client in list(self.pool._clients.values()):
            assert client._transport is not None
            client._transport.abort()
        self.signaling._hint_relay.stop()


class _Lasting(Database):
    """Started once, and stopped after the last server."""

    @override
    async def start(self) -> None:
        if not getattr(self, "_started", False):
            self._started = True
            await super().start()

    @override
    async def stop(self) -> None:
        """Not yet."""

    async def end(self) -> None:
        await super().stop()


class Cluster:
    """Servers `a`, `b` and so on, and the nodes of a site."""

    def __init__(self, settings: Settings, backend: Any) -> None:
        self.settings = settings
        self.database = _Lasting(backend)
        self.site = Site()
        self.servers: list[Server] = []

    async def start(self, nodes: Sequence[str] = ("one",)) -> None:
        for name in nodes:
            await self.site.node(name)

    async def server(self) -> Server:
        """One more."""
        pool = NodePool(self.site.shared, TOKEN, look_every=0.02)
        server = Server(self.settings, self.database, pool)
        self.servers.append(server)
        await server.start()
        await eventually(lambda: set(pool._clients) == set(self.site.shared.nodes))
        return server

    async def stop(self) -> None:
        for server in self.servers:
            if server.alive:
                await server.stop()
        await self.site.stop()
        await self.database.end()

    @property
    def media(self) -> FakeMedia:
        """That of the only node."""
        (media,) = self.site.media.values()
        return media


class Member:
    """Somebody with a socket at a server, and a leg in a visit's call."""

    def __init__(self, tab: Tab, visit_id: str) -> None:
        self.tab = tab
        self.visit_id = visit_id
        self.leg_id = ""
        self.participant = ""
        self.joined: dict[str, Any] = {}

    @classmethod
    async def at(cls, server: Server, person: Person, visit_id: str) -> "Member":
        return cls(await server.tab(person), visit_id)

    async def join(self, **fields: object) -> "Member":
        """Join the call, and answer."""
        self.joined = await self.tab.ok("call.join", visit_id=self.visit_id, **fields)
        self.leg_id = self.joined["leg_id"]
        self.participant = self.joined["participant_id"]
        await self.tab.ok("call.answer", **self.leg, sdp="v=0")
        return self

    @property
    def leg(self) -> dict[str, str]:
        return {"visit_id": self.visit_id, "leg_id": self.leg_id}

    async def says(self, **switches: object) -> None:
        """Switch something."""
        await self.tab.ok("call.state", **self.leg, **{**ON, **switches})

    async def back_at(self, server: Server, *, says: bool = True) -> "Member":
        """The socket is lost, and opened at another server, where the page names its leg."""
        await self.tab.cut()
        back = await Member.at(server, self.tab.person, self.visit_id)
        back.leg_id, back.participant = self.leg_id, self.participant
        if says:
            await back.says()
        return back

    def seats(self) -> list[dict[str, Any]]:
        """Who sits in the leg, as was last told."""
        told = [h for h in self.tab.hints("call.slots") if h["leg_id"] == self.leg_id]
        seating = told[-1] if told else self.joined.get("seating", {"slots": []})
        return [seat for seat in seating["slots"] if seat is not None]

    async def sees(self, **like: object) -> dict[str, Any]:
        """Wait until somebody who is seated is like this."""

        def found() -> list[dict[str, Any]]:
            return [
                seat
                for seat in self.seats()
                if all(seat[name] == value for name, value in like.items())
            ]

        await eventually(lambda: bool(found()), 20)
        return found()[0]

    async def sees_nobody(self) -> None:
        """Wait until nobody else is there."""
        await eventually(lambda: not self.seats(), 20)

    def lost(self) -> list[str]:
        """Why legs of this person ended."""
        return [hint["reason"] for hint in self.tab.hints("call.lost")]

    def peer(self) -> list[tuple[bool, str | None]]:
        """What was told of the other party."""
        return [(hint["joined"], hint["reason"]) for hint in self.tab.hints("call.peer")]

    async def said(self, name: str, **like: object) -> dict[str, Any]:
        return await self.tab.until(name, **like)


async def together(*asked: Any) -> list[Any]:
    """All at once."""
    return list(await asyncio.gather(*asked, return_exceptions=True))


KEY = "k" * 87
"""A device's, that can hide its frames."""


class Call:
    """Anna at server `a`, her clinician Bo at server `b`, and their visit."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.a: Server
        self.b: Server
        self.visit_id = ""

    async def start(self, nodes: tuple[str, ...] = ("one",)) -> "Call":
        await self.cluster.start(nodes)
        self.a, self.b = await self.cluster.server(), await self.cluster.server()
        self.people: tuple[Person, Person] = await self.a.patient(), await self.a.clinician()
        self.visit_id = await self.a.visit(*self.people)
        self.anna = await Member.at(self.a, self.people[0], self.visit_id)
        self.bo = await Member.at(self.b, self.people[1], self.visit_id)
        await self.anna.join(public_key=KEY)
        await self.bo.join()
        await self.bo.sees(role="patient")
        await self.anna.sees(role="clinician")
        return self

    def report(self, member: Member, state: str) -> None:
        self.cluster.media.report(member.leg_id, state)  # type: ignore[arg-type]

    async def records(self, count: int) -> list[CallQuality]:
        def stored(uow: UnitOfWork) -> list[CallQuality]:
            return store.calls(uow.conn, self.visit_id)

        for server in self.cluster.servers:
            await eventually(lambda server=server: not server.signaling._quality._writing)  # type: ignore[misc]
        found: list[CallQuality] = await self.a.database.read(stored)
        assert len(found) == count
        return found
