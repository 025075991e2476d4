"""Calls over the socket: join, answer, replace, come back within the grace, lose the worker."""

import asyncio

from server.queueing.domain import Channel
from server.visits import service as visits
from server.visits.domain import ModeReason
from tests.signaling.stage import Stage, eventually


async def test_a_call_from_join_to_end(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient, staff = await stage.tab(anna), await stage.tab(bo)
    mine = await patient.ok("call.join", visit_id=visit_id)
    assert mine["sdp"].startswith("v=0")
    assert mine["peer"] == {"joined": False, "mic_on": False, "camera_on": False}
    leg = {"visit_id": visit_id, "leg_id": mine["leg_id"]}
    assert await patient.refused("call.answer", **leg, sdp="noise") == "call.bad_sdp"
    await patient.ok("call.answer", **leg, sdp="v=0 answer")
    await patient.ok("call.state", **leg, mic_on=False, camera_on=True)
    theirs = await staff.ok("call.join", visit_id=visit_id)
    assert theirs["peer"] == {"joined": True, "mic_on": False, "camera_on": True}
    await patient.until("call.peer", role="clinician", joined=True)
    seen = await staff.ok(
        "sync",
        visits=[{"visit_id": visit_id, "version": 1, "last_seq": 1}],
        tickets=[],
        queue=None,
    )
    assert seen["visits"][0]["peer_in_call"] is True
    assert "restart" in (await patient.ok("call.restart", **leg))["sdp"]
    stage.media.report(mine["leg_id"], "failed")
    assert (await patient.until("call.lost", leg_id=mine["leg_id"]))["reason"] == "closed"
    await staff.until("call.peer", joined=False, reason="connection_lost")
    assert await patient.refused("call.restart", **leg) == "call.no_leg"
    again = await patient.ok("call.join", visit_id=visit_id)
    await patient.ok("call.leave", visit_id=visit_id, leg_id=again["leg_id"])
    await patient.ok("call.leave", visit_id=visit_id, leg_id=again["leg_id"])
    await staff.until("call.peer", joined=False, reason="left")
    await stage.write(visits.end, bo.actor, visit_id)
    await eventually(lambda: not stage.media.legs)
    assert await staff.refused("call.join", visit_id=visit_id) == "visit.closed"


async def test_chat_closes_the_call_and_video_opens_it_again(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient = await stage.tab(anna)
    await patient.ok("call.join", visit_id=visit_id)
    await stage.write(visits.set_mode, anna.actor, visit_id, Channel.CHAT, ModeReason.MEDIA_BLOCKED)
    await eventually(lambda: not stage.media.legs)
    assert not patient.hints("call.lost")
    assert await patient.refused("call.join", visit_id=visit_id) == "call.not_video"
    await stage.write(visits.set_mode, bo.actor, visit_id, Channel.VIDEO, ModeReason.CHOSEN)
    await patient.ok("call.join", visit_id=visit_id)


async def test_no_worker_no_call_but_the_chat_goes_on(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient = await stage.tab(anna)
    stage.media.available = False
    assert await patient.refused("call.join", visit_id=visit_id) == "call.unavailable"
    client_id = "01890000-0000-7000-8000-00000000000a"
    await patient.ok("message.send", visit_id=visit_id, client_id=client_id, body="Hej")


async def test_the_second_tab_takes_the_call_over(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    first, second, staff = await stage.tab(anna), await stage.tab(anna), await stage.tab(bo)
    old = await first.ok("call.join", visit_id=visit_id)
    new = await second.ok("call.join", visit_id=visit_id)
    lost = await first.until("call.lost", leg_id=old["leg_id"])
    assert lost["reason"] == "replaced"
    assert not second.hints("call.lost"), "who replaces is not told to stop"
    assert list(stage.media.legs) == [new["leg_id"]]
    # A tab that slept may not have been told: whatever it says of its leg, it hears it now.
    leg = {"visit_id": visit_id, "leg_id": old["leg_id"]}
    assert await first.refused("call.state", **leg, mic_on=True, camera_on=True) == "call.replaced"
    assert await first.refused("call.restart", **leg) == "call.replaced"
    await staff.until("call.peer", joined=True)
    assert not [hint for hint in staff.hints("call.peer") if not hint["joined"]]


async def test_a_tab_that_comes_back_within_the_grace_keeps_its_leg(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    first, staff = await stage.tab(anna), await stage.tab(bo)
    joined = await first.ok("call.join", visit_id=visit_id)
    leg = {"visit_id": visit_id, "leg_id": joined["leg_id"]}
    await first.cut()
    await asyncio.sleep(0.1)
    back = await stage.tab(anna)
    await back.ok("call.state", **leg, mic_on=True, camera_on=False)
    await asyncio.sleep(0.5)
    assert list(stage.media.legs) == [joined["leg_id"]]
    assert not back.hints("call.lost")
    await back.cut()
    await staff.until("call.peer", joined=False, reason="connection_lost")
    await eventually(lambda: not stage.media.legs)


async def test_a_lost_worker_is_told_to_both_and_both_join_again(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    tabs = [await stage.tab(anna), await stage.tab(bo)]
    legs = [(await tab.ok("call.join", visit_id=visit_id))["leg_id"] for tab in tabs]
    stage.media.die()
    for tab, leg_id in zip(tabs, legs, strict=True):
        assert (await tab.until("call.lost", leg_id=leg_id))["reason"] == "worker"
        await tab.ok("call.join", visit_id=visit_id)
    assert len(stage.media.legs) == 2


async def test_the_patient_who_leaves_leaves_the_call(stage: Stage) -> None:
    anna, bo = await stage.patient(), await stage.clinician()
    visit_id = await stage.visit(anna, bo)
    patient, staff = await stage.tab(anna), await stage.tab(bo)
    await patient.ok("call.join", visit_id=visit_id)
    mine = await staff.ok("call.join", visit_id=visit_id)
    await stage.write(visits.leave, anna.actor, visit_id)
    await staff.until("call.peer", joined=False, reason="left")
    await eventually(lambda: list(stage.media.legs) == [mine["leg_id"]])
