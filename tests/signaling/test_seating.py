"""Who is where in a call, as the people in it are told."""

import asyncio
from dataclasses import replace

import pytest

from signaling.rooms.errors import CallNoScreen, CallVisitFull
from signaling.rooms.legs import Party, Switches
from signaling.rooms.media_port import LegSlotsChanged, VisitFull
from signaling.rooms.profiles import profile
from signaling.wire.hints import CallSlots
from tests.signaling.test_calls import CLINICIAN, PATIENT, VISIT, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def told(stage: Stage, account: str) -> list[CallSlots]:
    return [h for to, h, _ in stage.around.told if to == account and isinstance(h, CallSlots)]


async def test_each_is_told_where_the_other_is(stage: Stage) -> None:
    first = await stage.join()
    assert first.seating.slots == [None] * 5
    assert not told(stage, "anna"), "it was in the answer"
    second = await stage.join(CLINICIAN, "b1")
    assert second.participant_id == CLINICIAN.participant
    (seat, *rest) = second.seating.slots
    assert seat is not None
    assert (seat.participant_id, seat.role) == (first.participant_id, "patient")
    assert seat.name == "Anna"
    assert rest == [None] * 4
    hint = told(stage, "anna")[-1]
    assert (hint.visit_id, hint.leg_id) == (VISIT, first.leg_id)
    assert hint.slots[0] is not None
    assert hint.slots[0].participant_id == CLINICIAN.participant
    assert hint.publish == second.seating.publish
    assert hint.publish.height == 720
    stage.calls.set_state("bo", "b1", VISIT, second.leg_id, Switches(mic_on=False))
    seat = told(stage, "anna")[-1].slots[0]
    assert seat is not None
    assert (seat.mic_on, seat.camera_on) == (False, True)
    await stage.calls.leave("bo", VISIT, second.leg_id)
    assert told(stage, "anna")[-1].slots == [None] * 5


async def test_a_person_is_the_same_participant_in_every_leg_and_nobody_elses(stage: Stage) -> None:
    first, again = await stage.join(), await stage.join()
    assert first.participant_id == again.participant_id == PATIENT.participant
    assert first.leg_id != again.leg_id
    assert CLINICIAN.participant != PATIENT.participant


async def test_a_seat_tells_who_signs_and_who_reads(stage: Stage) -> None:
    await stage.join(replace(PATIENT, communication="signs"))
    seat = (await stage.join(CLINICIAN, "b1")).seating.slots[0]
    assert seat is not None
    assert seat.communication == "signs"
    spoken = told(stage, "anna")[-1].slots[0]
    assert spoken is not None
    assert spoken.communication == "speech", "the patient's word says nothing of the clinician"


async def test_a_screen_is_one_persons_at_a_time(stage: Stage) -> None:
    anna, bo = await stage.join(), await stage.join(CLINICIAN, "b1")
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0)
    assert stage.media.presenting == anna.leg_id
    assert told(stage, "bo")[-1].screen == PATIENT.participant
    assert told(stage, "anna")[-1].screen is None
    stage.calls.set_state("bo", "b1", VISIT, bo.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0)
    assert stage.media.presenting == bo.leg_id
    assert told(stage, "anna")[-1].screen == CLINICIAN.participant, "taken over from"
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches())
    await asyncio.sleep(0)
    assert stage.media.presenting == bo.leg_id, "hers had ended already"
    stage.calls.set_state("bo", "b1", VISIT, bo.leg_id, Switches())
    await asyncio.sleep(0)
    assert stage.media.presenting is None
    assert told(stage, "anna")[-1].screen is None


async def test_a_screen_that_could_not_be_shown_is_tried_again(stage: Stage) -> None:
    anna = await stage.join()
    stage.media.available = False
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0)
    stage.media.available = True
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0)
    assert stage.media.presenting == anna.leg_id


async def test_of_two_who_share_at_the_same_moment_one_is_shown_and_the_other_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = stage.media.present

    async def slowly(leg_id: str, *, on: bool) -> None:
        await show(leg_id, on=on)
        for _ in range(3):  # the worker's word is here before its answer is taken up
            await asyncio.sleep(0)

    monkeypatch.setattr(stage.media, "present", slowly)
    anna, bo = await stage.join(), await stage.join(CLINICIAN, "b1")
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches(), screen_on=True)
    stage.calls.set_state("bo", "b1", VISIT, bo.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0.01)
    assert stage.media.presenting == bo.leg_id
    assert told(stage, "anna")[-1].screen == CLINICIAN.participant
    assert told(stage, "bo")[-1].screen is None
    # She has not been told to stop, and shares again: it is hers now.
    stage.calls.set_state("anna", "a1", VISIT, anna.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0.01)
    assert stage.media.presenting == anna.leg_id
    assert told(stage, "bo")[-1].screen == PATIENT.participant
    assert told(stage, "anna")[-1].screen is None


async def test_a_guest_shares_no_screen(stage: Stage) -> None:
    guest = Party(VISIT, "interpreter", "eva", "Eva")
    joined = await stage.join(guest, "e1")
    with pytest.raises(CallNoScreen):
        stage.calls.set_state("eva", "e1", VISIT, joined.leg_id, Switches(), screen_on=True)
    await asyncio.sleep(0)
    assert stage.media.presenting is None
    stage.calls.set_state("eva", "e1", VISIT, joined.leg_id, Switches())


async def test_who_is_held_back_is_told(stage: Stage) -> None:
    anna = await stage.join()
    stage.media.happen(LegSlotsChanged(anna.leg_id, (None,) * 5, None, held=True))
    assert told(stage, "anna")[-1].pictures_held
    stage.media.happen(LegSlotsChanged("another", (None,) * 5, None, held=True))
    assert len(told(stage, "anna")) == 1


async def test_a_seventh_is_refused_in_words(stage: Stage) -> None:
    async def full(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        raise VisitFull

    stage.media.open_leg = full  # type: ignore[method-assign]
    with pytest.raises(CallVisitFull):
        await stage.join()


def test_the_more_there_are_the_less_each_sends() -> None:
    profiles = [profile(people) for people in range(1, 7)]
    assert [each.height for each in profiles] == [720, 720, 360, 360, 240, 240]
    assert profiles == sorted(profiles, reverse=True)
    # What arrives grows no further: five others must fit where one did.
    assert all((n - 1) * each.bitrate <= 1_700_000 for n, each in enumerate(profiles, 1))
    assert min(each.frame_rate for each in profiles) >= 25, "signs can still be read"
