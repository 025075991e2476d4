"""Who signs, who reads: what the call's people and the relay are told, and what each is to send."""

import asyncio
from dataclasses import replace

import pytest

from server.guests import service as guests
from server.guests.domain import GuestRole
from server.kit.tasks import spawn
from server.queueing import service as queueing
from server.queueing.domain import Communication
from server.visits import service as visits
from signaling.rooms.legs import Party
from signaling.rooms.media_port import LegSlotsChanged, MediaError, MediaUnavailable
from signaling.rooms.profiles import profile
from signaling.wire.base import Communication as Word
from signaling.wire.hints import CallSlots
from tests.signaling import test_calls
from tests.signaling.stage import Stage, Tab, eventually
from tests.signaling.test_calls import CLINICIAN, PATIENT, VISIT, admit

SIGNING = replace(PATIENT, communication="signs")


@pytest.mark.parametrize("people", range(1, 8))
def test_who_signs_keeps_the_movement_in_a_call_of_any_size(people: int) -> None:
    alike = profile(people)
    mine, theirs = profile(people, signs=True, signers=1), profile(people, signers=1)
    assert mine.frame_rate >= 25
    assert mine.height >= 360
    assert mine.bitrate > alike.bitrate
    assert mine.bitrate / mine.height**2 >= 1_700_000 / 720**2, "as many bits for what moves"
    if people > 2:
        assert theirs.bitrate < alike.bitrate
        assert theirs.height < alike.height
    else:
        assert theirs == alike, "between two nobody need give way"


@pytest.mark.parametrize("people", [4, 6])
def test_all_that_comes_to_one_person_grows_little_by_who_signs(people: int) -> None:
    alike = (people - 1) * profile(people).bitrate
    signer, others = profile(people, signs=True, signers=1), profile(people, signers=1)
    assert signer.bitrate + (people - 2) * others.bitrate <= alike * 1.1


@pytest.fixture
def calls() -> test_calls.Stage:
    return test_calls.Stage()


def told(stage: test_calls.Stage, account: str) -> list[CallSlots]:
    return [h for to, h, _ in stage.around.told if to == account and isinstance(h, CallSlots)]


def how(hint: CallSlots) -> Word | None:
    """How the one in the first slot takes part, as the hint says."""
    return hint.slots[0].communication if hint.slots[0] is not None else None


async def test_the_relay_is_told_of_who_signs_and_of_nobody_else(calls: test_calls.Stage) -> None:
    reads = replace(CLINICIAN, communication="reads")
    anna, bo = await calls.join(SIGNING), await calls.join(reads, "b1")
    await asyncio.sleep(0)
    assert calls.media.preferred == {anna.leg_id}
    assert anna.seating.publish.bitrate > bo.seating.publish.bitrate
    again = await calls.join(SIGNING)
    await asyncio.sleep(0)
    assert again.leg_id in calls.media.preferred, "also of the leg that takes its place"


async def test_whoever_begins_to_sign_in_the_call_is_put_first_at_once(
    calls: test_calls.Stage,
) -> None:
    anna, bo = await calls.join(), await calls.join(CLINICIAN, "b1")
    calls.calls.communicates(VISIT, "anna", "signs")
    await asyncio.sleep(0)
    assert calls.media.preferred == {anna.leg_id}
    assert how(told(calls, "bo")[-1]) == "signs"
    assert told(calls, "anna")[-1].publish.bitrate > bo.seating.publish.bitrate
    count = len(told(calls, "bo"))
    calls.calls.communicates(VISIT, "anna", "signs")
    calls.calls.communicates(VISIT, "nobody", "signs")
    assert len(told(calls, "bo")) == count, "nothing changed: nothing told"
    calls.calls.communicates(VISIT, "anna", "reads")
    await asyncio.sleep(0)
    assert not calls.media.preferred
    assert how(told(calls, "bo")[-1]) == "reads"


