"""What one person is spared touches nobody else: no pictures wanted, on hold; and what is said."""

import asyncio

from signaling.media import rtcp, slots
from signaling.media.events import LegJudged
from tests.media.conftest import Lab
from tests.media.peers import Robot, until


def send(*robots: Robot, at: int) -> None:
    for robot in robots:
        robot.send_audio(at)
        robot.send_video(at)


async def three(lab: Lab) -> list[Robot]:
    robots = [await lab.join(who, who) for who in ("anna", "bo", "cia")]
    send(*robots, at=1)
    await until(lambda: all(r.saw(0) and r.saw(1) and r.heard(1) for r in robots))
    return robots


def judged(lab: Lab, leg_id: str) -> list[tuple[str, str | None, str | None]]:
    told = [each for each in lab.events if isinstance(each, LegJudged) and each.leg_id == leg_id]
    return [(each.word, each.reason, each.way) for each in told]


async def test_who_wants_no_pictures_gets_sound_and_screen_and_the_others_all(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    lab.relay.present("bo", on=True)
    lab.relay.switch("cia", pictures=False, on_hold=False)
    send(anna, bo, cia, at=2)
    bo.send_screen(2)
    await until(lambda: len(cia.heard(0)) == len(cia.heard(1)) == 2 and cia.saw_screen())
    await until(lambda: len(anna.saw(0)) == len(anna.saw(1)) == 2 and len(bo.saw(1)) == 2)
    assert len(cia.saw(0)) == len(cia.saw(1)) == 1, "no picture"
    asked = len(anna.said(rtcp.KeyframeRequest)), len(bo.said(rtcp.KeyframeRequest))
    await asyncio.sleep(0.35)  # not sooner again than a keyframe may be asked for
    lab.relay.switch("cia", pictures=True, on_hold=False)
    await until(lambda: len(anna.said(rtcp.KeyframeRequest)) > asked[0])
    await until(lambda: len(bo.said(rtcp.KeyframeRequest)) > asked[1])
    anna.send_video(3, key=False)
    anna.send_video(4)
    await until(lambda: len(cia.saw(0)) == 2)
    assert cia.saw(0)[-1][0] == cia.saw(0)[0][0] + 1, "it goes on where it was, with a whole one"


async def test_on_hold_nothing_goes_to_one_or_comes_from_one(lab: Lab) -> None:
    anna, bo, cia = await three(lab)
    lab.relay.present("cia", on=True)
    cia.send_screen(1)
    await until(lambda: anna.saw_screen())
    lab.relay.switch("cia", pictures=True, on_hold=True)
    send(anna, bo, cia, at=2)
    cia.send_screen(2)
    await until(lambda: len(anna.saw(0)) == 2 and len(anna.heard(0)) == 2 and len(bo.saw(0)) == 2)
    assert await cia.check(), "what was sent before this has been read"
    assert [len(cia.saw(n)) for n in (0, 1)] == [len(cia.heard(n)) for n in (0, 1)] == [1, 1]
    assert len(anna.saw(1)) == len(anna.heard(1)) == len(anna.saw_screen()) == 1
    # Who comes meanwhile hears nothing of her either, and she nothing of them.
    dan = await lab.join("dan", "dan")
    send(cia, dan, at=3)
    await until(lambda: len(bo.heard(2)) == 1)
    assert not dan.heard(2)
    assert not cia.heard(2)
    lab.relay.switch("cia", pictures=True, on_hold=False)
    await until(lambda: all(who.said(rtcp.KeyframeRequest) for who in (anna, cia)))
    send(anna, bo, cia, dan, at=4)
    cia.send_screen(4)
    await until(lambda: len(cia.saw(0)) == 2 and len(cia.heard(2)) == 1)
    await until(lambda: len(anna.saw(1)) == len(anna.heard(1)) == len(anna.saw_screen()) == 2)
    await until(lambda: len(dan.heard(2)) == 1 and len(dan.saw(2)) == 1)


async def test_the_word_is_told_when_it_changes_and_a_hold_is_no_poor_line(lab: Lab) -> None:
    anna, bo = await lab.join("anna", "anna"), await lab.join("bo", "bo")
    lab.clock.stop()

    async def second(at: int) -> None:
        """Twenty packets of sound, of which every fourth is lost on its way up."""
        for n in range(20):
            if n % 4 or n == 0:
                anna.send_audio(at * 20 + n)
        await until(lambda: bo.heard(0) and bo.heard(0)[-1][1] == (at * 20 + 19) * 960)
        told = len(anna.said(rtcp.ReceptionReport))
        lab.clock.ahead += 1
        await until(lambda: len(anna.said(rtcp.ReceptionReport)) > told)

    for at in range(4):
        await second(at)
    await until(lambda: judged(lab, "anna") == [("bad", "loss", "up")])
    assert judged(lab, "bo") == [], "his own line loses nothing"
    assert bo.heard(0)[-1][0] - bo.heard(0)[0][0] > len(bo.heard(0)), "though he misses as many"
    assert lab.relay.stats()["legs"]["anna"]["line"]["word"] == "bad"
    lab.relay.switch("anna", pictures=True, on_hold=True)
    assert judged(lab, "anna")[1:] == [("good", None, None)]


async def test_what_a_receiver_misses_is_its_own_loss_only_if_it_was_sent(lab: Lab) -> None:
    anna, bo = await lab.join("anna", "anna"), await lab.join("bo", "bo")
    stream = lab.relay._legs["bo"].down[slots.audio_mid(0)]
    for n in range(40):
        if n % 4:  # a quarter is lost on the way up
            anna.send_audio(n)
    await until(lambda: len(bo.heard(0)) == 30)
    first, last = bo.heard(0)[0][0], bo.heard(0)[-1][0]
    assert stream.arrived(first, 0) == (0, 0), "the first report is what others are held against"
    assert last - first == 38
    assert stream.arrived(last, 9) == (29, 29), "nine never left"
    for n in range(40, 60):
        anna.send_audio(n)
    await until(lambda: len(bo.heard(0)) == 50)
    assert stream.arrived(last + 20, 14) == (20, 15), "and these five did"
    assert stream.arrived(last + 20, 14) == (0, 0)
