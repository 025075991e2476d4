"""A clinic where everything is going on, everybody who might look at it, and the whole server."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.accounts.domain import Account
from server.app import create_app
from server.clinics.domain import Clinic
from server.guests import service as guests
from server.guests.domain import GuestRole
from server.guests.routes import GUESTS
from server.kit.actor import Audience, Profession
from server.kit.db import Database, UnitOfWork, metadata
from server.kit.http import Route
from server.kit.idempotency import STRANGER, Claim
from server.kit.ids import new_id
from server.kit.permissions import Scope, Scopes
from server.kit.settings import Settings
from server.login.routes import LOGIN
from server.login.service import hash_of
from server.messages import service as messages
from server.queueing import service as queueing
from server.queueing.domain import Channel, DutyState
from server.visits import service as visits
from signaling.app import attach
from tests.permissions.callers import CALLERS, Caller, Session
from tests.permissions.example import example
from tests.signaling.fakes import FakeMedia
from tests.support import PASSWORD, People, Reply

DOCTOR, PSYCHOLOGIST = Profession.DOCTOR, Profession.PSYCHOLOGIST
NAMES = ("Anna Hemligsson", "Berit Tystberg")
TEXTS = ("ont vid hjartat", "utslag pa armen", "det svider mest", "vila i tre dagar")
"""What patients are called, and what only those who care for them may read."""

# A page of some length; and an invitation that nobody made, passwords and a span.
_PAGE = {"after": "0", "limit": "50", "older_than": "1"}
_INVITATION = {
    "token": "x" * 43, "password": "fyra gröna dörrar", "current": PASSWORD, "new": "fem blå båtar",
    "opens": 0, "closes": 60,
}  # fmt: skip

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Arena:
    """The world of one test. Ids are by the name under which declarations name them."""

    database: Database
    app: web.Application
    server: TestServer
    media: FakeMedia
    sessions: dict[str, Session] = field(default_factory=dict)
    ids: dict[tuple[Audience, Scope, str], str] = field(default_factory=dict)
    _clients: list[socketio.AsyncClient] = field(default_factory=list)

    def ids_for(
        self, scopes: Scopes, audience: Audience, without: Caller | None = None
    ) -> dict[str, str]:
        """The things that declared ids stand for; ``without``: what is not this caller's is none.

        A declaration that this world has no thing for is a ``KeyError``: add it in ``_happen``.
        """
        found = {}
        for name, scope in scopes.items():
            if scope is Scope.ANYBODY and name == "client_id":
                found[name] = new_id()
            else:
                found[name] = self.ids[audience, scope, name]
            if without is not None and without.is_foreign(scope):
                found[name] = new_id()
        return found

    async def rows(self) -> Rows:
        """Everything that is stored, but for what changes by itself."""
        return await self.database.read(_rows)

    async def request(self, session: Session, method: str, path: str, **options: Any) -> Reply:
        """A request as the client sends it, with the session's cookies under both names."""
        headers = {"X-Vardrum": "1", "Idempotency-Key": str(uuid.uuid4())}
        headers |= {"Cookie": session.cookies()} | options.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value}
        async with aiohttp.ClientSession() as http:
            url = self.server.make_url(path)
            async with http.request(method, url, headers=headers, **options) as answer:
                body = await answer.read()
                json = (
                    await answer.json(content_type=None) if "json" in answer.content_type else None
                )
                return Reply(answer.status, body, json, answer.headers)

    async def call(
        self,
        session: Session,
        route: Route,
        *,
        missing: bool = False,
        others: dict[str, Any] | None = None,
        **options: Any,
    ) -> Reply:
        """A well-formed request at the route, about what is the caller's or else about nothing.

        ``others``: fields of the body that shall be something else.
        """
        ids = self.ids_for(
            route.scope, route.audience or Audience.PATIENT, session.caller if missing else None
        )
        path = route.path.format_map(ids)
        if route.query is not None:
            options["params"] = {k: str(v) for k, v in example(route.query, ids | _PAGE).items()}
        if route.body is not None:
            options["json"] = example(route.body, ids | _INVITATION) | (others or {})
        return await self.request(session, route.method, path, **options)

    async def connect(self, session: Session, namespace: str) -> socketio.AsyncClient | None:
        """A socket, or None when the handshake says that there is no session."""
        http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        client = socketio.AsyncClient(reconnection=False, http_session=http)
        codes: list[str] = []

        async def refused(data: dict[str, Any]) -> None:
            codes.append(data["data"]["code"])

        client.on("connect_error", refused, namespace=namespace)
        cookies = session.cookies()
        self._clients.append(client)
        try:
            await client.connect(
                str(self.server.make_url("/")),
                headers={"Cookie": cookies} if cookies else {},
                namespaces=[namespace],
                transports=["websocket"],
                wait_timeout=10,
            )
        except socketio.exceptions.ConnectionError:
            assert codes == ["session.required"]
            return None
        return client

    async def close(self) -> None:
        """Close every socket."""
        for client in self._clients:
            await client.disconnect()
            await client.eio.http.close()


