"""Legs: who has one, what replaces it, what it survives and what ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from server.kit.errors import NotFound
from server.kit.tasks import spawn
from signaling.rooms.calls import CallRegistry
from signaling.rooms.errors import CallBadSdp, CallFull, CallNoLeg, CallReplaced, CallUnavailable
from signaling.rooms.legs import Party, Switches
from signaling.rooms.media_port import MediaFull
from signaling.wire.hints import CallLost, CallPeer
from signaling.wire.requests import CallJoined
from tests.signaling.fakes import FakeMedia, FakeSurroundings

VISIT = "01890000-0000-7000-8000-000000000001"
PATIENT = Party(VISIT, "patient", "anna", "Anna", "bo")
CLINICIAN = Party(VISIT, "clinician", "bo", "Bo Ek", "anna")
GRACE = timedelta(milliseconds=40)


class Stage:
    """A registry with a fake worker, and two people with a socket each."""

    def __init__(self) -> None:
        self.media = FakeMedia()
        self.around = FakeSurroundings(
            datetime(2026, 3, 1, 12, tzinfo=UTC), {"a1": "anna", "b1": "bo"}
        )
        self.calls = CallRegistry(self.media, self.around, GRACE)

    async def join(self, party: Party = PATIENT, sid: str = "a1") -> CallJoined:
        return await self.calls.join(VISIT, party.account_id, sid, admit(party))

    def peers(self, account: str) -> list[tuple[bool, str | None]]:
        return [
            (hint.joined, hint.reason)
            for to, hint, _ in self.around.told
            if to == account and isinstance(hint, CallPeer)
        ]

    def lost(self, account: str) -> list[str]:
        return [
            hint.reason
            for to, hint, _ in self.around.told
            if to == account and isinstance(hint, CallLost)
        ]

    async def pass_grace(self) -> None:
        self.around.at += GRACE
        await asyncio.sleep(GRACE.total_seconds() * 2)


def admit(party: Party) -> Callable[[], Awaitable[Party]]:
    async def yes() -> Party:
        return party

    return yes


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_two_join_and_each_learns_of_the_other(stage: Stage) -> None:
    first = await stage.join()
    assert not first.peer.joined
    second = await stage.join(CLINICIAN, "b1")
    assert second.peer.joined
    assert stage.peers("bo") == [(True, None)]
    assert stage.peers("anna") == [(True, None)]
    stage.calls.set_state("anna", "a1", VISIT, first.leg_id, Switches(mic_on=False))
    hint = [hint for _, hint, _ in stage.around.told if isinstance(hint, CallPeer)][-1]
    assert (hint.role, hint.mic_on, hint.camera_on) == ("patient", False, True)


async def test_a_second_tab_replaces_the_first(stage: Stage) -> None:
    stage.around.sockets["a2"] = "anna"
    first = await stage.join()
    stage.calls.set_state(
        "anna", "a1", VISIT, first.leg_id, Switches(mic_on=False, camera_on=False)
    )
    second = await stage.join(sid="a2")
    assert list(stage.media.legs) == [second.leg_id]
    assert (("anna", "a2")) in [(to, skip) for to, _, skip in stage.around.told]
    assert stage.lost("anna") == ["replaced"]
    assert [joined for joined, _ in stage.peers("bo")] == [True, True, True], "never told as gone"
    assert isinstance(last := stage.around.told[-1][1], CallPeer)
    assert not last.mic_on, "who was muted stays muted"
    with pytest.raises(CallReplaced):
        await stage.calls.answer("anna", "a1", VISIT, first.leg_id, "v=0")
    await stage.calls.leave("anna", VISIT, second.leg_id)
    with pytest.raises(CallNoLeg) as gone:
        stage.calls.set_state("anna", "a1", VISIT, first.leg_id, Switches())
    assert not isinstance(gone.value, CallReplaced), "there is nobody to give way to"


async def test_a_leg_is_its_owners_alone(stage: Stage) -> None:
    leg = await stage.join()
    with pytest.raises(CallNoLeg):
        await stage.calls.answer("bo", "b1", VISIT, leg.leg_id, "v=0")
    with pytest.raises(CallNoLeg):
        await stage.calls.restart("anna", "a1", VISIT.replace("1", "2"), leg.leg_id)
    await stage.calls.leave("bo", VISIT, leg.leg_id)
    assert stage.calls.in_call(VISIT, "anna")


async def test_noise_instead_of_an_answer_keeps_the_leg(stage: Stage) -> None:
    leg = await stage.join()
    with pytest.raises(CallBadSdp):
        await stage.calls.answer("anna", "a1", VISIT, leg.leg_id, "\x00\xff")
    await stage.calls.answer("anna", "a1", VISIT, leg.leg_id, "v=0 answer")
    assert stage.media.answered == [leg.leg_id]
    assert "restart" in await stage.calls.restart("anna", "a1", VISIT, leg.leg_id)


async def test_a_dropped_socket_keeps_the_leg_for_the_grace(stage: Stage) -> None:
    leg = await stage.join()
    del stage.around.sockets["a1"]
    stage.calls.socket_gone("a1")
    assert stage.media.legs
    stage.around.sockets["a9"] = "anna"
    stage.calls.set_state("anna", "a9", VISIT, leg.leg_id, Switches())
    await stage.pass_grace()
    assert stage.calls.in_call(VISIT, "anna")
    del stage.around.sockets["a9"]
    stage.calls.socket_gone("a9")
    await stage.pass_grace()
    assert not stage.media.legs
    assert stage.lost("anna") == ["closed"]
    assert stage.peers("bo")[-1] == (False, "connection_lost")


async def test_flowing_media_outlives_the_grace_while_its_owner_is_there(stage: Stage) -> None:
    leg = await stage.join()
    await stage.calls.answer("anna", "a1", VISIT, leg.leg_id, "v=0")
    stage.media.report(leg.leg_id, "connected")
    del stage.around.sockets["a1"]
    stage.calls.socket_gone("a1")
    stage.around.sockets["a2"] = "anna"
    await stage.pass_grace()
    assert stage.media.legs
    stage.media.report(leg.leg_id, "failed")
    await asyncio.sleep(0)
    assert stage.lost("anna") == ["closed"]


async def test_a_lost_worker_is_told_and_the_next_join_works(stage: Stage) -> None:
    await stage.join()
    await stage.join(CLINICIAN, "b1")
    stage.media.die()
    assert stage.lost("anna") == stage.lost("bo") == ["worker"]
    assert not stage.calls.in_call(VISIT, "anna")
    assert (await stage.join()).leg_id in stage.media.legs
    stage.media.available = False
    with pytest.raises(CallUnavailable):
        await stage.join(CLINICIAN, "b1")


async def test_a_retiring_workers_visits_move_and_the_others_stay(stage: Stage) -> None:
    first, second = await stage.join(), await stage.join(CLINICIAN, "b1")
    stage.media.retire()
    # It carries the call until the registry closes its legs.
    assert {first.leg_id, second.leg_id} == set(stage.media.legs)
    async with asyncio.timeout(10):
        while stage.media.legs:
            await asyncio.sleep(0)
    assert stage.lost("anna") == stage.lost("bo") == ["worker"]
    again = await stage.join()
    assert set(stage.media.legs) == {again.leg_id}


async def test_full_workers_are_told_from_missing_ones(stage: Stage) -> None:
    async def full(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        raise MediaFull

    stage.media.open_leg = full  # type: ignore[method-assign]
    with pytest.raises(CallFull) as refused:
        await stage.join()
    assert refused.value.code == "call.full"
    assert len(stage.calls) == 0


async def test_a_worker_lost_in_mid_answer_leaves_no_leg(stage: Stage) -> None:
    opened = stage.media.open_leg

    async def dying(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        sdp = await opened(visit_id, leg_id, participant)
        stage.media.die()
        return sdp

    await stage.join(CLINICIAN, "b1")
    before = await stage.join()
    stage.media.open_leg = dying  # type: ignore[method-assign]
    with pytest.raises(CallUnavailable):
        await stage.join()
    assert len(stage.calls) == 0
    assert stage.peers("bo")[-1] == (False, "worker"), "the leg that was replaced is gone too"
    assert before.leg_id not in stage.media.legs


async def test_who_joins_while_the_worker_retires_is_not_left_behind_on_it(stage: Stage) -> None:
    """The others move away at once: she would be alone there until the worker ends."""
    opened = stage.media.open_leg

    async def retiring(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        sdp = await opened(visit_id, leg_id, participant)
        stage.media.retire()
        return sdp

    stage.media.open_leg = retiring  # type: ignore[method-assign]
    with pytest.raises(CallUnavailable):
        await stage.join()
    assert not stage.media.legs
    stage.media.open_leg = opened  # type: ignore[method-assign]
    await stage.join()
    assert stage.calls.in_call(VISIT, "anna")


async def test_a_join_that_is_given_up_tells_the_peer_of_the_leg_it_replaced(stage: Stage) -> None:
    await stage.join()

    async def never(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        await asyncio.Event().wait()
        return ""

    stage.media.open_leg = never  # type: ignore[method-assign]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stage.join(), 0.02)
    assert stage.peers("bo")[-1] == (False, "worker")
    assert not stage.calls.in_call(VISIT, "anna")


async def test_a_visit_that_ends_closes_its_legs(stage: Stage) -> None:
    await stage.join()
    await stage.join(CLINICIAN, "b1")
    stage.calls.visit_changed(VISIT, call_possible=True)
    stage.calls.dismiss(VISIT, "anna")
    await asyncio.sleep(0.01)
    assert not stage.calls.in_call(VISIT, "anna")
    assert stage.calls.in_call(VISIT, "bo")
    assert stage.peers("bo")[-1] == (False, "left")
    stage.calls.visit_changed(VISIT, call_possible=False)
    await asyncio.sleep(0.01)
    assert len(stage.calls) == 0
    assert not stage.media.legs
    assert stage.lost("anna") == stage.lost("bo") == [], "the visit itself was told to them"


async def test_a_visit_that_ends_while_somebody_joins(stage: Stage) -> None:
    release = asyncio.Event()
    opened = stage.media.open_leg

    async def slow(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        await release.wait()
        return await opened(visit_id, leg_id, participant)

    stage.media.open_leg = slow  # type: ignore[method-assign]
    joining = spawn(stage.join(), name="join")
    await asyncio.sleep(0)
    stage.calls.visit_changed(VISIT, call_possible=False)
    release.set()
    await joining
    await asyncio.sleep(0.01)
    assert len(stage.calls) == 0
    assert not stage.media.legs


async def test_a_socket_that_closed_while_it_joined_leaves_a_detached_leg(stage: Stage) -> None:
    del stage.around.sockets["a1"]
    await stage.join()
    await stage.pass_grace()
    assert len(stage.calls) == 0


async def test_who_is_not_admitted_gets_no_leg(stage: Stage) -> None:
    async def no() -> Party:
        raise NotFound

    with pytest.raises(NotFound):
        await stage.calls.join(VISIT, "anna", "a1", no)
    assert not stage.media.legs
