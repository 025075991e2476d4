"""The relay with real DTLS-SRTP peers on loopback."""

import asyncio
import itertools

import orjson

from signaling.media import limits, rtcp, rtp
from tests.media.conftest import Lab
from tests.media.peers import KEY, until


async def test_packets_arrive_under_the_offered_ssrcs(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(20):
        patient.send_audio(1000 + n, b"a%d" % n)
        patient.send_video(65_530 + n, b"v%d" % n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 20)
    await until(lambda: len(clinician.got(clinician.given_audio)) == 20)
    video = clinician.got(clinician.given_video)
    assert [payload for _, _, payload in video] == [b"v%d" % n for n in range(20)]
    first = video[0][0]
    assert [sequence for sequence, _, _ in video] == list(range(first, first + 20))
    assert clinician.bad == 0
    assert lab.states("p") == ["connecting", "connected"]
    await until(lambda: lab.media("p") == [(True, True)])


async def test_a_newcomer_gets_a_keyframe(lab: Lab) -> None:
    patient = await lab.join("patient", "p")
    patient.send_video(1, key=False)
    await asyncio.sleep(0.05)
    assert not patient.said(rtcp.KeyframeRequest)
    await lab.join("clinician", "c")
    await until(lambda: patient.said(rtcp.KeyframeRequest))
    assert patient.said(rtcp.KeyframeRequest)[0].media_ssrc == patient.video


async def test_stamps_are_the_relays_own(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    stamp = int.from_bytes(clinician.packets[0][17:20], "big")
    assert stamp
    now = rtp.send_time(lab.clock())
    assert (now - stamp) & 0xFFFFFF < 262_144


async def test_nack_is_answered_from_the_cache(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(5):
        patient.send_video(100 + n, b"v%d" % n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 5)
    sequence = clinician.got(clinician.given_video)[2][0]
    clinician.send_rtcp(rtcp.nack(clinician.given_video, [sequence]))
    await until(lambda: clinician.got(clinician.given_rtx))
    (_, _, payload) = clinician.got(clinician.given_rtx)[0]
    assert payload == sequence.to_bytes(2, "big") + b"v2"


async def test_without_rtx_a_resend_is_the_same_packet(lab: Lab) -> None:
    patient, clinician = await lab.pair(rtx=False)
    patient.send_video(100)
    await until(lambda: clinician.packets)
    sequence = clinician.got(clinician.given_video)[0][0]
    before = lab.relay.stats()["legs"]["c"]["nack_hits"]
    clinician.send_rtcp(rtcp.nack(clinician.given_video, [sequence]))
    await until(lambda: lab.relay.stats()["legs"]["c"]["nack_hits"] == before + 1)


async def test_what_the_senders_link_loses_is_asked_for_at_once(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    lab.clock.stop()
    for n in (65_533, 65_534, 65_536, 65_539):
        patient.send_video(n)
    await until(lambda: len(patient.said(rtcp.Nack)) == 2)
    assert [nack.lost for nack in patient.said(rtcp.Nack)] == [(65_535,), (1, 2)]
    await until(lambda: len(clinician.got(clinician.given_video)) == 4)
    first = clinician.got(clinician.given_video)[0][0]
    clinician.send_rtcp(rtcp.nack(clinician.given_video, [first + 2, first + 4, first + 5]))
    patient.send_video(65_535)  # late after all
    await until(lambda: len(clinician.got(clinician.given_video)) == 5)
    assert len(patient.said(rtcp.Nack)) == 2, "what was asked for is on its way"
    lab.clock.ahead += 1
    clinician.send_rtcp(rtcp.nack(clinician.given_video, [first + 4]))
    await until(lambda: len(patient.said(rtcp.Nack)) == 3)
    assert patient.said(rtcp.Nack)[2].lost == (1,)


async def test_a_gap_that_no_repair_can_fill_is_left_to_a_keyframe(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    patient.send_video(1 + limits.MAX_NACKS + 2)
    await until(lambda: len(clinician.packets) == 2)
    patient.send_video(1 + limits.MAX_NACKS + 4)
    await until(lambda: patient.said(rtcp.Nack))
    assert patient.said(rtcp.Nack)[0].lost == (1 + limits.MAX_NACKS + 3,)


async def test_after_an_outage_of_the_sender_a_keyframe_comes_and_no_repair(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    lab.clock.stop()
    patient.send_video(100)
    await until(lambda: clinician.got(clinician.given_video))
    asked = len(patient.said(rtcp.KeyframeRequest))
    lab.clock.ahead += 3
    patient.send_video(180)
    await until(lambda: len(patient.said(rtcp.KeyframeRequest)) == asked + 1)
    await until(lambda: len(clinician.got(clinician.given_video)) == 2)
    first = clinician.got(clinician.given_video)[0][0]
    clinician.send_rtcp(rtcp.nack(clinician.given_video, range(first + 1, first + 80)))
    patient.send_video(182)
    await until(lambda: patient.said(rtcp.Nack))
    assert [nack.lost for nack in patient.said(rtcp.Nack)] == [(181,)], "nothing from before"


async def test_a_receiver_that_was_away_gets_a_keyframe_and_not_all_it_lacks(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(20):
        patient.send_video(100 + n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 20)
    first = clinician.got(clinician.given_video)[0][0]
    stream = lab.relay._legs["c"].by_ssrc[clinician.given_video]

    async def pass_a_second() -> None:
        before = stream._marks
        lab.clock.ahead += limits.REPORT_INTERVAL
        await until(lambda: stream._marks is not before)

    await pass_a_second()
    await pass_a_second()
    asked = len(patient.said(rtcp.KeyframeRequest))
    lacks = range(first + 1, first + 20)
    clinician.send_rtcp(rtcp.nack(clinician.given_video, lacks))
    await until(lambda: len(patient.said(rtcp.KeyframeRequest)) == asked + 1)
    # It asks on until the keyframe is there; what is lost from now on is repaired as ever.
    patient.send_video(120, b"fresh")
    await until(lambda: len(clinician.got(clinician.given_video)) == 21)
    clinician.send_rtcp(rtcp.nack(clinician.given_video, [*lacks, first + 20]))
    await until(lambda: clinician.got(clinician.given_rtx))
    assert [payload for _, _, payload in clinician.got(clinician.given_rtx)] == [
        ((first + 20) & 0xFFFF).to_bytes(2, "big") + b"fresh"
    ]
    assert len(patient.said(rtcp.KeyframeRequest)) == asked + 1


async def test_a_miss_is_asked_upstream_and_restored_from_rtx(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in (0, 1, 3):
        patient.send_video(200 + n, b"v%d" % n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 3)
    await until(lambda: len(patient.said(rtcp.Nack)) == 1)
    lab.clock.ahead += 1  # what the relay asked for was lost as well: the receiver asks
    missing = clinician.got(clinician.given_video)[1][0] + 1
    clinician.send_rtcp(rtcp.nack(clinician.given_video, [missing]))
    await until(lambda: len(patient.said(rtcp.Nack)) == 2)
    assert patient.said(rtcp.Nack) == [rtcp.Nack(patient.video, (202,))] * 2

    again = rtp.wrap_rtx(patient.video_packet(202, b"v2"), patient.video_rtx, 7)
    assert again is not None
    patient.send_rtp(bytes(again))
    await until(lambda: len(clinician.got(clinician.given_video)) == 4)
    assert clinician.got(clinician.given_video)[3][0::2] == (missing, b"v2")
    # The original turns up after all: its number was used, so it goes nowhere.
    patient.send_video(202, b"v2")
    patient.send_video(204)
    await until(lambda: len(clinician.got(clinician.given_video)) == 5)


async def test_padding_probes_are_dropped(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    probe = bytearray(patient.video_packet(2, b"")[: -len(KEY)] + bytes(200) + b"\xc9")
    probe[0] |= 0x20
    probe[1] = rtp.RTX
    probe[8:12] = patient.video_rtx.to_bytes(4, "big")
    patient.send_rtp(bytes(probe))
    await until(lambda: lab.relay.stats()["rtx_probes"] == 1)
    assert len(clinician.got(clinician.given_video)) == 1


async def test_keyframe_requests_reach_the_sender_but_not_all_at_once(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1, key=False)
    await until(lambda: len(patient.said(rtcp.KeyframeRequest)) == 1)
    lab.clock.stop()
    patient.send_video(2)
    await until(lambda: clinician.packets)
    lab.clock.ahead += 1
    for _ in range(20):
        clinician.send_rtcp(rtcp.pli(clinician.given_video))
    await until(lambda: len(patient.said(rtcp.KeyframeRequest)) == 2)
    await asyncio.sleep(0.3)
    assert len(patient.said(rtcp.KeyframeRequest)) == 2
    lab.clock.ahead += 0.4  # those that came too soon are served by one
    await until(lambda: len(patient.said(rtcp.KeyframeRequest)) == 3)
    lab.clock.ahead += 0.4
    await asyncio.sleep(0.3)
    assert len(patient.said(rtcp.KeyframeRequest)) == 3


async def test_reports_and_estimates_speak_of_the_right_streams(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(10)
    await until(lambda: clinician.packets)
    patient.send_rtcp(rtcp.sender_report(patient.video, 0x1234_5678_9ABC_DEF0, 30_000, 1, 1))
    await until(lambda: clinician.said(rtcp.SenderReport))
    report = clinician.said(rtcp.SenderReport)[0]
    assert report.ssrc == clinician.given_video
    assert report.timestamp == clinician.got(clinician.given_video)[0][1]
    for bitrate in (3_200_000, 1_200_000):
        clinician.send_rtcp(rtcp.remb(bitrate, [clinician.given_video]))
    await until(lambda: len(patient.said(rtcp.Remb)) == 2)
    assert patient.said(rtcp.Remb)[1] == rtcp.Remb(1_200_000, (patient.video,))
    patient.send_video(12)
    lab.clock.ahead += 1
    await until(lambda: patient.said(rtcp.ReceptionReport))
    block = patient.said(rtcp.ReceptionReport)[-1]
    assert (block.ssrc, block.packets_lost, block.last_sr) == (patient.video, 1, 0x5678_9ABC)


async def test_a_storm_of_nacks_is_bounded_for_each_datagram(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(300):
        patient.send_video(n)
        if n % 20 == 19:  # as much as a socket keeps for who is not let to read it
            await until(lambda: len(clinician.got(clinician.given_video)) == n + 1)  # noqa: B023
    first = clinician.got(clinician.given_video)[0][0]
    lab.clock.stop()
    storm = b"".join(
        rtcp.nack(clinician.given_video, range(first + at, first + at + 17))
        for at in range(0, 289, 17)
    )
    clinician.send_rtcp(storm)
    await until(lambda: lab.relay.stats()["legs"]["c"]["nack_hits"])
    await asyncio.sleep(0.1)
    assert lab.relay.stats()["legs"]["c"]["nack_hits"] <= limits.MAX_NACKS


async def test_repairs_fill_no_link_that_is_full(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(60):
        patient.send_video(n, bytes(1000))
    await until(lambda: len(clinician.got(clinician.given_video)) == 60)
    numbers = [sequence for sequence, _, _ in clinician.got(clinician.given_video)]
    lab.clock.stop()
    clinician.send_rtcp(rtcp.remb(200_000, [clinician.given_video]))
    for _ in range(3):
        clinician.send_rtcp(rtcp.nack(clinician.given_video, numbers))
        lab.clock.ahead += 0.2  # a repair that did not help is asked for again
        await asyncio.sleep(0.05)
    hits = lab.relay.stats()["legs"]["c"]["nack_hits"]
    assert 10 <= hits <= 13, "half of 200 kbit in a second"
    lab.clock.ahead += 1
    await asyncio.sleep(0.3)
    clinician.send_rtcp(rtcp.nack(clinician.given_video, numbers[-5:]))
    await until(lambda: lab.relay.stats()["legs"]["c"]["nack_hits"] == hits + 5)


async def test_an_absurd_estimate_leaves_the_counters_readable(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    clinician.send_rtcp(rtcp.remb(0x3FFFF << 63, [clinician.given_video]))
    await until(lambda: patient.said(rtcp.Remb))
    assert orjson.dumps(lab.relay.stats())


async def test_a_rejoining_sender_goes_on_under_the_same_ssrc(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(3):
        patient.send_video(500 + n)
        clinician.send_video(900 + n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 3)
    patient.vanish()
    successor = await lab.join("patient", "p2")
    assert lab.states("p")[-1] == "closed"
    successor.send_video(8, key=False)  # leads nowhere without the picture before it
    await until(lambda: successor.said(rtcp.KeyframeRequest))
    successor.send_video(9)
    await until(lambda: len(clinician.got(clinician.given_video)) == 4)
    successor.send_video(7)  # reordered: from before the first that was forwarded
    for n in range(10, 13):
        successor.send_video(n)
    await until(lambda: len(clinician.got(clinician.given_video)) == 7)
    heard = clinician.got(clinician.given_video)
    first = heard[0][0]
    assert [sequence for sequence, _, _ in heard] == list(range(first, first + 7))
    stamps = [timestamp for _, timestamp, _ in heard]
    assert all(
        (later - sooner) & 0xFFFFFFFF < 1 << 31 for sooner, later in itertools.pairwise(stamps)
    )
    clinician.send_video(903)
    await until(lambda: successor.got(successor.given_video))


async def test_a_sender_may_change_its_ssrc_but_not_go_back(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    old, patient.video = patient.video, patient.video ^ 1
    patient.send_video(40_000)
    await until(lambda: len(clinician.packets) == 2)
    patient.video = old
    patient.send_video(2)
    await asyncio.sleep(0.05)
    assert len(clinician.got(clinician.given_video)) == 2


async def test_streams_beyond_the_limit_are_dropped(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    for n in range(40):
        patient.video = 5000 + n
        patient.send_video(1)
    await until(lambda: lab.relay.stats()["not_sent"] >= 24)
    await until(lambda: len(clinician.got(clinician.given_video)) == 16)
