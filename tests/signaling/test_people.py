"""Three to six in one call: who comes late, leaves, comes back, is put out; a lost worker."""

import asyncio

import pytest

from signaling.rooms.errors import CallVisitFull
from signaling.rooms.legs import Party
from signaling.wire.base import CallRole
from signaling.wire.hints import CallPeer, CallSlots, Seating
from signaling.wire.requests import CallJoined
from tests.signaling.test_calls import CLINICIAN, PATIENT, VISIT, Stage, admit

OTHER_VISIT = VISIT.replace("1", "2")
ROLES: tuple[CallRole, ...] = ("relative", "interpreter", "colleague", "relative")
GUESTS = [Party(VISIT, role, f"guest{n}", f"Gäst {n}") for n, role in enumerate(ROLES)]
EVERYBODY = [PATIENT, CLINICIAN, *GUESTS]


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    for guest in GUESTS:
        stage.around.sockets[sid(guest)] = guest.account_id
    return stage


def sid(party: Party) -> str:
    """The socket of each."""
    return {"anna": "a1", "bo": "b1"}.get(party.account_id, f"s-{party.account_id}")


async def enter(stage: Stage, *people: Party) -> list[CallJoined]:
    """They join, one after the other."""
    return [await stage.join(each, sid(each)) for each in people]


def seen(seating: Seating) -> dict[str, tuple[str, int]]:
    """Name → role and slot of everybody whom somebody is shown."""
    return {s.name: (s.role, at) for at, s in enumerate(seating.slots) if s is not None}


def told(stage: Stage, party: Party) -> list[CallSlots]:
    return [
        hint
        for to, hint, _ in stage.around.told
        if to == party.account_id and isinstance(hint, CallSlots)
    ]


def names(*people: Party) -> set[str]:
    return {each.name for each in people}


@pytest.mark.parametrize("number", [3, 4, 5, 6])
async def test_everybody_sees_everybody_else_by_name_and_role(stage: Stage, number: int) -> None:
    people = EVERYBODY[:number]
    joined = await enter(stage, *people)
    for party in people[:-1]:
        last = told(stage, party)[-1]
        assert {name: role for name, (role, _) in seen(last).items()} == {
            each.name: each.role for each in people if each is not party
        }
        assert last.publish == joined[-1].seating.publish
    assert set(seen(joined[-1].seating)) == names(*people[:-1])
    assert joined[-1].seating.publish.height == (360 if number < 5 else 240)
    assert len(stage.calls) == number


async def test_a_seventh_is_refused_and_nobody_else_notices(stage: Stage) -> None:
    await enter(stage, *EVERYBODY)
    heard = len(stage.around.told)
    with pytest.raises(CallVisitFull):
        await stage.join(Party(VISIT, "relative", "guest7", "För sen"), "s-guest7")
    assert len(stage.around.told) == heard
    assert len(stage.calls) == len(stage.media.legs) == 6
    assert not stage.calls.in_call(VISIT, "guest7")


async def test_who_comes_late_leaves_or_comes_back_moves_nobody_elses_leg(stage: Stage) -> None:
    anna, _, _ = await enter(stage, PATIENT, CLINICIAN, GUESTS[0])
    late, left = GUESTS[1], GUESTS[0]
    first = await stage.join(late, sid(late))
    before = dict(stage.media.legs)
    await stage.calls.leave(left.account_id, VISIT, _leg_of(stage, left))
    assert left.name not in seen(told(stage, PATIENT)[-1])
    again = await stage.join(left, sid(left))
    assert again.participant_id == left.participant, "the relay keeps the slot for them"
    assert {leg: who for leg, who in stage.media.legs.items() if leg in before} == {
        leg: who for leg, who in before.items() if who[1] != left.participant
    }
    assert set(seen(told(stage, PATIENT)[-1])) == names(CLINICIAN, left, late)
    assert {hint.leg_id for hint in told(stage, PATIENT)} == {anna.leg_id}
    assert first.leg_id in stage.media.legs


