"""Single days with hours of their own: Christmas Eve, a training day, an extra Saturday."""

from functools import partial
from typing import Any

import pytest

from server.admin import service as admin
from server.clinics.domain import Clinic, Span
from server.kit.actor import Profession
from server.kit.db import Database
from server.kit.ids import new_id
from tests.server.rivals import at_once
from tests.support import Api, People

BASE = "/api/v1/staff/admin/clinics"
MORNING = {"opens": 480, "closes": 720}
# Tests begin on a Monday, at nine.
MONDAY = "2026-03-02"
CLOSED: dict[str, Any] = {"day": MONDAY, "profession": None, "usual": False, "hours": []}


@pytest.fixture
async def chief(client: Api, people: People) -> Api:
    """An administrator's browser."""
    return await client.as_(await people.administrator())


@pytest.fixture
async def clinic(people: People) -> Clinic:
    """Open day and night, for doctors and psychologists."""
    return await people.clinic(professions=[Profession.DOCTOR, Profession.PSYCHOLOGIST])


async def _open(client: Api) -> dict[str, bool]:
    services = (await client.get("/api/v1/clinics")).json["clinics"][0]["services"]
    return {each["profession"]: each["open"] for each in services}


async def test_a_day_is_closed_opened_for_one_and_made_usual_again(
    chief: Api, client: Api, clinic: Clinic
) -> None:
    path = f"{BASE}/{clinic.id}/days"
    set_ = await chief.put(path, CLOSED)
    assert set_.status == 200
    assert set_.json["days"] == [{"day": MONDAY, "profession": None, "hours": []}]
    assert await _open(client) == {"doctor": False, "psychologist": False}

    # What is said of one service outranks what is said of the clinic.
    doctor = {**CLOSED, "profession": "doctor", "hours": [MORNING]}
    set_ = await chief.put(path, doctor)
    assert set_.json["days"] == [
        {"day": MONDAY, "profession": None, "hours": []},
        {"day": MONDAY, "profession": "doctor", "hours": [MORNING]},
    ]
    assert await _open(client) == {"doctor": True, "psychologist": False}
    # Instead of those that it had, not beside them.
    night = {"opens": 1320, "closes": 1830}
    set_ = await chief.put(path, {**doctor, "hours": [night]})
    assert set_.json["days"][1]["hours"] == [night]
    assert await _open(client) == {"doctor": False, "psychologist": False}

    await chief.put(path, {**doctor, "usual": True})
    set_ = await chief.put(path, {**CLOSED, "usual": True})
    assert set_.json["days"] == (await chief.get(BASE)).json["clinics"][0]["days"] == []
    assert await _open(client) == {"doctor": True, "psychologist": True}
    acts = (await chief.get("/api/v1/staff/admin/log")).json["acts"]
    assert {(each["action"], each["clinic"]) for each in acts} == {
        ("clinic.day_changed", clinic.name)
    }
    assert [each["profession"] for each in acts] == [None, "doctor", "doctor", "doctor", None]


async def test_a_day_that_is_usual_already_leaves_no_line(chief: Api, clinic: Clinic) -> None:
    reply = await chief.put(f"{BASE}/{clinic.id}/days", {**CLOSED, "usual": True})
    assert reply.status == 200
    assert (await chief.get("/api/v1/staff/admin/log")).json["acts"] == []


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"day": "2026-03-01"}, 422, "clinic.day_passed", "day"),
        ({"day": "2027-12-24"}, 422, "clinic.day_too_far", "day"),
        ({"day": "2026-02-30"}, 422, "request.invalid", "day"),
        ({"hours": [MORNING] * 11}, 422, "request.invalid", "hours"),
        ({"hours": [{"opens": 60, "closes": 60}]}, 422, "request.invalid", "hours.0"),
        ({"hours": [{"opens": 60, "closes": 1501}]}, 422, "request.invalid", "hours.0"),
        ({"profession": "district_nurse"}, 409, "admin.not_offered", "profession"),
        ({"profession": "dentist"}, 422, "request.invalid", "profession"),
    ],
)
async def test_what_is_wrong_is_said(
    chief: Api, clinic: Clinic, wrong: dict[str, Any], status: int, code: str, field: str
) -> None:
    reply = await chief.put(f"{BASE}/{clinic.id}/days", {**CLOSED, **wrong})
    assert (reply.status, reply.json["code"], reply.json["field"]) == (status, code, field)
    assert (await chief.get(BASE)).json["clinics"][0]["days"] == []


async def test_there_must_be_such_a_clinic(chief: Api) -> None:
    assert (await chief.put(f"{BASE}/{new_id()}/days", CLOSED)).status == 404


async def test_of_two_who_set_a_day_at_once_one_holds_whole(
    people: People, database: Database, clinic: Clinic
) -> None:
    ada, bo = await people.administrator("Ada"), await people.administrator("Bo")
    actors = [await people.actor(each) for each in (ada, bo)]
    day = database.clock.now().date()

    def sets(which: int, spans: list[Span]) -> Any:
        return partial(_set, actors[which], clinic.id, day, spans)

    def _set(actor: Any, clinic_id: str, day: Any, spans: list[Span], uow: Any) -> None:
        admin.set_special_day(uow, actor, clinic_id, day, None, spans)

    await at_once(database, sets(0, [Span(0, 60)]), sets(1, [Span(120, 180), Span(240, 300)]))
    (found,) = (await database.read(admin.places))[0].days
    assert found.spans in ((Span(0, 60),), (Span(120, 180), Span(240, 300)))