def _rows(uow: UnitOfWork) -> Rows:
    moving = {"delivered_at", "data", "last_used_at"}
    found: Rows = {}
    for table in metadata.sorted_tables:
        columns = [column for column in table.c if column.name not in moving]
        found[table.name] = sorted(
            (tuple(row) for row in uow.conn.execute(sa.select(*columns))), key=repr
        )
    return found


def _claim() -> Claim:
    """A request of its own."""
    return Claim(STRANGER, new_id(), "POST", "/api/v1/guest/session", "")


async def build(database: Database, settings: Settings) -> Arena:
    """Anna meets Karin and waits for a psychologist; Berit waits for a doctor."""
    people = People(database)
    app, media = create_app(settings, database), FakeMedia()
    signaling = attach(app, database, media)
    await signaling.start()

    async def stop(_app: web.Application) -> None:
        await signaling.stop()

    app.on_cleanup.append(stop)
    server = TestServer(app)
    await server.start_server()
    arena = Arena(database, app, server, media)
    here, there = await people.clinic(), await people.clinic("Bortre vardcentralen")
    accounts = await _accounts(people, here, there)
    for caller in CALLERS:
        arena.sessions[caller.name] = await _log_in(arena, caller, accounts.get(caller.name))
    await _happen(arena, people, here, there, accounts)
    await _invite(arena, people, there, accounts)
    return arena


async def _accounts(people: People, here: Clinic, there: Clinic) -> dict[str, Account]:
    anna, karin = await people.patient(NAMES[0]), await people.clinician(here, name="Karin")
    return {
        "the patient": anna,
        "another patient": await people.patient("Cilla"),
        "the patient, logged out": anna,
        "the clinician": karin,
        "a colleague on duty": await people.clinician(here, name="Lars"),
        "another profession": await people.clinician(here, profession=PSYCHOLOGIST, name="Petra"),
        "another clinic": await people.clinician(there, name="Nils"),
        "off duty": await people.clinician(here, name="Olle"),
        "no commission": await people.clinician(name="Ingen"),
        "an administrator": await people.administrator(),
        "the clinician, logged out": karin,
    }


async def _log_in(arena: Arena, caller: Caller, account: Account | None) -> Session:
    if account is None:
        return Session(caller, None, "")
    sessions = arena.app[LOGIN].sessions
    token, known = await sessions.open(account.id, account.audience, new_id(), None)
    if caller.ended:
        await sessions.end(known.session.id)
    return Session(caller, account, token)