def _leg_of(stage: Stage, party: Party) -> str:
    (leg,) = [leg for leg, who in stage.media.legs.items() if who == (VISIT, party.participant)]
    return leg


async def test_of_a_guest_only_the_seats_tell(stage: Stage) -> None:
    await enter(stage, PATIENT, CLINICIAN)
    stage.around.told.clear()
    (guest,) = await enter(stage, GUESTS[0])
    assert not guest.peer.joined, "it is no party of the visit"
    await stage.calls.leave(GUESTS[0].account_id, VISIT, guest.leg_id)
    assert not [hint for _, hint, _ in stage.around.told if isinstance(hint, CallPeer)]
    assert {to for to, _, _ in stage.around.told} == {"anna", "bo"}


async def test_who_is_put_out_loses_the_leg_and_the_others_keep_theirs(stage: Stage) -> None:
    await enter(stage, *EVERYBODY[:4])
    out = GUESTS[0]
    stage.calls.dismiss(VISIT, out.account_id)
    await asyncio.sleep(0.01)
    assert not stage.calls.in_call(VISIT, out.account_id)
    assert len(stage.media.legs) == 3
    assert set(seen(told(stage, PATIENT)[-1])) == names(CLINICIAN, GUESTS[1])


async def test_who_is_put_out_while_joining_gets_no_leg(stage: Stage) -> None:
    guest, release = GUESTS[0], asyncio.Event()

    async def slowly() -> Party:
        await release.wait()
        return guest

    joining = asyncio.ensure_future(  # noqa: TID251
        stage.calls.join(VISIT, guest.account_id, sid(guest), slowly)
    )
    await asyncio.sleep(0)
    stage.calls.dismiss(VISIT, guest.account_id)
    release.set()
    await joining
    await asyncio.sleep(0.01)
    assert not stage.media.legs


async def test_people_join_at_once_and_one_visit_is_not_anothers(stage: Stage) -> None:
    await asyncio.gather(*(stage.join(each, sid(each)) for each in EVERYBODY))
    elsewhere = Party(OTHER_VISIT, "clinician", "bo", "Bo Ek", "eva")
    alone = await stage.calls.join(OTHER_VISIT, "bo", "b1", admit(elsewhere))
    assert seen(alone.seating) == {}
    assert alone.participant_id != CLINICIAN.participant, "nobody can be followed across visits"
    assert len(stage.calls) == 7
    stage.calls.visit_changed(VISIT, call_possible=False)
    await asyncio.sleep(0.01)
    assert set(stage.media.legs) == {alone.leg_id}
    assert stage.calls.in_call(OTHER_VISIT, "bo")


async def test_a_lost_worker_is_told_to_all_six_and_all_six_come_back(stage: Stage) -> None:
    await enter(stage, *EVERYBODY)
    stage.media.die()
    assert all(stage.lost(each.account_id) == ["worker"] for each in EVERYBODY)
    assert len(stage.calls) == 0
    await enter(stage, *reversed(EVERYBODY))
    assert len(stage.media.legs) == 6
    assert set(seen(told(stage, GUESTS[3])[-1])) == names(*EVERYBODY[:5])


async def test_a_guests_dropped_socket_keeps_the_leg_for_the_grace(stage: Stage) -> None:
    await enter(stage, PATIENT, CLINICIAN, GUESTS[0])
    del stage.around.sockets[sid(GUESTS[0])]
    stage.calls.socket_gone(sid(GUESTS[0]))
    assert stage.calls.in_call(VISIT, GUESTS[0].account_id)
    await stage.pass_grace()
    assert not stage.calls.in_call(VISIT, GUESTS[0].account_id)
    assert stage.lost(GUESTS[0].account_id) == ["closed"]
    assert set(seen(told(stage, PATIENT)[-1])) == names(CLINICIAN)
