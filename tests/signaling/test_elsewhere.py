"""What a server makes of the legs that others speak for, with media that is made up."""

import asyncio
from dataclasses import replace
from typing import cast

import pytest
from typing_extensions import override

from signaling.rooms import cards
from signaling.rooms.errors import CallNoLeg, CallReplaced, CallUnavailable
from signaling.rooms.legs import Leg, Party, Switches
from signaling.rooms.media_port import (
    Ending,
    LegCard,
    LegEnded,
    LegSaid,
    LegSpoken,
    MediaUnavailable,
    NoSuchLeg,
)
from signaling.wire.hints import CallKey, CallSlots
from tests.signaling.fakes import FakeMedia
from tests.signaling.test_calls import CLINICIAN, PATIENT, VISIT, Stage, admit

LATE = "ffffffff-0000-7000-8000-000000000001"
EARLY = "00000000-0000-7000-8000-000000000001"


class Shared(FakeMedia):
    """As a pool of nodes: what this server tells the others is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[tuple[str, str]] = []
        self.said: list[tuple[str, str, str]] = []
        self.ended: list[tuple[str, Ending]] = []
        self.adopted: list[str] = []
        self.refusal: Exception | None = None
        self.loses_at_once = False

    async def watch(self) -> None:
        """Nobody else is there."""

    def put_card(self, leg_id: str, card: str) -> None:
        self.cards.append((leg_id, card))

    def say(self, leg_id: str, sender: str, text: str) -> None:
        self.said.append((leg_id, sender, text))

    async def adopt(self, leg_id: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.adopted.append(leg_id)
        self.happen(LegSpoken(leg_id, here=True, connected=True))
        if self.loses_at_once:
            self.happen(LegSpoken(leg_id, here=False))

    async def end_leg(self, leg_id: str, reason: Ending) -> None:
        self.ended.append((leg_id, reason))
        await self.close_leg(leg_id)

    @override
    async def open_leg(
        self, visit_id: str, leg_id: str, participant: str, *, echo: bool = False
    ) -> str:
        if self.refusal is not None:
            raise self.refusal
        for former, place in list(self.legs.items()):
            if place == (visit_id, participant):
                await self.close_leg(former)  # the node does
        return await super().open_leg(visit_id, leg_id, participant, echo=echo)


@pytest.fixture
def stage() -> Stage:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tests.signaling.test_calls.FakeMedia", Shared)
        return Stage()


def shared(stage: Stage) -> Shared:
    return cast("Shared", stage.media)


def card(leg_id: str, party: Party, on: Switches | None = None) -> LegCard:
    leg = Leg(leg_id, party, None)
    leg.on = on or leg.on
    return LegCard(leg_id, VISIT, cards.written(leg))


def seats(stage: Stage, account: str) -> list[CallSlots]:
    return [h for to, h, _ in stage.around.told if to == account and isinstance(h, CallSlots)]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_card_says_all_that_another_server_must_know(stage: Stage) -> None:
    leg = Leg(LATE, replace(CLINICIAN, communication="reads"), None, "k" * 87)
    leg.take(Switches(mic_on=False, sound_first=True, on_hold=True), stage.around.at)
    leg.screen_on, leg.switched = True, (True, True)
    read = cards.read(LATE, VISIT, cards.written(leg))
    leg.here = False
    assert read == leg
    # A newer release may know more; what is none at all is no reason to fall over.
    assert cards.read(LATE, VISIT, cards.written(leg)[:-1] + ',"new":1}') == leg
    for wrong in ("", "[]", '{"role": "patient"}', "x" * 4000):
        with pytest.raises(cards.NoCard):
            cards.read(LATE, VISIT, wrong)
        stage.media.happen(LegCard(LATE, VISIT, wrong))
    assert not stage.calls.in_call(VISIT, "bo")


async def test_the_others_are_told_of_a_change_once(stage: Stage) -> None:
    leg = await stage.join()
    for on in (Switches(), Switches(mic_on=False), Switches(mic_on=False)):
        stage.calls.set_state("anna", "a1", VISIT, leg.leg_id, on)
    told = [cards.read(leg_id, VISIT, text).on.mic_on for leg_id, text in shared(stage).cards]
    assert told == [True, False]


async def test_of_two_legs_at_two_nodes_all_keep_the_same(stage: Stage) -> None:
    mine = await stage.join()
    stage.media.happen(card(EARLY, PATIENT))
    assert stage.lost("anna") == []
    assert mine.leg_id in stage.media.legs
    stage.media.happen(card(LATE, PATIENT))
    await settled()
    assert stage.lost("anna") == ["replaced"]
    assert shared(stage).ended == [(mine.leg_id, "replaced")]
    assert stage.calls.in_call(VISIT, "anna")
    assert len(stage.calls) == 0


async def test_who_signs_by_a_card_alone_changes_what_the_others_send(stage: Stage) -> None:
    await stage.join(CLINICIAN, "b1")
    stage.media.happen(card(LATE, PATIENT))
    before = len(seats(stage, "bo"))
    stage.media.happen(card(LATE, replace(PATIENT, communication="signs")))
    assert len(seats(stage, "bo")) == before + 1
    stage.media.happen(card(LATE, replace(PATIENT, communication="signs")))
    assert len(seats(stage, "bo")) == before + 1, "that was no news"


async def test_a_join_that_another_overtakes_gives_way(stage: Stage) -> None:
    shared(stage).refusal = NoSuchLeg("another took its place")
    with pytest.raises(CallReplaced):
        await stage.join()
    shared(stage).refusal = None
    opened = stage.media.open_leg

    async def overtaken(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        sdp = await opened(visit_id, leg_id, participant)
        stage.media.happen(LegEnded(leg_id, "replaced"))
        return sdp

    stage.media.open_leg = overtaken  # type: ignore[method-assign]
    with pytest.raises(CallReplaced):
        await stage.join()
    assert not stage.calls.in_call(VISIT, "anna")


async def test_what_stands_in_the_way_of_taking_a_leg_over(stage: Stage) -> None:
    await stage.join(CLINICIAN, "b1")
    stage.media.happen(card(LATE, PATIENT))
    claim = "anna", "a1", VISIT, LATE, admit(PATIENT)
    shared(stage).refusal = MediaUnavailable("the node is away")
    with pytest.raises(CallUnavailable):
        await stage.calls.claim(*claim)
    assert stage.calls.in_call(VISIT, "anna"), "it may be there again in a moment"
    shared(stage).refusal, shared(stage).loses_at_once = None, True
    with pytest.raises(CallNoLeg):
        await stage.calls.claim(*claim)
    shared(stage).loses_at_once = False
    await stage.calls.claim(*claim)
    await stage.calls.claim(*claim)
    assert shared(stage).adopted == [LATE, LATE], "what is here already needs no taking over"
    stage.media.happen(LegSpoken(LATE, here=False))
    shared(stage).refusal = NoSuchLeg("over")
    with pytest.raises(CallNoLeg):
        await stage.calls.claim(*claim)
    assert stage.peers("bo")[-1] == (False, "worker")


async def test_a_leg_whose_socket_went_while_it_was_taken_over_waits(stage: Stage) -> None:
    stage.media.happen(card(LATE, PATIENT))
    del stage.around.sockets["a1"]
    await stage.calls.claim("anna", "a1", VISIT, LATE, admit(PATIENT))
    await stage.pass_grace()
    assert shared(stage).ended == [(LATE, "connection_lost")]


async def test_a_word_is_heard_from_the_same_visit_alone(stage: Stage) -> None:
    mine = await stage.join()
    other = VISIT.replace("1", "2")
    stage.media.happen(card(LATE, CLINICIAN))
    stranger = Leg(EARLY, replace(CLINICIAN, visit_id=other), None)
    stage.media.happen(LegCard(EARLY, other, cards.written(stranger)))
    for sender in (LATE, EARLY, "nobody"):
        stage.media.happen(LegSaid(mine.leg_id, sender, sender))
    stage.media.happen(LegSaid(LATE, mine.leg_id, "to one that is elsewhere"))
    heard = [hint.sealed for _, hint, _ in stage.around.told if isinstance(hint, CallKey)]
    assert heard == [LATE]
