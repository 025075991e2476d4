"""Logging in and out, over HTTP."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from server.accounts import service as accounts
from server.kit.clock import FrozenClock
from server.kit.db import Database, StoredEvent, UnitOfWork, metadata
from server.kit.edge import fingerprint
from server.login import service
from server.login.domain import SessionEnded
from server.login.routes import LOGIN
from tests.support import PASSWORD, Api, People

ME = "/api/v1/patient/session"


async def test_a_patient_logs_in_and_out(client: Api, people: People) -> None:
    patient = await people.patient(name="Åsa Öberg")
    reply = await client.log_in(patient)
    assert reply.status == 201
    assert reply.json["account"] == {
        "id": patient.id,
        "audience": "patient",
        "name": "Åsa Öberg",
        "birth_date": "1991-05-17",
        "title": None,
        "commissions": None,
        "administrator": False,
        "password_given": False,
    }
    assert reply.json["idle_expires_at"] == "2026-03-02T10:00:00Z"
    assert reply.json["expires_at"] == "2026-03-02T21:00:00Z"
    cookie = SimpleCookie(reply.headers["Set-Cookie"])["vardrum-patient"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == ""
    assert (await client.get(ME)).status == 200
    gone = await client.delete(ME)
    assert gone.status == 204
    assert SimpleCookie(gone.headers["Set-Cookie"])["vardrum-patient"]["max-age"] == "0"
    assert (await client.get(ME)).status == 401
    assert (await client.delete(ME)).status == 204


async def test_logging_out_ends_the_session_itself(client: Api, people: People) -> None:
    reply = await client.log_in(await people.patient())
    token = SimpleCookie(reply.headers["Set-Cookie"])["vardrum-patient"].value
    await client.delete(ME)
    with_old = await client.another().get(ME, headers={"Cookie": f"vardrum-patient={token}"})
    assert with_old.status == 401


async def test_a_patient_and_a_clinician_share_a_browser(client: Api, people: People) -> None:
    clinic = await people.clinic()
    await client.log_in(await people.patient())
    await client.log_in(await people.clinician(clinic))
    assert (await client.get(ME)).json["account"]["audience"] == "patient"
    staff = (await client.get("/api/v1/staff/session")).json
    assert staff["account"]["commissions"] == [
        {"clinic_id": clinic.id, "clinic_name": clinic.name, "profession": "doctor"}
    ]
    await client.delete("/api/v1/staff/session")
    assert (await client.get(ME)).status == 200


async def test_all_failures_look_the_same(client: Api, people: People, database: Database) -> None:
    locked, deceased, known = [await people.patient() for _ in range(3)]
    await database.write(accounts.lock, locked.id)
    await database.write(accounts.mark_deceased, deceased.id)
    tries = [
        (locked.username, PASSWORD),
        (deceased.username, PASSWORD),
        (known.username, "wrong"),
        (known.username, PASSWORD + " "),
        ("nobody at all", PASSWORD),
    ]
    bodies = set()
    for username, password in tries:
        reply = await client.post(ME, {"username": username, "password": password})
        assert (reply.status, reply.json["code"]) == (401, "login.failed")
        assert "Set-Cookie" not in reply.headers
        bodies.add(reply.body)
    assert len(bodies) == 1
    # Staff names are another world.
    wrong_door = await client.post(
        "/api/v1/staff/session", {"username": known.username, "password": PASSWORD}
    )
    assert wrong_door.status == 401


async def test_an_unknown_name_costs_a_hash_too(
    client: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002
        seen.append(hash)
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    patient = await people.patient()
    for username in (patient.username, "nobody at all"):
        await client.post(ME, {"username": username, "password": "wrong"})
    assert len(seen) == 2
    assert all("m=19456,t=2,p=1" in each for each in seen)


async def test_names_are_compared_kindly_and_passwords_are_not(client: Api, people: People) -> None:
    patient = await people.patient()
    reply = await client.post(
        ME, {"username": f"  {patient.username.upper()} ", "password": PASSWORD}
    )
    assert reply.status == 201
    # ä as a + U+0308 is the same letter.
    split = PASSWORD.replace("ä", "a\u0308")
    assert split != PASSWORD
    reply = await client.post(ME, {"username": patient.username, "password": split})
    assert reply.status == 201


async def test_guessing_gets_slower_for_the_guesser_only(
    client: Api, people: People, clock: FrozenClock
) -> None:
    patient = await people.patient()
    for _ in range(5):
        assert (await client.log_in(patient, "wrong")).status == 401
    blocked = await client.log_in(patient)
    assert (blocked.status, blocked.json["code"]) == (429, "login.throttled")
    wait = int(blocked.headers["Retry-After"])
    assert 1 <= wait <= 60
    # Another person at the same address is not kept waiting.
    assert (await client.log_in(await people.patient())).status == 201
    clock.advance(timedelta(seconds=wait))
    assert (await client.log_in(patient)).status == 201
    # And then everything is forgotten.
    assert (await client.log_in(patient, "wrong")).status == 401
    assert (await client.log_in(patient)).status == 201


async def test_names_that_do_not_exist_are_throttled_alike(client: Api) -> None:
    body = {"username": "nobody at all", "password": "wrong"}
    codes = [(await client.post(ME, body)).status for _ in range(6)]
    assert codes == [401] * 5 + [429]


async def test_a_login_that_is_sent_again_replaces_its_session(
    client: Api, people: People, database: Database
) -> None:
    patient = await people.patient()
    body = {"username": patient.username, "password": PASSWORD}
    key = str(uuid.uuid4())
    first = await client.post(ME, body, key=key)
    second = await client.post(ME, body, key=key)
    assert (first.status, second.status) == (201, 201)
    tokens = [
        SimpleCookie(each.headers["Set-Cookie"])["vardrum-patient"].value
        for each in (first, second)
    ]
    found = [
        (await client.another().get(ME, headers={"Cookie": f"vardrum-patient={token}"})).status
        for token in tokens
    ]
    assert found == [401, 200]
    assert await database.read(service.count_open) == {"patient": 1}


async def test_another_persons_login_ends_the_former_session(
    client: Api, people: People, database: Database
) -> None:
    await client.log_in(await people.patient())
    await client.log_in(await people.patient())
    assert await database.read(service.count_open) == {"patient": 1}


async def test_a_patients_session_slides_and_ends(
    client: Api, people: People, clock: FrozenClock, database: Database
) -> None:
    ended: list[SessionEnded] = []

    def listen(stored: Sequence[StoredEvent]) -> None:
        ended.extend(each.event for each in stored if isinstance(each.event, SessionEnded))

    database.subscribe(listen)
    mine = await client.as_(await people.patient())
    for _ in range(3):
        clock.advance(timedelta(minutes=59))
        assert (await mine.get(ME)).status == 200
        await client.app[LOGIN].sessions.flush()
    clock.advance(timedelta(minutes=60))
    assert (await mine.get(ME)).status == 401
    assert [each.reason for each in ended] == ["expired"]


async def test_the_sweep_ends_what_nobody_uses(
    client: Api, people: People, clock: FrozenClock, database: Database
) -> None:
    sessions = client.app[LOGIN].sessions
    idle = await client.as_(await people.patient())
    used = await client.as_(await people.patient())
    staff = await client.as_(await people.clinician())
    clock.advance(timedelta(minutes=40))
    assert (await used.get(ME)).status == 200
    await sessions.flush()
    clock.advance(timedelta(minutes=20))
    # Used up to then perhaps, at a process that has not written it down yet.
    assert await database.write(service.end_idle, sessions.lifetimes) == 0
    clock.advance(timedelta(minutes=10))
    assert await database.write(service.end_idle, sessions.lifetimes) == 1
    assert (await idle.get(ME)).status == 401
    assert (await used.get(ME)).status == 200
    assert (await staff.get("/api/v1/staff/session")).status == 200
    clock.advance(timedelta(hours=8))
    assert await database.write(service.end_idle, sessions.lifetimes) == 2
    assert await database.read(service.count_open) == {}
    clock.advance(service.KEPT * 2)
    assert await database.write(service.forget_ended, 10) == 3


async def test_staff_sessions_end_after_eight_hours_however_used(
    client: Api, people: People, clock: FrozenClock
) -> None:
    staff = await client.as_(await people.clinician())
    for _ in range(7):
        clock.advance(timedelta(hours=1))
        assert (await staff.get("/api/v1/staff/session")).status == 200
    clock.advance(timedelta(hours=1))
    assert (await staff.get("/api/v1/staff/session")).status == 401


async def test_locking_an_account_ends_its_sessions_at_once(
    client: Api, people: People, database: Database
) -> None:
    patient = await people.patient()
    browsers = [await client.as_(patient) for _ in range(2)]
    for browser in browsers:
        assert (await browser.get(ME)).status == 200
    await database.write(accounts.lock, patient.id)
    for browser in browsers:
        assert (await browser.get(ME)).status == 401
    await database.write(accounts.unlock, patient.id)
    assert (await client.log_in(patient)).status == 201


async def test_a_session_that_ends_while_it_is_loaded_is_not_kept(
    client: Api, people: People, clock: FrozenClock
) -> None:
    sessions = client.app[LOGIN].sessions
    for _ in range(20):
        account = await people.patient()
        token, known = await sessions.open(account.id, account.audience, "k" * 8, None)
        clock.advance(timedelta(seconds=31))  # the cache must ask again
        await asyncio.gather(sessions.find(account.audience, token), sessions.end(known.session.id))
        assert await sessions.find(account.audience, token) is None


async def test_only_a_hash_of_the_token_is_stored(
    client: Api, people: People, database: Database
) -> None:
    reply = await client.log_in(await people.patient())
    token = SimpleCookie(reply.headers["Set-Cookie"])["vardrum-patient"].value

    def dump(uow: UnitOfWork) -> str:
        rows = (uow.conn.execute(sa.select(each)) for each in metadata.sorted_tables)
        return "\n".join(str(tuple(row)) for found in rows for row in found)

    text = await database.read(dump)
    assert token not in text
    assert fingerprint(token.encode()) in text


async def test_an_old_hash_is_made_anew(client: Api, people: People, database: Database) -> None:
    patient = await people.patient()
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    weak = await asyncio.to_thread(old.hash, PASSWORD)
    await database.write(accounts.change_password, patient.id, weak)
    assert (await client.log_in(patient)).status == 201
    async with asyncio.timeout(5):
        while True:
            found = await database.read(accounts.credential, patient.audience, patient.username)
            assert found is not None
            if "m=19456,t=2,p=1" in found[1]:
                break
            await asyncio.sleep(0.02)
    assert (await client.log_in(patient)).status == 201
