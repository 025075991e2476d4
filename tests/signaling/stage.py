"""A real server on a real port, real people in a real database, and their sockets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

import aiohttp
import socketio
from aiohttp import web

from server.accounts import service as accounts
from server.app import create_app
from server.clinics import service as clinics
from server.guests import service as guests
from server.guests.domain import GuestRole
from server.guests.routes import GUESTS
from server.kit.actor import Actor, Audience, Profession
from server.kit.bus import Bus
from server.kit.db import Database, UnitOfWork
from server.kit.idempotency import STRANGER, Claim
from server.kit.ids import new_id
from server.kit.settings import Settings
from server.login.routes import LOGIN
from server.login.service import hash_of
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState, TicketView
from server.visits import service as visits
from server.visits.domain import VisitView
from signaling.app import Signaling, Timing, attach
from signaling.pace import TokenBucket
from signaling.rooms.media_port import MediaPort
from tests.signaling.fakes import FakeMedia

QUICK = Timing(
    offline_after=timedelta(milliseconds=150),
    call_grace=timedelta(milliseconds=300),
    queue_pause=0.05,
)
DOCTOR = Profession.DOCTOR
Answer = dict[str, Any]


@dataclass
class Person:
    """Somebody who is logged in."""

    actor: Actor
    token: str

    @property
    def namespace(self) -> str:
        return f"/{self.actor.audience}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"vardrum-{self.actor.audience}={self.token}"}


@dataclass
class Tab:
    """One open socket, with every hint that reached it."""

    person: Person
    client: socketio.AsyncClient
    heard: list[tuple[str, Answer]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, event: str, payload: object = None) -> Answer:
        """Emit and return the ack."""
        answer = await self.client.call(
            event, {} if payload is None else payload, namespace=self.person.namespace, timeout=30
        )
        return cast("Answer", answer)

    async def ok(self, event: str, **payload: object) -> Answer:
        """Emit; the request must be granted."""
        answer = await self.ask(event, payload)
        assert answer["ok"] is True, answer
        return answer

    async def refused(self, event: str, **payload: object) -> str:
        """Emit; the request must be refused. Returns the code."""
        answer = await self.ask(event, payload)
        assert answer["ok"] is False, answer
        return cast("str", answer["error"]["code"])

    def hints(self, name: str) -> list[Answer]:
        """The hints of one name so far."""
        return [payload for event, payload in self.heard if event == name]

    async def until(self, name: str, **like: object) -> Answer:
        """The first hint of the name with these members; waits for it."""
        async with asyncio.timeout(5):
            while True:
                for payload in self.hints(name):
                    if all(payload[key] == value for key, value in like.items()):
                        return payload
                self._news.clear()
                await self._news.wait()

    async def catch(self, event: str, payload: Answer) -> None:
        self.heard.append((event, payload))
        self._news.set()

    async def cut(self) -> None:
        """The network goes: no goodbye."""
        await self.client.eio.ws.close()


class Stage:
    """Everything that a test of the socket needs."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        timing: Timing = QUICK,
        media: MediaPort | None = None,
        bus: Bus | None = None,
    ) -> None:
        self.settings = settings
        self.bus = bus
        self.database = database
        self.media = FakeMedia()
        self._media: MediaPort = media or self.media
        self._timing = timing
        self._tabs: list[Tab] = []
        self._sessions: list[aiohttp.ClientSession] = []
        self.url = ""
        self.clinic = ""

    async def start(self) -> None:
        await self.database.start()
        app = create_app(self.settings, self.database)
        self.sessions = app[LOGIN].sessions
        self.guests = app[GUESTS]
        self.signaling: Signaling = attach(
            app, self.database, self._media, self._timing, bus=self.bus
        )
        await self.signaling.start()
        if self.bus is not None:
            await self.database.follow(self.bus)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.http = aiohttp.ClientSession(self.url)
        self.clinic = self.clinic or await self.write(_clinic)

    async def stop(self) -> None:
        for tab in self._tabs:
            await tab.client.disconnect()
        for session in (self.http, *self._sessions):
            await session.close()
        await self.signaling.drain()
        await self.signaling.stop()
        await self._runner.cleanup()
        await self.database.stop()

    async def write(self, fn: Callable[..., Any], *args: Any) -> Any:
        """A use case, straight on the database."""
        return await self.database.write(fn, *args)

    async def settle(self) -> None:
        """Return when every hint of what is committed has been handed to the sockets."""
        relay = self.signaling._hint_relay
        await eventually(
            lambda: not (relay._changed or relay._timer is not None or relay._telling.locked())
        )

    async def patient(self, name: str = "Anna") -> Person:
        """A new patient, logged in."""
        return await self._person(Audience.PATIENT, name)

    async def clinician(self, name: str = "Bo", *, on_duty: bool = True) -> Person:
        """A new doctor, logged in and on duty."""
        person = await self._person(Audience.STAFF, name)
        if on_duty:
            await self.write(queueing.set_duty, person.actor, DutyState.ON, self.clinic, DOCTOR)
        return person

    async def _person(self, audience: Audience, name: str) -> Person:
        def create(uow: UnitOfWork) -> str:
            account = accounts.create(
                uow,
                audience,
                new_id(),
                name,
                "-",
                birth_date=date(1980, 2, 3) if audience is Audience.PATIENT else None,
                title="läkare" if audience is Audience.STAFF else None,
            )
            if audience is Audience.STAFF:
                clinics.commission(uow, account.id, self.clinic, DOCTOR)
            return account.id

        token, known = await self.sessions.open(await self.write(create), audience, new_id(), None)
        return Person(known.actor, token)

    async def guest(
        self,
        visit_id: str,
        clinician: Person,
        role: GuestRole = GuestRole.RELATIVE,
        *,
        admitted: bool = True,
    ) -> Person:
        """Somebody who came with an invitation, and was let in or waits in the lobby."""
        guest = await self.write(guests.invite, clinician.actor, visit_id, f"Gäst {role}", role)
        invitation = new_id()
        await self.write(guests.issue, clinician.actor, visit_id, guest.id, hash_of(invitation))
        claim = Claim(STRANGER, new_id(), "POST", "/api/v1/guest/session", "")
        token, _ = await self.guests.redeem(
            invitation, client=guest.id, claim=claim, staff=None, here=frozenset()
        )
        assert token is not None
        if admitted:
            await self.write(guests.admit, clinician.actor, visit_id, guest.id, True)
        actor = await self.guests.actor_for(token)
        assert actor is not None
        return Person(actor, token)

    def browser(self) -> socketio.AsyncClient:
        """A client that does not reconnect by itself."""
        # A session of its own: the library leaves its one open when it is refused.
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._sessions.append(session)
        return socketio.AsyncClient(reconnection=False, http_session=session)

    async def tab(self, person: Person, *, unhurried: bool = False) -> Tab:
        """Open a socket. `unhurried`: without the limit of pace, for tests that hammer."""
        client = self.browser()
        tab = Tab(person, client)
        client.on("*", tab.catch, namespace=person.namespace)
        await client.connect(
            self.url,
            headers=person.headers,
            namespaces=[person.namespace],
            transports=["websocket"],
            wait_timeout=10,
        )
        self._tabs.append(tab)
        if unhurried:
            connection = self.signaling.connections.get(client.get_sid(person.namespace))
            assert connection is not None
            connection.pace = TokenBucket(rate=1e9, burst=1e9)
        return tab

    async def queue(self, patient: Person, channel: Channel = Channel.VIDEO) -> TicketView:
        """Join the doctors' queue."""
        return cast(
            "TicketView",
            await self.write(
                queueing.join, patient.actor, self.clinic, DOCTOR, "Ont i halsen", channel
            ),
        )

    async def visit(
        self, patient: Person, clinician: Person, channel: Channel = Channel.VIDEO
    ) -> str:
        """A visit in progress."""
        await self.queue(patient, channel)
        called: VisitView = await self.write(visits.call_next, clinician.actor)
        await self.write(visits.join, patient.actor, called.visit.id)
        return called.visit.id


def _clinic(uow: UnitOfWork) -> str:
    clinic = clinics.add_clinic(uow, "Mälarö vårdcentral", "Norr")
    clinics.set_hours(uow, clinic.id, DOCTOR, always=True)
    return clinic.id


async def eventually(holds: Callable[[], bool], seconds: float = 5) -> None:
    """Return once it holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)
