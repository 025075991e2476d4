"""Administrators and the staff: who gets in, where they work, and what is written down of it."""

from functools import partial

import pytest
import sqlalchemy as sa

from server.accounts import service as accounts
from server.accounts.domain import Account, LastAdministrator
from server.admin import service as admin
from server.audit.tables import admin_log
from server.clinics import service as clinics
from server.kit.actor import Profession
from server.kit.db import Database, UnitOfWork, metadata
from server.kit.ids import new_id
from tests.server.rivals import at_once
from tests.support import Api, People, Reply

BASE = "/api/v1/staff/admin"
ULLA = {
    "username": "Ulla.Ek",
    "name": "Ulla Ek",
    "title": "Läkare",
    "password": "tre glada grannar",
}
OWN = "åtta röda hus"


@pytest.fixture
async def chief(client: Api, people: People) -> Api:
    """An administrator's browser."""
    return await client.as_(await people.administrator())


async def _search(chief: Api, text: str = "", **more: str) -> Reply:
    return await chief.post(f"{BASE}/people/search", {"text": text, **more})


async def _log(chief: Api) -> list[tuple[str | None, str, str | None, str | None]]:
    acts = (await chief.get(f"{BASE}/log")).json["acts"]
    return [(each["actor"], each["action"], each["person"], each["clinic"]) for each in acts]


async def test_somebody_new_gets_in_works_and_is_locked_out(
    chief: Api, client: Api, people: People, database: Database
) -> None:
    clinic = await people.clinic()
    made = await chief.post(f"{BASE}/people", ULLA)
    assert made.status == 201
    assert made.json == {
        "id": made.json["id"], "username": "ulla.ek", "name": "Ulla Ek", "title": "Läkare",
        "locked": False, "administrator": False, "password_given": True, "commissions": [],
    }  # fmt: skip
    ulla = await database.read(accounts.get, made.json["id"])
    doctor = client.another()
    assert (await doctor.log_in(ulla, ULLA["password"])).status == 201
    first = await doctor.get("/api/v1/staff/queue")
    assert (first.status, first.json["code"]) == (403, "password.change_first")
    own = {"current": ULLA["password"], "new": OWN}
    assert (await doctor.put("/api/v1/staff/password", own)).status == 204
    assert (await doctor.get("/api/v1/staff/queue")).json["code"] == "permission.denied"

    at = {"clinic_id": clinic.id, "profession": "doctor"}
    path = f"{BASE}/people/{ulla.id}"
    given = await chief.put(f"{path}/commissions", {**at, "held": True})
    assert [each["clinic_name"] for each in given.json["commissions"]] == [clinic.name]
    # The session that is open knows it at once.
    assert (await doctor.put("/api/v1/staff/duty", {"state": "on", **at})).status == 200

    taken = await chief.put(f"{path}/commissions", {**at, "held": False})
    assert taken.json["commissions"] == []
    assert (await doctor.get("/api/v1/staff/queue")).status == 403
    await chief.put(f"{path}/commissions", {**at, "held": True})
    # The shift went with the commission that it was on.
    assert (await doctor.get("/api/v1/staff/duty")).json["state"] == "off"

    await doctor.put("/api/v1/staff/duty", {"state": "on", **at})
    assert (await chief.post(f"{path}/lock")).json["locked"] is True
    assert (await doctor.get("/api/v1/staff/session")).status == 401
    assert (await doctor.log_in(ulla, OWN)).json["code"] == "login.failed"
    assert (await chief.post(f"{path}/unlock")).json["locked"] is False
    assert (await doctor.log_in(ulla, OWN)).status == 201
    assert (await doctor.get("/api/v1/staff/duty")).json["state"] == "off"
    who = "Ada Administratör"
    assert await _log(chief) == [
        (who, "account.unlocked", "Ulla Ek", None),
        (who, "account.locked", "Ulla Ek", None),
        (who, "commission.given", "Ulla Ek", clinic.name),
        (who, "commission.taken", "Ulla Ek", clinic.name),
        (who, "commission.given", "Ulla Ek", clinic.name),
        (who, "account.created", "Ulla Ek", None),
    ]


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"password": "kort"}, 422, "request.invalid", "password"),
        ({"password": "Sommar2026"}, 422, "password.too_easy", "password"),
        ({"name": "  "}, 422, "request.invalid", "name"),
        ({"title": "x" * 101}, 422, "request.invalid", "title"),
        ({"username": "y" * 101}, 422, "request.invalid", "username"),
        ({"username": "ﬃ" * 60}, 422, "request.invalid", None),
        ({"username": " ULLA.ek "}, 409, "account.username_taken", "username"),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_said(
    chief: Api, wrong: dict[str, str], status: int, code: str, field: str | None
) -> None:
    assert (await chief.post(f"{BASE}/people", ULLA)).status == 201
    reply = await chief.post(f"{BASE}/people", {**ULLA, "username": "bo", **wrong})
    told = (reply.status, reply.json["code"], reply.json.get("field") or None)
    assert told == (status, code, field)
    assert len(await _log(chief)) == 1


