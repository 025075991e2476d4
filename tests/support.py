"""What tests of the server stand on: people, clinics, and a client that speaks the API."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from server.accounts import service as accounts
from server.accounts.domain import Account
from server.clinics import service as clinics
from server.clinics.domain import Clinic
from server.kit.actor import Actor, Audience, Profession
from server.kit.db import Database, UnitOfWork
from server.kit.edge import cookie_name
from server.login.passwords import hash_password
from server.login.routes import LOGIN

# A Monday morning in Stockholm, in winter time.
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "korrekt häst batteri"
PASSWORD_HASH = hash_password(PASSWORD)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end."""

    status: int
    body: bytes
    json: Any
    headers: Any


class Api:
    """A browser: its own cookies, and the headers that our client sends."""

    def __init__(self, app: web.Application, server: TestServer) -> None:
        self.app = app
        self.server = server
        # aiohttp keeps cookies of bare addresses only in an unsafe jar.
        self.http: TestClient[web.Request, web.Application] = TestClient(
            server, cookie_jar=CookieJar(unsafe=True)
        )
        self.account: Account | None = None
        self._opened: list[Api] = []

    async def get(self, path: str, **options: Any) -> Reply:
        """GET."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Reply:
        """POST a JSON body, by default `{}`."""
        return await self.request("POST", path, json={} if json is None else json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> Reply:
        """PUT a JSON body, by default `{}`."""
        return await self.request("PUT", path, json={} if json is None else json, **options)

    async def delete(self, path: str, **options: Any) -> Reply:
        """DELETE."""
        return await self.request("DELETE", path, **options)

    async def request(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        """Send with the headers of our client; `key` is the Idempotency-Key (fresh by default)."""
        sent = {"X-Vardrum": "1", "Idempotency-Key": key or str(uuid.uuid4())}
        sent |= headers or {}
        sent = {name: value for name, value in sent.items() if value}
        options.setdefault("allow_redirects", False)
        async with self.http.request(method, path, headers=sent, **options) as response:
            body = await response.read()
            kind = response.content_type
            parsed = await response.json(content_type=None) if "json" in kind and body else None
            return Reply(response.status, body, parsed, response.headers)

    async def log_in(self, account: Account, password: str = PASSWORD) -> Reply:
        """Log in as a person does, with the password."""
        reply = await self.post(
            f"/api/v1/{account.audience}/session",
            {"username": account.username, "password": password},
        )
        if reply.status == 201:
            self.account = account
        return reply

    def another(self) -> Api:
        """Another browser, in which nobody is logged in."""
        other = Api(self.app, self.server)
        self._opened.append(other)
        return other

    async def as_(self, account: Account) -> Api:
        """Another browser, in which the account is logged in (without the work of a hash)."""
        other = self.another()
        token, _ = await self.app[LOGIN].sessions.open(
            account.id, account.audience, str(uuid.uuid4()), None
        )
        name = cookie_name(account.audience, secure=False)
        other.http.session.cookie_jar.update_cookies({name: token}, self.server.make_url("/"))
        other.account = account
        return other

    async def close(self) -> None:
        """Close this browser and those it opened."""
        for other in self._opened:
            await other.close()
        await self.http.session.close()


class People:
    """Makes accounts and clinics in a test's database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def patient(
        self, name: str = "Pia Patient", birth_date: date = date(1991, 5, 17)
    ) -> Account:
        """A patient whose password is `PASSWORD`."""
        return await self.database.write(
            lambda uow: accounts.create(
                uow,
                Audience.PATIENT,
                f"patient{next(_numbers)}",
                name,
                PASSWORD_HASH,
                birth_date=birth_date,
            )
        )

    async def clinician(
        self,
        *at: Clinic,
        profession: Profession = Profession.DOCTOR,
        name: str = "Klara Kliniker",
        title: str = "Läkare",
    ) -> Account:
        """A member of the staff with a commission at each of the clinics."""

        def make(uow: UnitOfWork) -> Account:
            account = accounts.create(
                uow, Audience.STAFF, f"staff{next(_numbers)}", name, PASSWORD_HASH, title=title
            )
            for clinic in at:
                clinics.commission(uow, account.id, clinic.id, profession)
            return account

        return await self.database.write(make)

    async def administrator(self, name: str = "Ada Administratör") -> Account:
        """A member of the staff who administers, and works at no clinic."""

        def make(uow: UnitOfWork) -> Account:
            account = accounts.create(
                uow, Audience.STAFF, f"staff{next(_numbers)}", name, PASSWORD_HASH, title="Chef"
            )
            accounts.set_administrator(uow, account.id, True)
            return accounts.get(uow, account.id)

        return await self.database.write(make)

    async def clinic(
        self,
        name: str = "Storgatans vårdcentral",
        professions: Iterable[Profession] = tuple(Profession),
        *,
        always: bool = True,
    ) -> Clinic:
        """A clinic whose services are open day and night, or (not `always`) never."""

        def make(uow: UnitOfWork) -> Clinic:
            clinic = clinics.add_clinic(uow, name, "Mälarö")
            for profession in professions:
                clinics.set_hours(uow, clinic.id, profession, always=always)
            return clinics.get_clinic(uow, clinic.id)

        return await self.database.write(make)

    async def actor(self, account: Account) -> Actor:
        """The account as an actor, for calling services directly."""

        def make(uow: UnitOfWork) -> Actor:
            return Actor(
                account.id,
                account.audience,
                "00000000-0000-7000-8000-000000000000",
                account.name,
                clinics.commissions_of(uow, account.id),
                administrator=accounts.get(uow, account.id).administrator_since is not None,
            )

        return await self.database.read(make)
