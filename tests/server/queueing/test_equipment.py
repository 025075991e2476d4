"""What the patient's equipment came to: kept with the ticket, shown to whoever receives."""

from dataclasses import replace
from typing import Any

import pytest

from server.kit.errors import NotFound
from server.queueing import service as queueing
from server.queueing.domain import Channel, IllegalMove
from server.queueing.equipment import (
    Camera,
    Equipment,
    Microphone,
    Network,
    Speaker,
    Summary,
    Transport,
    summary,
)
from server.queueing.events import TicketTested
from server.visits import service as visits
from tests.server.queueing.world import DOCTOR, World
from tests.support import Api, People

WORKS = Equipment(
    Camera.OK, Microphone.HEARD, Speaker.HEARD, Network.GOOD, 34, 0.4, 1200, 1150, Transport.UDP
)
SENT = {
    "camera": "ok",
    "microphone": "heard",
    "speaker": "heard",
    "network": "good",
    "round_trip_ms": 34,
    "loss_percent": 0.4,
    "up_kbps": 1200,
    "down_kbps": 1150,
    "transport": "udp",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Summary.GOOD),
        ({"speaker": Speaker.UNTESTED}, Summary.GOOD),
        ({"network": Network.UNTESTED}, Summary.PARTLY),
        ({"camera": Camera.UNTESTED}, Summary.PARTLY),
        ({"microphone": Microphone.UNTESTED}, Summary.PARTLY),
        ({"network": Network.WEAK}, Summary.WEAK_NETWORK),
        ({"camera": Camera.BUSY}, Summary.SOUND_ONLY),
        ({"camera": Camera.MISSING, "network": Network.WEAK}, Summary.SOUND_ONLY),
        ({"microphone": Microphone.SILENT}, Summary.SOUND_TROUBLE),
        ({"microphone": Microphone.DENIED}, Summary.SOUND_TROUBLE),
        ({"speaker": Speaker.NOT_HEARD, "camera": Camera.BUSY}, Summary.SOUND_TROUBLE),
        ({"network": Network.BAD, "camera": Camera.BUSY}, Summary.POOR_NETWORK),
        ({"network": Network.BLOCKED}, Summary.CHAT_ONLY),
        ({"camera": Camera.DENIED, "microphone": Microphone.DENIED}, Summary.CHAT_ONLY),
    ],
)
def test_the_gravest_is_the_word(change: dict[str, Any], expected: Summary) -> None:
    assert summary(replace(WORKS, **change)) is expected


def test_tested_before_joining(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    world.run(queueing.join, patient, world.clinic_id, DOCTOR, "Feber", Channel.VIDEO, WORKS)
    world.wait()
    assert [each.equipment for each in world.run(queueing.board, doctor).tickets] == [
        Summary.GOOD,
        None,
    ]
    shown = world.run(visits.call_next, doctor).equipment
    assert shown is not None
    assert (shown.equipment, shown.at) == (WORKS, world.now)


def test_the_newest_test_while_waiting_counts_and_is_told(world: World) -> None:
    patient, doctor = world.patient(), world.doctor()
    ticket = world.wait(patient).ticket
    before = world.run(queueing.board, doctor).version
    world.run(queueing.set_equipment, patient, ticket.id, replace(WORKS, network=Network.BAD))
    world.later(minutes=3)
    now = world.run(queueing.set_equipment, patient, ticket.id, WORKS)
    board = world.run(queueing.board, doctor)
    # A new version makes every board that shows the queue fetch it.
    assert (board.version, now.version) == (before + 2, before + 2)
    assert board.tickets[0].equipment is Summary.GOOD
    told = [event for event in world.events if isinstance(event, TicketTested)]
    assert [event.version for event in told] == [before + 1, before + 2]
    assert (patient.account_id, "equipment", "queue_ticket") in world.lines(patient)
    visit = world.run(visits.call_next, doctor)
    assert visit.equipment is not None
    assert visit.equipment.at == world.now
    # What the clinician was shown stays, and the patient's own view has nothing to learn.
    with pytest.raises(IllegalMove):
        world.run(queueing.set_equipment, patient, ticket.id, WORKS)
    assert world.run(visits.visit_for, patient, visit.visit.id).equipment is None


def test_somebody_elses_ticket_does_not_exist(world: World) -> None:
    ticket = world.wait().ticket
    with pytest.raises(NotFound):
        world.run(queueing.set_equipment, world.patient(), ticket.id, WORKS)


async def test_over_http_from_the_queue_to_the_visit(client: Api, people: People) -> None:
    clinic = await people.clinic()
    patient, clinician = await people.patient(), await people.clinician(clinic)
    theirs, mine = await client.as_(patient), await client.as_(clinician)
    duty = {"state": "on", "clinic_id": clinic.id, "profession": "doctor"}
    assert (await mine.put("/api/v1/staff/duty", duty)).status == 200
    body = {"clinic_id": clinic.id, "profession": "doctor", "reason": "Feber", "channel": "video"}
    joined = await theirs.post(
        "/api/v1/patient/queue-tickets", body | {"equipment": SENT | {"network": "weak"}}
    )
    assert joined.status == 201
    assert "equipment" not in joined.json
    board = (await mine.get("/api/v1/staff/queue")).json
    assert board["tickets"][0]["equipment"] == "weak_network"
    path = f"/api/v1/patient/queue-tickets/{joined.json['id']}/equipment"
    for wrong in (
        SENT | {"camera": "broken"},
        SENT | {"round_trip_ms": -1},
        SENT | {"loss_percent": 100.5},
        SENT | {"up_kbps": 1_000_001},
        SENT | {"browser": "Firefox"},
        {"camera": "ok"},
    ):
        assert (await theirs.put(path, wrong)).status == 422, wrong
    assert (await theirs.put(path, SENT)).status == 200
    assert (await mine.get("/api/v1/staff/queue")).json["tickets"][0]["equipment"] == "good"
    visit = (await mine.post("/api/v1/staff/queue/next", {})).json
    assert visit["equipment"] == SENT | {
        "summary": "good",
        "tested_at": visit["equipment"]["tested_at"],
    }
    late = await theirs.put(path, SENT)
    assert (late.status, late.json["code"]) == (409, "queue.illegal_move")
    seen = (await theirs.get(f"/api/v1/patient/visits/{visit['id']}")).json
    assert seen["equipment"] is None