async def test_the_staff_are_found_by_parts_of_their_names(chief: Api, people: People) -> None:
    for name in ("Åsa Öberg", "Håkan Ek", "100%_Säker"):
        await people.clinician(name=name)
    await people.patient("Åsa Patient")

    async def found(text: str) -> list[str]:
        return [each["name"] for each in (await _search(chief, text)).json["people"]]

    assert await found("åsa") == ["Åsa Öberg"]
    assert await found("ÖBERG  åsa") == ["Åsa Öberg"]
    assert await found("håk") == await found("HÅKAN") == ["Håkan Ek"]
    assert await found("%_") == ["100%_Säker"]
    assert await found("staff") == await found("")
    assert len(await found("")) == 4
    assert await found("Patient") == []


async def test_the_list_comes_in_pages(chief: Api, people: People) -> None:
    for number in range(admin.PAGE + 2):
        await people.clinician(name=f"Bo {number % 7}")
    first = (await _search(chief)).json
    last = first["people"][-1]["id"]
    second = (await _search(chief, after=last)).json
    assert (len(first["people"]), first["more"]) == (admin.PAGE, True)
    assert (len(second["people"]), second["more"]) == (3, False)
    assert len({each["id"] for each in first["people"] + second["people"]}) == admin.PAGE + 3
    for nobody in (new_id(), "x"):
        assert (await _search(chief, after=nobody)).status == 404


async def test_the_last_administrator_stays(chief: Api, client: Api, people: People) -> None:
    assert chief.account is not None
    me = f"{BASE}/people/{chief.account.id}"
    for reply in (
        await chief.put(f"{me}/administrator", {"administrator": False}),
        await chief.post(f"{me}/lock"),
    ):
        assert (reply.status, reply.json["code"]) == (409, "account.last_administrator")
    other = await people.clinician(name="Bo Ek")
    browser = await client.as_(other)
    assert (await _search(browser)).status == 403
    await chief.put(f"{BASE}/people/{other.id}/administrator", {"administrator": True})
    assert (await _search(browser)).status == 200
    assert (await browser.put(f"{me}/administrator", {"administrator": False})).status == 200
    assert (await _search(chief)).json["code"] == "permission.denied"
    # Who is locked is none that could be left.
    await browser.put(f"{me}/administrator", {"administrator": True})
    await browser.post(f"{me}/lock")
    own = f"{BASE}/people/{other.id}/administrator"
    assert (await browser.put(own, {"administrator": False})).status == 409


async def test_of_two_who_unmake_each_other_one_stays(people: People, database: Database) -> None:
    one, other = await people.administrator("Ada"), await people.administrator("Bo")

    def unmakes(who: Account, whom: Account, uow: UnitOfWork) -> None:
        admin.set_administrator(uow, who.id, whom.id, False)

    done = await at_once(database, partial(unmakes, one, other), partial(unmakes, other, one))
    assert sorted(isinstance(each, LastAdministrator) for each in done) == [False, True]
    left = [await database.read(accounts.get, each.id) for each in (one, other)]
    assert sum(each.administrator_since is not None for each in left) == 1


async def test_nobody_gives_themselves_a_way_to_patients(chief: Api, people: People) -> None:
    clinic = await people.clinic(professions=[Profession.DOCTOR])
    assert chief.account is not None
    body = {"clinic_id": clinic.id, "profession": "doctor", "held": True}
    own = await chief.put(f"{BASE}/people/{chief.account.id}/commissions", body)
    assert (own.status, own.json["code"]) == (409, "admin.own_commission")
    other = f"{BASE}/people/{(await people.clinician()).id}/commissions"
    reply = await chief.put(other, {**body, "profession": "psychologist"})
    told = (reply.status, reply.json["code"], reply.json["field"])
    assert told == (409, "admin.not_offered", "profession")
    assert (await chief.put(other, {**body, "clinic_id": new_id()})).status == 404


async def test_a_patients_account_is_none_to_an_administrator(chief: Api, people: People) -> None:
    patient, clinic = await people.patient(), await people.clinic()
    path = f"{BASE}/people/{patient.id}"
    body = {"clinic_id": clinic.id, "profession": "doctor", "held": True}
    replies = [
        await chief.post(f"{path}/lock"),
        await chief.post(f"{path}/unlock"),
        await chief.put(f"{path}/administrator", {"administrator": True}),
        await chief.put(f"{path}/commissions", body),
        await _search(chief, after=patient.id),
    ]
    assert [reply.status for reply in replies] == [404] * 5
    assert not any(b"Pia" in reply.body for reply in replies)


