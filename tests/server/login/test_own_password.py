"""Changing one's own password, and what a password from somebody else allows."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from server.accounts import service as accounts
from server.accounts.domain import Account, PasswordTooEasy, check_password
from server.accounts.tables import accounts as accounts_table
from server.kit.db import Database, UnitOfWork, metadata
from server.kit.ids import new_id
from server.login import passwords
from server.login import service as login
from server.login.passwords import PasswordPool, hash_password
from server.login.routes import LOGIN
from tests.support import PASSWORD, Api, People, Reply

NEW = "åtta röda hus"
BODY = {"current": PASSWORD, "new": NEW}


def _path(account: Account) -> str:
    return f"/api/v1/{account.audience}/password"


@pytest.fixture(params=["patient", "staff"])
async def account(request: pytest.FixtureRequest, people: People) -> Account:
    """Somebody on either side."""
    return await (people.patient() if request.param == "patient" else people.clinician())


async def test_the_new_password_counts_and_other_sessions_end(
    client: Api, account: Account
) -> None:
    here, elsewhere = await client.as_(account), await client.as_(account)
    session = f"/api/v1/{account.audience}/session"
    assert (await here.put(_path(account), BODY)).status == 204
    assert (await here.get(session)).status == 200
    assert (await elsewhere.get(session)).status == 401
    assert (await client.log_in(account)).json["code"] == "login.failed"
    assert (await client.log_in(account, NEW)).status == 201


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"current": "något annat"}, "password.wrong", "current"),
        ({"new": PASSWORD}, "password.same", "new"),
        ({"new": "Sommar2026!"}, "password.too_easy", "new"),
        ({"new": "kort"}, "request.invalid", "new"),
        ({"new": "x" * 1001}, "request.invalid", "new"),
        ({"new": "abc\0defgh"}, "request.invalid", "new"),
        ({"current": ""}, "request.invalid", "current"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_changes(
    client: Api, people: People, wrong: dict[str, str], code: str, field: str
) -> None:
    account = await people.clinician()
    here, elsewhere = await client.as_(account), await client.as_(account)
    reply = await here.put(_path(account), {**BODY, **wrong})
    assert (reply.status, reply.json["code"], reply.json["field"]) == (422, code, field)
    assert (await elsewhere.get("/api/v1/staff/session")).status == 200
    assert (await client.log_in(account)).status == 201


async def test_guessing_the_current_one_is_slowed_down_like_a_login(
    client: Api, account: Account
) -> None:
    here = await client.as_(account)
    told = [(await here.put(_path(account), {**BODY, "current": "fel"})).status for _ in range(6)]
    assert told == [422] * 5 + [429]
    # The same count: a session that was left open is no way around it.
    assert (await client.log_in(account)).status == 429


async def test_a_repeat_is_answered_alike_and_another_under_its_key_is_refused(
    client: Api, account: Account, database: Database
) -> None:
    here, key = await client.as_(account), new_id()
    first = await here.put(_path(account), BODY, key=key)
    # The current password is no longer right by now, but it was.
    again = await here.put(_path(account), BODY, key=key)
    assert [first.status, again.status] == [204, 204]
    other = await here.put(_path(account), {**BODY, "new": "sju sorters kakor"}, key=key)
    assert other.json["code"] == "request.idempotency_reuse"
    assert (await client.log_in(account, NEW)).status == 201


async def test_a_wrong_one_that_is_sent_again_may_be_right_then(
    client: Api, account: Account
) -> None:
    here, key = await client.as_(account), new_id()
    wrong = await here.put(_path(account), {**BODY, "current": "fel"}, key=key)
    assert wrong.json["code"] == "password.wrong"
    assert (await here.put(_path(account), BODY, key=key)).status == 204


async def test_two_who_change_it_at_once_do_not_both(client: Api, account: Account) -> None:
    here, there = await client.as_(account), await client.as_(account)
    other = {**BODY, "new": "sju sorters kakor"}
    told = await asyncio.gather(here.put(_path(account), BODY), there.put(_path(account), other))
    # The second finds another password than the one that it was shown, or its session ended.
    first, second = sorted(reply.status for reply in told)
    assert first == 204
    assert second in (401, 422)


async def _nothing_else(browser: Api) -> list[Reply]:
    return [
        await browser.get("/api/v1/staff/duty"),
        await browser.get("/api/v1/staff/queue"),
        await browser.get("/api/v1/staff/visits"),
        await browser.post("/api/v1/staff/queue/next"),
        await browser.post("/api/v1/staff/admin/people/search", {"text": ""}),
    ]


async def test_a_given_password_opens_nothing_but_its_own_change(
    client: Api, people: People, database: Database
) -> None:
    ulla = await people.clinician(await people.clinic())
    await database.write(lambda uow: accounts.set_administrator(uow, ulla.id, True))
    await database.write(accounts.give_password, ulla.id, hash_password("fem blå båtar"))
    browser = client.another()
    reply = await browser.log_in(ulla, "fem blå båtar")
    assert (reply.status, reply.json["account"]["password_given"]) == (201, True)
    assert (await browser.get("/api/v1/staff/session")).status == 200
    told = [(each.status, each.json["code"]) for each in await _nothing_else(browser)]
    assert told == [(403, "password.change_first")] * 5

    changed = await browser.put(_path(ulla), {"current": "fem blå båtar", "new": NEW})
    assert changed.status == 204
    # At once, in the session that is open.
    assert (await browser.get("/api/v1/staff/duty")).status == 200
    assert (await browser.get("/api/v1/staff/session")).json["account"]["password_given"] is False
    assert (await browser.post("/api/v1/staff/admin/people/search", {"text": ""})).status == 200


async def test_who_has_a_given_password_may_log_out(
    client: Api, people: People, database: Database
) -> None:
    ulla = await people.clinician()
    await database.write(accounts.give_password, ulla.id, hash_password(NEW))
    await client.log_in(ulla, NEW)
    assert (await client.delete("/api/v1/staff/session")).status == 204
    assert (await client.get("/api/v1/staff/session")).status == 401


async def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something else between the look at the hash and what follows from it, once."""
    verify = PasswordPool.verify

    async def slow(pool: PasswordPool, hashed: str | None, password: str, client: str) -> bool:
        right = await verify(pool, hashed, password, client)
        monkeypatch.setattr(PasswordPool, "verify", verify)
        await act()  # type: ignore[misc]
        return right

    monkeypatch.setattr(PasswordPool, "verify", slow)


