"""A visit of one who hears and sees himself, to test his equipment and his path."""

import itertools

import pytest

from signaling.media import limits, rtcp
from signaling.media.errors import MediaFull, VisitFull
from tests.media.conftest import Lab
from tests.media.peers import Robot, until


async def echo(lab: Lab, leg_id: str = "p") -> Robot:
    robot = Robot()
    lab.robots.append(robot)
    offer = lab.relay.open(f"test {leg_id}", leg_id, leg_id, echo=True)
    lab.relay.answer(leg_id, robot.take(offer))
    await robot.connect()
    return robot


async def test_ones_own_sound_and_picture_come_back_in_the_first_slot(lab: Lab) -> None:
    robot = await echo(lab)
    for n in range(20):
        robot.send_audio(n, b"hear %d" % n)
        robot.send_video(n, b"see %d" % n, key=n == 0)
    await until(lambda: len(robot.heard(0)) == len(robot.saw(0)) == 20)
    assert [payload for *_, payload in robot.heard(0)] == [b"hear %d" % n for n in range(20)]
    assert [payload for *_, payload in robot.saw(0)] == [b"see %d" % n for n in range(20)]
    numbers = [number for number, *_ in robot.saw(0)]
    assert all(b == a + 1 for a, b in itertools.pairwise(numbers))
    assert not robot.heard(1)
    assert lab.relay.seen("p").slots == ("p", None, None, None, None)
    assert robot.bad == 0


async def test_what_is_lost_on_the_way_back_is_sent_again(lab: Lab) -> None:
    robot = await echo(lab)
    for n in range(5):
        robot.send_video(n, b"frame %d" % n, key=n == 0)
    await until(lambda: len(robot.saw(0)) == 5)
    lost, _, payload = robot.saw(0)[3]
    robot.send_rtcp(rtcp.nack(robot.given_video, [lost]))
    await until(lambda: robot.got(robot.given_rtx))
    (_, _, again) = robot.got(robot.given_rtx)[0]
    assert again.endswith(payload)
    assert again.startswith(lost.to_bytes(2, "big"))


async def test_nobody_joins_an_echo(lab: Lab) -> None:
    await echo(lab)
    for also_echo in (False, True):
        with pytest.raises(VisitFull):
            lab.relay.open("test p", "c", "clinician", echo=also_echo)
    lab.relay.open("visit", "a", "anna")
    with pytest.raises(VisitFull):
        lab.relay.open("visit", "b", "bo", echo=True)
    assert lab.relay.legs_open == 2


async def test_an_echo_ends_by_itself_and_a_visit_does_not(lab: Lab) -> None:
    robot = await echo(lab)
    anna = await lab.join("anna", "a")
    lived = 0
    # Both live; only time ends one of them, and the machine's own adds to the clock's.
    while lived < limits.ECHO_FOR and "closed" not in lab.states("p"):
        # No more checks than a relay takes between two of its own ticks.
        lab.clock.ahead += 2.0
        assert await anna.check()
        if not await robot.check(within=1.0):
            break
        lived += 2
    assert lived > limits.ECHO_FOR / 2
    await until(lambda: lab.states("p")[-1] == "closed")
    assert lab.states("a") == ["connecting", "connected"]
    assert lab.relay.legs_open == 1
    assert not await robot.check(within=0.3)  # and is noise from now on


async def test_echoes_have_a_limit_of_their_own_and_take_no_visits_place(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ECHOES", 2)
    lab.relay.capacity = 3
    for leg in ("e1", "e2"):
        lab.relay.open(f"test {leg}", leg, leg, echo=True)
    with pytest.raises(MediaFull):
        lab.relay.open("test e3", "e3", "e3", echo=True)
    for leg in ("a", "b", "c"):
        lab.relay.open("visit", leg, leg)
    with pytest.raises(MediaFull):
        lab.relay.open("visit", "d", "d")
    lab.relay.close("e1")
    with pytest.raises(MediaFull):  # the visits fill the worker: no room for tests
        lab.relay.open("test e4", "e4", "e4", echo=True)
    lab.relay.close("c")
    lab.relay.open("visit", "d", "d")
    lab.relay.close("d")
    lab.relay.close("b")
    lab.relay.open("test e4", "e4", "e4", echo=True)
    # Refused legs leave no visit behind.
    assert lab.relay.stats()["visits_open"] == 3
