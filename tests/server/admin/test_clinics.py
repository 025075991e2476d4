"""Administrators and the clinics: which there are, whom one meets there, and when."""

from typing import Any

import pytest

from server.kit.actor import Profession
from server.kit.ids import new_id
from tests.support import Api, People

BASE = "/api/v1/staff/admin/clinics"
OFFICE = [{"weekday": day, "opens": 480, "closes": 1020} for day in range(5)]


@pytest.fixture
async def chief(client: Api, people: People) -> Api:
    """An administrator's browser."""
    return await client.as_(await people.administrator())


async def test_a_clinic_is_made_and_patients_see_its_hours(chief: Api, client: Api) -> None:
    made = await chief.post(BASE, {"name": "Vallby vårdcentral", "area": "Vallby"})
    assert (made.status, made.json["services"], made.json["days"]) == (201, [], [])
    path = f"{BASE}/{made.json['id']}/hours"
    body: dict[str, Any] = {"profession": "doctor", "always": False, "hours": OFFICE}
    set_ = await chief.put(path, body)
    service = {"profession": "doctor", "always": False, "hours": OFFICE}
    assert set_.json["services"] == [service]
    listed = (await client.get("/api/v1/clinics")).json["clinics"]
    # It is Monday, and nine o'clock.
    assert [each["open"] for each in listed[0]["services"]] == [True]
    night = {"weekday": 4, "opens": 1320, "closes": 1830}
    await chief.put(path, {**body, "hours": [night]})
    assert (await chief.get(BASE)).json["clinics"][0]["services"][0]["hours"] == [night]
    await chief.put(path, {**body, "always": True})
    assert (await chief.get(BASE)).json["clinics"][0]["services"] == [
        {"profession": "doctor", "always": True, "hours": []}
    ]
    acts = (await chief.get("/api/v1/staff/admin/log")).json["acts"]
    assert [(each["action"], each["clinic"], each["profession"]) for each in acts] == [
        *[("clinic.hours_changed", "Vallby vårdcentral", "doctor")] * 3,
        ("clinic.created", "Vallby vårdcentral", None),
    ]


async def test_two_clinics_have_two_names(chief: Api, people: People) -> None:
    await people.clinic("Vallby")
    reply = await chief.post(BASE, {"name": " VALLBY ", "area": "Vallby"})
    told = (reply.status, reply.json["code"], reply.json["field"])
    assert told == (409, "clinic.name_taken", "name")


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ([{"weekday": 7, "opens": 0, "closes": 60}], "hours.0.weekday"),
        ([{"weekday": 0, "opens": 1440, "closes": 1500}], "hours.0.opens"),
        ([{"weekday": 0, "opens": 60, "closes": 60}], "hours.0"),
        ([{"weekday": 0, "opens": 60, "closes": 1501}], "hours.0"),
        (OFFICE * 15, "hours"),
    ],
)
async def test_what_are_no_hours_is_said(
    chief: Api, people: People, hours: list[dict[str, int]], field: str
) -> None:
    clinic = await people.clinic(professions=[Profession.DOCTOR])
    body = {"profession": "doctor", "always": False, "hours": hours}
    reply = await chief.put(f"{BASE}/{clinic.id}/hours", body)
    assert (reply.status, reply.json["field"]) == (422, field)
    kept = (await chief.get(BASE)).json["clinics"][0]["services"][0]
    assert kept["always"] is True
    assert (await chief.put(f"{BASE}/{new_id()}/hours", {**body, "hours": []})).status == 404
