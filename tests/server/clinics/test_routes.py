"""The public list."""

from server.kit.actor import Profession
from tests.support import Api, People


async def test_anybody_sees_clinics_and_whether_they_are_open(client: Api, people: People) -> None:
    await people.clinic("B-kliniken", [Profession.DISTRICT_NURSE], always=False)
    open_one = await people.clinic("A-kliniken", [Profession.PSYCHOLOGIST, Profession.DOCTOR])
    listed = (await client.get("/api/v1/clinics")).json["clinics"]
    assert [each["name"] for each in listed] == ["A-kliniken", "B-kliniken"]
    assert listed[0]["id"] == open_one.id
    assert listed[0]["services"] == [
        {
            "profession": profession,
            "open": True,
            "closes_at": None,
            "next_opening": None,
            "waiting": 0,
            "wait": {"kind": "unknown"},
        }
        for profession in ("doctor", "psychologist")
    ]
    assert listed[1]["services"][0]["open"] is False


async def test_the_number_who_wait_is_told(client: Api, people: People) -> None:
    clinic = await people.clinic()
    for _ in range(2):
        browser = await client.as_(await people.patient())
        reply = await browser.post(
            "/api/v1/patient/queue-tickets",
            {
                "clinic_id": clinic.id,
                "profession": "doctor",
                "reason": "feber",
                "channel": "chat",
            },
        )
        assert reply.status == 201
    services = (await client.get("/api/v1/clinics")).json["clinics"][0]["services"]
    assert [each["waiting"] for each in services] == [2, 0, 0]