async def test_a_login_under_way_with_the_old_password_is_refused(
    client: Api, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ulla = await people.clinician()
    given = await asyncio.to_thread(hash_password, NEW)
    await _meanwhile(monkeypatch, lambda: database.write(login.give_password, ulla.id, given))
    assert (await client.log_in(ulla)).json["code"] == "login.failed"
    assert (await client.log_in(ulla, NEW)).status == 201


async def test_a_login_under_way_while_the_hash_alone_is_made_anew_comes_through(
    client: Api, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ulla = await people.clinician()
    same = await asyncio.to_thread(hash_password, PASSWORD)

    def another(uow: UnitOfWork) -> None:
        uow.conn.execute(
            sa.update(accounts_table)
            .where(accounts_table.c.id == ulla.id)
            .values(password_hash=same)
        )

    await _meanwhile(monkeypatch, lambda: database.write(another))
    assert (await client.log_in(ulla)).status == 201


@pytest.mark.parametrize("first", ["the login", "the change"])
async def test_a_session_that_is_ended_as_it_opens_is_nobodys(
    client: Api, people: People, database: Database, first: str
) -> None:
    """Both may be told in one group, the end before the login itself is answered."""
    sessions = client.app[LOGIN].sessions
    for _ in range(10):
        ulla = await people.clinician()
        opening = sessions.open(ulla.id, ulla.audience, new_id(), None)
        changing = database.write(login.give_password, ulla.id, "-")
        if first == "the login":
            (token, _known), _ = await asyncio.gather(opening, changing)
        else:
            _, (token, _known) = await asyncio.gather(changing, opening)
        there = await database.read(login.authenticate, login.hash_of(token), ulla.audience)
        actor = await sessions.actor_for(ulla.audience, token)
        assert (actor is None) == (there is None)
        assert actor is None or actor.password_given


async def test_making_a_hash_anew_does_not_bring_an_old_password_back(
    client: Api, people: People, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ulla = await people.clinician()
    found = await database.read(login.credential_of, ulla.id)
    await database.write(accounts.change_password, ulla.id, passwords.hash_password(NEW))
    await client.app[LOGIN]._rehash(ulla.id, found[1], PASSWORD, "192.0.2.1")
    assert (await client.log_in(ulla, NEW)).status == 201


async def test_nothing_of_a_password_is_kept_but_slow_hashes(
    client: Api, account: Account, database: Database
) -> None:
    here = await client.as_(account)
    assert (await here.put(_path(account), BODY)).status == 204

    def dump(uow: UnitOfWork) -> str:
        rows = (uow.conn.execute(sa.select(each)) for each in metadata.sorted_tables)
        return "\n".join(str(tuple(row)) for found in rows for row in found)

    text = await database.read(dump)
    assert NEW not in text
    assert PASSWORD not in text


@pytest.mark.parametrize(
    "easy",
    [
        "aaaaaaaa", "abababab", "12345678", "87654321", "qwertyui", "asdfghjklöä", "lösenord",
        "Lösenord1!", "VÅRDRUM 2026", "vinter2026", "password", "ulla.ek", "Ulla.Ek99", "1qaz2wsx",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(easy: str) -> None:
    with pytest.raises(PasswordTooEasy) as refused:
        check_password(easy, "ulla.ek", "new")
    assert refused.value.field == "new"


@pytest.mark.parametrize(
    "good", ["tre glada grannar", "långt nog", "vinterns första natt", "9408 7713", "Ullas hemlis"]
)
def test_what_is_not_is_taken(good: str) -> None:
    check_password(good, "ulla.ek")