async def _happen(
    arena: Arena, people: People, here: Clinic, there: Clinic, accounts: dict[str, Account]
) -> None:
    write = arena.database.write
    anna = await people.actor(accounts["the patient"])
    karin = await people.actor(accounts["the clinician"])
    for name, clinic, profession in (
        ("the clinician", here, DOCTOR),
        ("a colleague on duty", here, DOCTOR),
        ("another profession", here, PSYCHOLOGIST),
        ("another clinic", there, DOCTOR),
    ):
        actor = await people.actor(accounts[name])
        await write(queueing.set_duty, actor, DutyState.ON, clinic.id, profession)
    await write(queueing.join, anna, here.id, DOCTOR, TEXTS[0], Channel.VIDEO)
    visit = (await write(visits.call_next, karin)).visit.id
    await write(visits.join, anna, visit)
    await write(messages.post, anna, visit, new_id(), TEXTS[2])
    await write(visits.save_note, karin, visit, TEXTS[3], 0)
    waits = await write(queueing.join, anna, here.id, PSYCHOLOGIST, TEXTS[0], Channel.VIDEO)
    berit = await people.actor(await people.patient(NAMES[1]))
    other = await write(queueing.join, berit, here.id, DOCTOR, TEXTS[1], Channel.CHAT)
    patient, staff = Audience.PATIENT, Audience.STAFF
    arena.ids = {
        (Audience.GUEST, Scope.OWNER, "ticket_id"): waits.ticket.id,
        (Audience.GUEST, Scope.PARTY, "visit_id"): visit,
        (Audience.GUEST, Scope.DUTY, "clinic_id"): here.id,
        (patient, Scope.OWNER, "ticket_id"): waits.ticket.id,
        (patient, Scope.PARTY, "visit_id"): visit,
        (patient, Scope.ANYBODY, "clinic_id"): here.id,
        (patient, Scope.ANYBODY, "before"): visit,
        (patient, Scope.DUTY, "clinic_id"): here.id,
        (staff, Scope.OWNER, "ticket_id"): waits.ticket.id,
        (staff, Scope.PARTY, "visit_id"): visit,
        (staff, Scope.ANYBODY, "before"): visit,
        (staff, Scope.DUTY, "ticket_id"): other.ticket.id,
        (staff, Scope.DUTY, "clinic_id"): here.id,
        (staff, Scope.COMMISSION, "clinic_id"): here.id,
        (staff, Scope.ADMINISTERED, "clinic_id"): here.id,
        (staff, Scope.ADMINISTERED, "account_id"): accounts["no commission"].id,
        (staff, Scope.ADMINISTERED, "after"): accounts["no commission"].id,
    }


async def _invite(
    arena: Arena, people: People, there: Clinic, accounts: dict[str, Account]
) -> None:
    """Anna's sister is in the visit, an interpreter waits outside; elsewhere there is one too."""
    write = arena.database.write
    karin = await people.actor(accounts["the clinician"])
    nils = await people.actor(accounts["another clinic"])
    dora = await people.actor(await people.patient("Dora"))
    await write(queueing.join, dora, there.id, DOCTOR, TEXTS[1], Channel.VIDEO)
    elsewhere = (await write(visits.call_next, nils)).visit.id
    await write(visits.join, dora, elsewhere)
    visit = arena.ids[Audience.STAFF, Scope.PARTY, "visit_id"]
    for name, host, where in (
        ("a guest", karin, visit),
        ("a guest who waits", karin, visit),
        ("a guest of another visit", nils, elsewhere),
        ("a guest, shown out", karin, visit),
    ):
        caller = next(each for each in CALLERS if each.name == name)
        guest = await write(guests.invite, host, where, name, GuestRole.INTERPRETER)
        invitation = new_id()
        await write(guests.issue, host, where, guest.id, hash_of(invitation))
        token, _ = await arena.app[GUESTS].redeem(
            invitation, client=name, claim=_claim(), staff=None, here=frozenset()
        )
        assert token is not None
        arena.sessions[name] = Session(caller, None, token)
        if caller.admitted:
            await write(guests.admit, host, where, guest.id, True)
        else:
            arena.ids[Audience.STAFF, Scope.PARTY, "guest_id"] = guest.id
        if caller.ended:
            await write(guests.remove, host, where, guest.id)
