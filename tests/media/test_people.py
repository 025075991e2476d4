"""Three to six in a visit: who comes, goes, comes back or shares a screen freezes nobody."""

import asyncio
import itertools

import pytest

from signaling.media import limits, rtcp, slots
from signaling.media.errors import VisitFull
from tests.media.conftest import Lab
from tests.media.peers import Robot, until


def payloads(heard: list[tuple[int, int, bytes]]) -> list[bytes]:
    return [payload for _, _, payload in heard]


def unbroken(heard: list[tuple[int, int, bytes]]) -> bool:
    """No gap in the numbers, and time that only goes forward."""
    numbers, stamps = [n for n, _, _ in heard], [t for _, t, _ in heard]
    return all(b == a + 1 for a, b in itertools.pairwise(numbers)) and all(
        (b - a) & 0xFFFFFFFF < 1 << 31 for a, b in itertools.pairwise(stamps)
    )


async def meets(robot: Robot, slot: int, packets: int) -> None:
    """Sound and picture have come in a slot, so many packets of each."""
    await until(lambda: len(robot.saw(slot)) == len(robot.heard(slot)) == packets)


async def watches(robot: Robot, packets: int) -> None:
    """So many packets of the screen have come."""
    await until(lambda: len(robot.saw_screen()) == packets)


async def three(lab: Lab) -> list[Robot]:
    return [await lab.join(who, who) for who in ("anna", "bo", "cia")]


