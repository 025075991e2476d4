"""Many log in at once, over HTTP: who is told what, and that nothing else waits behind a hash."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from argon2 import PasswordHasher

from server.accounts import service as accounts
from server.app import create_app
from server.kit.db import Database
from server.kit.settings import Settings
from server.login import passwords
from server.login.routes import LOGIN
from tests.support import PASSWORD, Api, People, Reply

ME = "/api/v1/patient/session"


@pytest.fixture
def app(settings: Settings, database: Database) -> web.Application:
    """With one thread for hashes, and a proxy that may name the client."""
    proxied = settings.model_copy(update={"trusted_proxies": ("127.0.0.0/8",), "login_threads": 1})
    return create_app(proxied, database)


class Hasher:
    """Holds every hash back until it is let go, and counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.begun: list[str] = []
        verify = passwords.verify_password

        def held(hashed: str, password: str) -> bool:
            self.begun.append(hashed)
            self.go.wait(60)
            return verify(hashed, password)

        monkeypatch.setattr(passwords, "verify_password", held)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hasher]:
    made = Hasher(monkeypatch)
    yield made
    made.go.set()


def _log_in(api: Api, username: str, client: str, password: str = PASSWORD) -> Any:
    return asyncio.ensure_future(  # noqa: TID251
        api.post(
            ME,
            {"username": username, "password": password},
            headers={"X-Forwarded-For": client},
        )
    )


async def _until(holds: Any) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.005)


async def test_nothing_waits_behind_a_hash(client: Api, people: People, hasher: Hasher) -> None:
    other = await client.as_(await people.patient())
    patient = await people.patient()
    pool = client.app[LOGIN].pool
    logins = [_log_in(client.another(), patient.username, f"192.0.2.{n}") for n in range(4)]
    await _until(lambda: pool.waiting == 3)
    # The pool does not move, and all of this is answered meanwhile: read, write, socket's cookie.
    assert (await client.get("/health/ready")).status == 200
    assert (await other.get(ME)).status == 200
    assert (await other.delete(ME)).status == 204
    assert not any(login.done() for login in logins)
    assert len(hasher.begun) == 1
    hasher.go.set()
    assert [(await login).status for login in logins] == [201] * 4


def _told_to_wait(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    seconds = reply.headers["Retry-After"]
    assert seconds.isdecimal()
    assert int(seconds) == reply.json["retry_after"] >= 1
    assert "Set-Cookie" not in reply.headers


async def test_a_full_room_is_503_and_a_full_share_429(
    client: Api, people: People, hasher: Hasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords.PasswordPool, "room", property(lambda _: 8))
    names = [(await people.patient()).username for _ in range(12)]
    pool = client.app[LOGIN].pool
    crowd = [_log_in(client.another(), names[0], "192.0.2.100")]
    await _until(lambda: hasher.begun)
    for number, place in enumerate("1122334455"[:8]):
        crowd.append(_log_in(client.another(), names[number + 1], f"192.0.2.{place}"))
    await _until(lambda: pool.waiting == 8)
    # The client at .1 has its share of the room already; one more from there is its own fault.
    _told_to_wait(await _log_in(client.another(), names[10], "192.0.2.1"), 429, "login.throttled")
    # Somebody new takes the place of the last of a longest line; that one is told so at once.
    newcomer = _log_in(client.another(), names[11], "198.51.100.7")
    await _until(lambda: any(each.done() for each in crowd))
    (dropped,) = [each.result() for each in crowd if each.done()]
    _told_to_wait(dropped, 503, "server.busy")
    assert pool.waiting == 8
    hasher.go.set()
    assert (await newcomer).status == 201
    ended = await asyncio.gather(*crowd)
    assert sorted(reply.status for reply in ended) == [201] * 8 + [503]


async def test_being_turned_away_is_no_failed_attempt(
    client: Api, people: People, hasher: Hasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords.PasswordPool, "room", property(lambda _: 0))
    patient = await people.patient()
    first = _log_in(client.another(), patient.username, "192.0.2.1")
    await _until(lambda: hasher.begun)
    for _ in range(20):
        _told_to_wait(await _log_in(client, patient.username, "192.0.2.9"), 503, "server.busy")
    hasher.go.set()
    assert (await first).status == 201
    assert (await _log_in(client, patient.username, "192.0.2.9")).status == 201


async def test_an_attempt_says_nothing_of_who_exists(
    client: Api, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002
        work.append(hash.rpartition("$")[0].rpartition("$")[0])
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    known, locked, deceased, without = [await people.patient() for _ in range(4)]
    staff = await people.clinician()
    await database.write(accounts.lock, locked.id)
    await database.write(accounts.mark_deceased, deceased.id)
    await database.write(accounts.change_password, without.id, "-")
    told = []
    for number, (name, password) in enumerate(
        [
            (known.username, "wrong"),
            ("nobody at all", "wrong"),
            (locked.username, PASSWORD),
            (deceased.username, PASSWORD),
            (without.username, "-"),
            (staff.username, PASSWORD),
        ]
    ):
        work.clear()
        seen = []
        for _ in range(7):
            reply = await _log_in(client.another(), name, f"192.0.2.{number}", password)
            headers = {
                key: value
                for key, value in reply.headers.items()
                if key not in ("Date", "X-Request-ID")
            }
            seen.append((reply.status, reply.body, sorted(headers.items())))
        told.append((seen, list(work)))
    for each in told:
        assert each == told[0]
    (seen, hashes) = told[0]
    assert [status for status, _, _ in seen] == [401] * 5 + [429] * 2
    assert hashes == ["$argon2id$v=19$m=19456,t=2,p=1"] * 5


async def test_a_spoofed_address_gives_no_further_attempts(
    settings: Settings, database: Database, client: Api, people: People
) -> None:
    patient = await people.patient()
    statuses = [
        (
            await client.another().post(
                ME,
                {"username": patient.username, "password": "wrong"},
                # The last is what the trusted proxy saw.
                headers={"X-Forwarded-For": f"203.0.113.{n}, 192.0.2.1"},
            )
        ).status
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    # One home network of IPv6 is one client.
    statuses = [
        (await _log_in(client.another(), patient.username, f"2001:db8:1:2::{n}", "wrong")).status
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    assert (await _log_in(client, patient.username, "2001:db8:1:3::1")).status == 201


async def test_an_old_hash_waits_for_a_quieter_time(
    client: Api, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making it anew is not part of the answer, takes no one's turn and fails without a word."""
    patient = await people.patient()
    weak = await asyncio.to_thread(
        PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash, PASSWORD
    )
    await database.write(accounts.change_password, patient.id, weak)
    gate = client.app[LOGIN]
    monkeypatch.setattr(passwords.PasswordPool, "waiting", property(lambda _: 3))
    assert (await _log_in(client, patient.username, "192.0.2.1")).status == 201
    await gate._rehash(patient.id, weak, PASSWORD, "192.0.2.1")
    monkeypatch.undo()
    gate.pool.close()
    await gate._rehash(patient.id, weak, PASSWORD, "192.0.2.1")
    found = await database.read(accounts.credential, patient.audience, patient.username)
    assert found is not None
    assert found[1] == weak
