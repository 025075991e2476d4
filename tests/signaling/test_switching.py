"""What people switch on and off, and how their lines are: told to all who sit with them."""

import asyncio
from datetime import timedelta

import pytest

from signaling.rooms.legs import Party, Switches
from signaling.rooms.media_port import LegJudged
from signaling.wire.hints import CallSlots, Line, Seat, Seating
from tests.signaling.test_calls import CLINICIAN, VISIT, Stage

HOLD = Switches(mic_on=False, camera_on=False, on_hold=True)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def told(stage: Stage, account: str) -> list[CallSlots]:
    return [h for to, h, _ in stage.around.told if to == account and isinstance(h, CallSlots)]


def seat(seating: Seating) -> Seat:
    """Of the first of the others."""
    assert seating.slots[0] is not None
    return seating.slots[0]


async def test_a_poor_line_is_told_to_its_owner_and_to_the_others(stage: Stage) -> None:
    anna, bo = await stage.join(), await stage.join(CLINICIAN, "b1")
    assert anna.seating.line == seat(bo.seating).line == Line(word="good", reason=None, way=None)
    stage.media.happen(LegJudged(anna.leg_id, "bad", "loss", "down"))
    bad = Line(word="bad", reason="loss", way="down")
    assert told(stage, "anna")[-1].line == bad
    assert seat(told(stage, "anna")[-1]).line.word == "good", "his own is as it was"
    assert seat(told(stage, "bo")[-1]).line == bad
    assert told(stage, "bo")[-1].line.word == "good"
    heard = len(stage.around.told)
    stage.media.happen(LegJudged("nobody's", "bad", "loss", "up"))
    assert len(stage.around.told) == heard
    guest = Party(VISIT, "relative", "g", "Eva")
    stage.around.sockets["g1"] = "g"
    (late, _) = (await stage.join(guest, "g1")).seating.slots[:2]
    assert late is not None
    assert late.line == bad, "who comes later is told as well"


async def test_who_wants_no_pictures_is_sent_none_and_the_others_see_it(stage: Stage) -> None:
    anna, _ = await stage.join(), await stage.join(CLINICIAN, "b1")
    sound = Switches(camera_on=False, pictures_wanted=False, sound_first=True)
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, sound)
    await asyncio.sleep(0)
    assert stage.media.switched == {anna.leg_id: (False, False)}
    hers = seat(told(stage, "bo")[-1])
    assert (hers.camera_on, hers.pictures_wanted, hers.sound_first) == (False, False, True)
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches())
    await asyncio.sleep(0)
    assert stage.media.switched == {anna.leg_id: (True, False)}
    stage.media.switched.clear()
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches(mic_on=False))
    await asyncio.sleep(0)
    assert not stage.media.switched, "a mute is none of the relay's business"


async def test_a_hold_is_told_with_its_time_and_outlives_the_line(stage: Stage) -> None:
    anna, _ = await stage.join(), await stage.join(CLINICIAN, "b1")
    since = stage.around.at
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, HOLD)
    await asyncio.sleep(0)
    assert stage.media.switched == {anna.leg_id: (True, True)}
    assert seat(told(stage, "bo")[-1]).on_hold_since == since
    stage.around.at += timedelta(minutes=3)
    again = await stage.join()
    await asyncio.sleep(0)
    assert stage.media.switched[again.leg_id] == (True, True), "before she has said anything"
    assert seat(told(stage, "bo")[-1]).on_hold_since == since
    stage.calls.set_state("anna", "a1", VISIT, again.leg_id, HOLD)
    assert seat(told(stage, "bo")[-1]).on_hold_since == since
    stage.calls.set_state("anna", "a1", VISIT, again.leg_id, Switches())
    await asyncio.sleep(0)
    assert stage.media.switched[again.leg_id] == (True, False)
    hers = seat(told(stage, "bo")[-1])
    assert (hers.on_hold_since, hers.mic_on) == (None, True)


async def test_what_a_worker_could_not_be_told_is_told_when_it_is_said_again(stage: Stage) -> None:
    anna = await stage.join()
    stage.media.available = False
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, HOLD)
    await asyncio.sleep(0)
    assert stage.calls.in_call(VISIT, "anna")
    assert not stage.media.switched
    stage.media.available = True
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, HOLD)
    await asyncio.sleep(0)
    assert stage.media.switched == {anna.leg_id: (True, True)}