async def test_each_is_heard_and_seen_in_a_slot_of_its_own(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    for n in range(20):
        for robot, name in ((anna, b"anna"), (bo, b"bo"), (cia, b"cia")):
            robot.send_audio(n, name)
            robot.send_video(n, name)
    expected = {"anna": (b"bo", b"cia"), "bo": (b"anna", b"cia"), "cia": (b"anna", b"bo")}
    for robot, who in ((anna, "anna"), (bo, "bo"), (cia, "cia")):
        for slot, name in enumerate(expected[who]):
            await meets(robot, slot, 20)
            assert payloads(robot.saw(slot)) == payloads(robot.heard(slot)) == [name] * 20
            assert unbroken(robot.saw(slot))
        assert not robot.saw(2)
        assert not robot.saw_screen()
        assert robot.bad == 0
    assert lab.relay.seen("anna").slots[:3] == ("bo", "cia", None)
    assert lab.relay.seen("cia").slots[:3] == ("anna", "bo", None)


async def test_whoever_comes_late_gets_a_whole_picture_and_breaks_nobodys(lab: Lab) -> None:
    anna, bo = await lab.join("anna", "anna"), await lab.join("bo", "bo")
    anna.send_video(0)
    for n in range(1, 10):
        anna.send_video(n, key=False)
    await until(lambda: len(bo.saw(0)) == 10)
    cia = await lab.join("cia", "cia")
    await until(lambda: anna.said(rtcp.KeyframeRequest))
    anna.send_video(10, key=False)  # of no use to her before the picture is whole
    anna.send_video(11)
    anna.send_video(12, key=False)
    await until(lambda: len(cia.saw(0)) == 2)
    await until(lambda: len(bo.saw(0)) == 13)
    assert unbroken(bo.saw(0))
    assert [event.slots[:2] for event in lab.slots("bo")] == [("anna", None), ("anna", "cia")]
    assert [event.slots[:2] for event in lab.slots("cia")] == [("anna", "bo")]


async def test_who_comes_back_finds_the_slot_and_the_others_streams_go_on(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    for n in range(5):
        anna.send_video(n)
        bo.send_video(n)
    await until(lambda: len(cia.saw(0)) == len(cia.saw(1)) == 5)
    await anna.close()
    await until(lambda: lab.relay.seen("cia").slots[:2] == (None, "bo"))
    bo.send_video(5)
    await until(lambda: len(cia.saw(1)) == 6)
    again = await lab.join("anna", "anna2")
    assert lab.relay.seen("cia").slots[:2] == ("anna", "bo")
    for n in range(700, 705):
        again.send_video(n)
    bo.send_video(6)
    await until(lambda: len(cia.saw(0)) == 10 and len(cia.saw(1)) == 7)
    assert unbroken(cia.saw(0))
    assert unbroken(cia.saw(1))


async def test_a_slot_that_somebody_left_goes_on_with_somebody_else(lab: Lab) -> None:
    robots = {who: await lab.join(who, who) for who in "abcdef"}
    robots["b"].send_video(1, b"b")
    await until(lambda: payloads(robots["a"].saw(0)) == [b"b"])
    with pytest.raises(VisitFull):
        lab.relay.open("visit", "g", "g")
    await robots["b"].close()
    await until(lambda: lab.relay.seen("a").slots[0] is None)
    newcomer = await lab.join("g", "g")
    assert lab.relay.seen("a").slots == ("g", "c", "d", "e", "f")
    newcomer.send_video(40_000, b"g")
    await until(lambda: payloads(robots["a"].saw(0)) == [b"b", b"g"])
    assert unbroken(robots["a"].saw(0))
    assert lab.relay.seen("g").slots == ("a", "c", "d", "e", "f")


async def test_six_see_and_hear_each_other(lab: Lab) -> None:
    robots = {who: await lab.join(who, who) for who in "abcdef"}
    for n in range(10):
        for who, robot in robots.items():
            robot.send_audio(n, who.encode())
            robot.send_video(n, who.encode())
        await asyncio.sleep(0)
    for who, robot in robots.items():
        seen = lab.relay.seen(who).slots
        assert set(seen) == set(robots) - {who}
        for slot, other in enumerate(seen):
            assert other is not None
            await meets(robot, slot, 10)
            assert set(payloads(robot.saw(slot))) == {other.encode()}


async def test_a_screen_is_shared_beside_the_camera_and_ends(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    anna.send_video(1, b"face")
    anna.send_screen(1)
    await until(lambda: bo.saw(0))
    assert not bo.saw_screen(), "nobody said that it is shared"
    lab.relay.present("anna", on=True)
    for n in range(2, 6):
        anna.send_screen(n)
        anna.send_video(n, b"face")
    for robot in (bo, cia):
        await watches(robot, 4)
        assert payloads(robot.saw_screen()) == [b"a table"] * 4
    assert [lab.relay.seen(who).screen for who in ("anna", "bo", "cia")] == [None, "anna", "anna"]
    lab.relay.present("anna", on=False)
    anna.send_screen(6)
    anna.send_video(6, b"face")
    await until(lambda: len(bo.saw(0)) == 6)
    assert len(bo.saw_screen()) == 4
    assert lab.slots("bo")[-1].screen is None


async def test_who_shares_next_takes_the_screen_over(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    lab.relay.present("anna", on=True)
    anna.send_screen(1, b"anna's")
    await until(lambda: cia.saw_screen())
    unsent = lab.relay.stats()["not_sent"]
    bo.send_screen(9_000, b"bo's")
    await until(lambda: lab.relay.stats()["not_sent"] == unsent + 1)
    lab.relay.present("bo", on=True)
    await until(lambda: bo.said(rtcp.KeyframeRequest))
    bo.send_screen(9_001, b"bo's", key=False)
    bo.send_screen(9_002, b"bo's")
    anna.send_screen(2, b"anna's")
    await until(lambda: payloads(cia.saw_screen()) == [b"anna's", b"bo's"])
    assert unbroken(cia.saw_screen())
    lab.relay.present("anna", on=False)  # she has long been taken over from
    assert lab.relay.seen("cia").screen == "bo"
    await until(lambda: payloads(anna.saw_screen()) == [b"bo's"])
    await bo.close()
    await until(lambda: lab.relay.seen("cia").screen is None)


async def test_the_screens_own_repairs_go_to_the_screen(lab: Lab) -> None:
    anna, bo, _ = await three(lab)
    lab.relay.present("anna", on=True)
    for n in (1, 3):
        anna.send_screen(n, b"s%d" % n)
        anna.send_video(n, b"v%d" % n)
    await until(lambda: len(bo.saw_screen()) == 2)
    ssrc, rtx = bo.given[slots.SCREEN_MID]
    assert rtx is not None
    missing = bo.saw_screen()[0][0] + 1
    bo.send_rtcp(rtcp.nack(ssrc, [missing]))
    await until(lambda: anna.said(rtcp.Nack))
    assert anna.said(rtcp.Nack)[0].media_ssrc == anna.screen
    bo.send_rtcp(rtcp.nack(ssrc, [missing - 1]))
    await until(lambda: bo.got(rtx))
    assert bo.got(rtx)[0][2] == (missing - 1).to_bytes(2, "big") + b"s1"


async def test_each_misses_and_gets_its_own(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    for n in range(10):
        anna.send_video(n, b"v%d" % n)
    await until(lambda: len(bo.saw(0)) == len(cia.saw(0)) == 10)
    number = bo.saw(0)[4][0]
    bo.send_rtcp(rtcp.nack(bo.given_video, [number]))
    await until(lambda: bo.got(bo.given_rtx))
    assert bo.got(bo.given_rtx)[0][2] == number.to_bytes(2, "big") + b"v4"
    assert not cia.got(cia.given_rtx)


async def test_a_sender_heeds_its_worst_receiver(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    for robot in (anna, bo, cia):
        robot.send_video(1)
    await until(lambda: all(r.saw(0) and r.saw(1) for r in (anna, bo, cia)))
    for bitrate in (6_400_000, 3_000_000):  # lowered: that link is the limit
        bo.send_rtcp(rtcp.remb(bitrate, [bo.given_video]))
    await until(lambda: len(anna.said(rtcp.Remb)) == 2)
    assert anna.said(rtcp.Remb)[-1] == rtcp.Remb(1_500_000, (anna.video,)), "two share bo's link"
    for bitrate in (3_200_000, 1_200_000):
        cia.send_rtcp(rtcp.remb(bitrate, [cia.given_video]))
    await until(lambda: anna.said(rtcp.Remb)[-1].bitrate == 600_000)
    await until(lambda: bo.said(rtcp.Remb)[-1].bitrate == 600_000)
    assert cia.said(rtcp.Remb)[-1].bitrate == 1_500_000, "her own link is not what she sends on"


async def test_a_poor_receiver_loses_its_own_pictures_and_nobody_elses(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    lab.clock.stop()
    lab.relay.present("anna", on=True)

    def all_send(number: int) -> None:
        for robot in (anna, bo, cia):
            robot.send_video(number)
            robot.send_audio(number)
        anna.send_screen(number)

    all_send(1)
    await until(lambda: bo.saw(1) and cia.saw(1) and bo.saw_screen())
    for bitrate in (400_000, 120_000, 110_000):  # it shrinks: that link is full
        cia.send_rtcp(rtcp.remb(bitrate, [cia.given_video]))
    await until(lambda: anna.said(rtcp.Remb))
    await until(lambda: bo.said(rtcp.Remb)[-1].bitrate == limits.FLOOR)
    for step in range(8):
        lab.clock.ahead += 0.5
        all_send(2 + step)
        await asyncio.sleep(0.15)
    await until(lambda: lab.relay.seen("cia").held)
    assert lab.slots("cia")[-1].held
    seen, heard, screen = len(cia.saw(1)), len(cia.heard(1)), len(cia.saw_screen())
    all_send(100)
    await until(lambda: len(cia.heard(1)) == heard + 1 and len(cia.saw_screen()) == screen + 1)
    await until(lambda: bo.saw(0)[-1][2] and len(bo.saw(1)) >= 10)
    assert len(cia.saw(1)) == seen, "no picture"
    dan = await lab.join("dan", "dan")
    dan.send_video(1)
    dan.send_audio(1)
    await until(lambda: bo.saw(2) and cia.heard(2))
    assert not cia.saw(2), "nor of who comes meanwhile"
    lab.relay.close("dan")
    bo.send_rtcp(rtcp.remb(3_000_000, [bo.given_video]))
    await until(lambda: anna.said(rtcp.Remb)[-1].bitrate > 1_000_000)
    lab.clock.ahead += limits.HELD_FOR[0]
    for robot in (anna, bo, cia):
        assert await robot.check()
    await until(lambda: not lab.relay.seen("cia").held)
    all_send(200)
    await until(lambda: len(cia.saw(1)) == seen + 1)
    assert unbroken(cia.saw(1))
