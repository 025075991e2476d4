"""The test of one's equipment over the socket: one for each account, bound to its socket."""

import asyncio

import pytest

from server.kit.tasks import spawn
from signaling.rooms.echoes import Echoes
from signaling.rooms.errors import CallNoLeg, CallUnavailable
from signaling.rooms.media_port import MediaUnavailable
from tests.signaling.fakes import FakeMedia, FakeSurroundings
from tests.signaling.stage import Stage, eventually
from tests.signaling.test_turn import NOW


async def test_a_test_from_join_to_leave(stage: Stage) -> None:
    for person in (await stage.patient(), await stage.clinician()):
        tab = await stage.tab(person)
        joined = await tab.ok("check.join")
        assert joined["sdp"].startswith("v=0")
        assert joined["ice_servers"] == []
        mine = {"check_id": joined["check_id"]}
        assert stage.media.echoes >= {mine["check_id"]}
        assert await tab.refused("check.answer", **mine, sdp="noise") == "call.bad_sdp"
        await tab.ok("check.answer", **mine, sdp="v=0 answer")
        await tab.ok("check.leave", **mine)
        await tab.ok("check.leave", **mine)
        assert not stage.media.legs
        assert await tab.refused("check.answer", **mine, sdp="v=0 answer") == "call.no_leg"


async def test_an_account_has_one_and_another_account_no_hold_on_it(stage: Stage) -> None:
    anna, other = await stage.patient(), await stage.patient()
    first, second, stranger = [await stage.tab(each) for each in (anna, anna, other)]
    old = await first.ok("check.join")
    new = await second.ok("check.join")
    assert set(stage.media.legs) == {new["check_id"]}
    assert await first.refused("check.answer", check_id=old["check_id"], sdp="v=0") == "call.no_leg"
    theirs = {"check_id": new["check_id"]}
    assert await stranger.refused("check.answer", **theirs, sdp="v=0") == "call.no_leg"
    await stranger.ok("check.leave", **theirs)
    assert set(stage.media.legs) == {new["check_id"]}
    # The tab that was replaced goes, the other's test goes on.
    await first.client.disconnect()
    await second.ok("check.answer", **theirs, sdp="v=0 answer")
    await second.cut()
    await eventually(lambda: not stage.media.legs)


async def test_as_many_as_may_at_a_time(stage: Stage) -> None:
    stage.media.most_echoes = 1
    first, second = [await stage.tab(await stage.patient()) for _ in range(2)]
    mine = await first.ok("check.join")
    answer = await second.ask("check.join", {})
    assert answer["error"]["code"] == "call.full"
    assert answer["error"]["retry_after"] > 0
    await first.ok("check.leave", check_id=mine["check_id"])
    await second.ok("check.join")
    stage.media.available = False
    assert await first.refused("check.join") == "call.unavailable"


async def test_the_worker_ends_it_or_is_lost(stage: Stage) -> None:
    tab = await stage.tab(await stage.patient())
    for end in ("time is up", "the worker dies", "the worker retires"):
        mine = await tab.ok("check.join")
        match end:
            case "time is up":
                stage.media.report(mine["check_id"], "closed")
            case "the worker dies":
                stage.media.die()
            case _:
                stage.media.retire()
        await eventually(lambda: len(stage.signaling._echoes) == 0)
        gone = await tab.refused("check.answer", check_id=mine["check_id"], sdp="v=0 answer")
        assert gone == "call.no_leg"
    # A worker that retires is left, so that it need not wait for a test.
    await eventually(lambda: mine["check_id"] not in stage.media.legs)


async def test_who_hung_up_while_the_worker_answered_leaves_nothing_behind() -> None:
    media, around = FakeMedia(), FakeSurroundings(NOW, {"a1": "anna"})
    echoes, release = Echoes(media, around), asyncio.Event()
    opened = media.open_leg

    async def slow(visit_id: str, leg_id: str, participant: str, *, echo: bool = False) -> str:
        await release.wait()
        return await opened(visit_id, leg_id, participant, echo=echo)

    media.open_leg = slow  # type: ignore[method-assign]
    joining = spawn(echoes.join("anna", "a1"), name="join")
    await asyncio.sleep(0)
    around.sockets.clear()
    echoes.socket_gone("a1")
    release.set()
    joined = await joining
    assert not media.legs
    assert len(echoes) == 0
    with pytest.raises(CallNoLeg):
        await echoes.answer("anna", joined.check_id, "v=0 answer")


async def test_a_worker_that_hangs_is_said_to_be_unavailable() -> None:
    media, around = FakeMedia(), FakeSurroundings(NOW, {"a1": "anna"})
    echoes = Echoes(media, around)
    joined = await echoes.join("anna", "a1")

    async def hangs(leg_id: str, *_: str) -> None:
        raise MediaUnavailable

    media.answer = hangs  # type: ignore[assignment,method-assign]
    media.close_leg = hangs  # type: ignore[method-assign]
    with pytest.raises(CallUnavailable):
        await echoes.answer("anna", joined.check_id, "v=0 answer")
    await echoes.leave("anna", joined.check_id)
    assert len(echoes) == 0