async def test_what_is_said_while_the_leg_opens_is_not_lost(calls: test_calls.Stage) -> None:
    opened, release = calls.media.open_leg, asyncio.Event()

    async def slow(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        await release.wait()
        return await opened(visit_id, leg_id, participant, echo=echo)

    calls.media.open_leg = slow  # type: ignore[method-assign]
    joining = spawn(calls.calls.join(VISIT, "anna", "a1", admit(PATIENT)), name="join")
    await asyncio.sleep(0)
    calls.calls.communicates(VISIT, "anna", "signs")
    release.set()
    anna = await joining
    await asyncio.sleep(0)
    assert calls.media.preferred == {anna.leg_id}
    bo = await calls.join(CLINICIAN, "b1")
    assert bo.seating.slots[0] is not None
    assert bo.seating.slots[0].communication == "signs"


@pytest.mark.parametrize("error", [MediaError("request.invalid"), MediaUnavailable("gone")])
async def test_a_worker_that_knows_no_order_among_pictures_still_holds_the_call(
    calls: test_calls.Stage, error: MediaError
) -> None:
    async def never(leg_id: str, *, on: bool) -> None:
        raise error

    calls.media.prefer = never  # type: ignore[method-assign]
    anna = await calls.join(SIGNING)
    await asyncio.sleep(0)
    assert calls.calls.in_call(VISIT, "anna")
    assert anna.seating.publish.frame_rate >= 25


async def test_who_is_spared_pictures_is_told_whether_the_signed_come(
    calls: test_calls.Stage,
) -> None:
    anna = await calls.join()
    calls.media.happen(LegSlotsChanged(anna.leg_id, (None,) * 5, None, held=True))
    hint = told(calls, "anna")[-1]
    assert (hint.pictures_held, hint.signers_held) == (True, False)
    calls.media.happen(LegSlotsChanged(anna.leg_id, (None,) * 5, None, True, True))
    assert told(calls, "anna")[-1].signers_held


async def test_a_guest_may_sign(calls: test_calls.Stage) -> None:
    interpreter = Party(VISIT, "interpreter", "ida", "Ida", communication="signs")
    calls.around.sockets["i1"] = "ida"
    ida = await calls.calls.join(VISIT, "ida", "i1", admit(interpreter))
    await asyncio.sleep(0)
    assert calls.media.preferred == {ida.leg_id}


async def test_the_seats_follow_what_patient_and_guest_say(stage: Stage) -> None:
    """From the ticket and the invitation to every page of the call, by the server's word."""
    anna, bo = await stage.patient("Anna Ask"), await stage.clinician("Bo Ek")
    visit = await stage.visit(anna, bo)
    patient, staff = await stage.tab(anna), await stage.tab(bo)
    for tab in (patient, staff):
        await tab.ok("call.join", visit_id=visit)
    await stage.write(visits.set_communication, anna.actor, visit, Communication.SIGNS)
    changed = await staff.until("visit.changed", visit_id=visit, version=3)
    assert "communication" not in changed, "fetched, like the rest of the visit"
    await eventually(lambda: how_seated(staff) == {"Anna": "signs"})
    guest = await stage.guest(visit, bo, GuestRole.RELATIVE, admitted=True)
    tab = await stage.tab(guest)
    await tab.ok("call.join", visit_id=visit)
    await stage.write(guests.set_communication, guest.actor, Communication.READS)
    both = {"Anna": "signs", "Gäst relative": "reads"}
    await eventually(lambda: how_seated(staff) == both)


def how_seated(tab: Tab) -> dict[str, str]:
    """How each of the others takes part, as the tab was told last."""
    newest = [hint["slots"] for hint in tab.hints("call.slots")][-1:]
    seats = [seat for slots in newest for seat in slots if seat is not None]
    return {seat["name"]: seat["communication"] for seat in seats}


async def test_a_ticket_tells_its_patient_in_full(stage: Stage) -> None:
    """All of one version: else a second tab would hold the version and never learn the rest."""
    anna, bo = await stage.patient("Anna Ask"), await stage.clinician("Bo Ek")
    tab = await stage.tab(anna)
    ticket = (await stage.queue(anna)).ticket.id
    await stage.write(queueing.set_communication, anna.actor, ticket, Communication.READS)
    await tab.until("ticket.changed", ticket_id=ticket, state="waiting", communication="reads")
    await stage.write(visits.call_next, bo.actor)
    await tab.until("ticket.changed", ticket_id=ticket, state="called", communication="reads")