async def test_what_is_so_already_leaves_no_line(chief: Api, people: People) -> None:
    clinic = await people.clinic()
    other = await people.clinician(clinic)
    path = f"{BASE}/people/{other.id}"
    await chief.post(f"{path}/unlock")
    await chief.put(f"{path}/administrator", {"administrator": False})
    held = {"clinic_id": clinic.id, "profession": "doctor", "held": True}
    assert (await chief.put(f"{path}/commissions", held)).status == 200
    assert await _log(chief) == []


async def test_a_line_can_neither_be_changed_nor_deleted(chief: Api, database: Database) -> None:
    await chief.post(f"{BASE}/people", ULLA)

    def run(uow: UnitOfWork, change: sa.Update | sa.Delete) -> None:
        uow.conn.execute(change)

    for change in (sa.update(admin_log).values(action="other"), sa.delete(admin_log)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            await database.write(run, change)
    assert len(await _log(chief)) == 1


async def test_the_log_comes_in_pages(chief: Api, people: People) -> None:
    path = f"{BASE}/people/{(await people.clinician()).id}"
    for _ in range(admin.PAGE // 2 + 1):
        await chief.post(f"{path}/lock")
        await chief.post(f"{path}/unlock")
    first = (await chief.get(f"{BASE}/log")).json
    assert (len(first["acts"]), first["more"]) == (admin.PAGE, True)
    older = (await chief.get(f"{BASE}/log?older_than={first['acts'][-1]['id']}")).json
    assert (len(older["acts"]), older["more"]) == (2, False)
    assert (await chief.get(f"{BASE}/log?older_than=x")).json["field"] == "older_than"


async def test_of_a_request_with_a_password_only_a_slow_hash_is_kept(
    chief: Api, database: Database
) -> None:
    key = new_id()
    first = await chief.post(f"{BASE}/people", ULLA, key=key)
    again = await chief.post(f"{BASE}/people", ULLA, key=key)
    assert (again.status, again.json) == (201, first.json)
    for change in ({"name": "Bo"}, {"password": "något annat"}):
        other = await chief.post(f"{BASE}/people", {**ULLA, **change}, key=key)
        assert other.json["code"] == "request.idempotency_reuse"

    def dump(uow: UnitOfWork) -> str:
        rows = (uow.conn.execute(sa.select(each)) for each in metadata.sorted_tables)
        return "\n".join(str(tuple(row)) for found in rows for row in found)

    assert ULLA["password"] not in await database.read(dump)


async def test_a_forgotten_password_is_replaced(
    chief: Api, client: Api, people: People, database: Database
) -> None:
    clinic = await people.clinic()
    ulla = await people.clinician(clinic, name="Ulla Ek")
    browser, path = await client.as_(ulla), f"{BASE}/people/{ulla.id}/password"
    key, given = new_id(), {"password": "tre glada grannar"}
    made = await chief.put(path, given, key=key)
    assert (made.status, made.json["password_given"]) == (200, True)
    assert (await chief.put(path, given, key=key)).json == made.json
    other = await chief.put(path, {"password": "något annat"}, key=key)
    assert other.json["code"] == "request.idempotency_reuse"
    assert (await browser.get("/api/v1/staff/session")).status == 401
    assert (await client.log_in(ulla)).json["code"] == "login.failed"
    reply = await client.log_in(ulla, given["password"])
    assert reply.json["account"]["password_given"] is True
    assert (await client.get("/api/v1/staff/duty")).json["code"] == "password.change_first"
    assert await _log(chief) == [("Ada Administratör", "password.given", "Ulla Ek", None)]
    easy = await chief.put(path, {"password": "Sommar2026"})
    assert (easy.status, easy.json["code"]) == (422, "password.too_easy")


async def test_nobody_gives_themselves_a_password(chief: Api, people: People) -> None:
    """A session that was left open is no way to a new password without the one before."""
    assert chief.account is not None
    own = f"{BASE}/people/{chief.account.id}/password"
    reply = await chief.put(own, {"password": "tre glada grannar"})
    assert (reply.status, reply.json["code"]) == (409, "admin.own_password")
    patient = f"{BASE}/people/{(await people.patient()).id}/password"
    assert (await chief.put(patient, {"password": "tre glada grannar"})).status == 404


async def test_commissions_are_counted_with_the_clinic(people: People, database: Database) -> None:
    clinic = await people.clinic()
    nina = await people.clinician(clinic, profession=Profession.PSYCHOLOGIST)
    # Another profession's commission there stays.
    await database.write(clinics.end_commission, nina.id, clinic.id, Profession.DOCTOR)
    assert len(await database.read(clinics.commissions_of, nina.id)) == 1
