"""What is told of how connections carried: at a leg's end, to operators, and of nobody by name."""

from bisect import bisect_right
from collections.abc import Mapping

import orjson
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from signaling.media import rtcp
from signaling.media.events import LegOver, LegStateChanged
from signaling.media.quality import Distribution, Summary
from signaling.media.states import LegState
from signaling.worker.gauges import MediaGauges
from tests.media.conftest import Lab
from tests.media.dialler import Dialler
from tests.media.peers import Robot, until


def over(lab: Lab, leg_id: str) -> Summary:
    (found,) = [e for e in lab.events if isinstance(e, LegOver) and e.leg_id == leg_id]
    return found.quality


async def second(
    lab: Lab, patient: Robot, clinician: Robot, number: int, up: int, down: int
) -> None:
    """Ten of each from the patient; of the pictures so many are lost on each link.

    Answered by a report on the pictures, in which the clinician misses what was lost on either.
    """
    at = number * 10
    for n in range(10):
        patient.send_audio(at + n)
        if not 1 <= n <= up:
            patient.send_video(at + n, bytes(1000))
    came = (10 - up) * (number + 1)
    await until(lambda: len(clinician.got(clinician.given_video)) == came)
    await until(lambda: len(clinician.got(clinician.given_audio)) == at + 10)
    patient.send_rtcp(rtcp.sender_report(patient.video, 0x1_0000 * (at + 1), 30_000, 1, 1))
    await until(lambda: len(clinician.said(rtcp.SenderReport)) == number + 1)
    lab.clock.ahead += 0.2
    report = clinician.said(rtcp.SenderReport)[-1]
    block = rtcp.ReceptionReport(
        ssrc=clinician.given_video, fraction_lost=min(255, (up + down) * 256 // 10),
        packets_lost=(up + down) * (number + 1),
        highest=clinician.got(clinician.given_video)[-1][0], jitter=900 + number,
        last_sr=report.ntp >> 16 & 0xFFFFFFFF, delay=0,
    )  # fmt: skip
    clinician.send_rtcp(rtcp.receiver_report([block]))
    stream = lab.relay._legs["c"].by_ssrc[clinician.given_video]
    await until(lambda: stream.jitter == 900 + number)
    told = len(patient.said(rtcp.ReceptionReport))
    lab.clock.ahead += 1
    await until(lambda: len(patient.said(rtcp.ReceptionReport)) > told)


async def test_a_leg_tells_at_its_end_what_it_was_like(lab: Lab) -> None:
    patient = Dialler()
    await lab.join("patient", "p", robot=patient)
    clinician = await lab.join("clinician", "c")
    lab.clock.stop()
    for number in range(3):
        await second(lab, patient, clinician, number, up=2, down=1)
    lab.relay.restart("c")
    lab.relay.close("p")
    lab.relay.close("c")
    up, down = over(lab, "p"), over(lab, "c")
    assert (up.transport, down.transport) == ("tcp", "udp")
    assert (up.restarts, down.restarts) == (0, 1)
    assert up.seconds >= 3.6
    assert up.loss_up == pytest.approx(6 / 60, abs=0.001)
    assert up.loss_down is None, "nothing was sent to it"
    assert up.round_trip_p50_ms is None
    assert down.loss_up is None
    assert down.loss_down == pytest.approx(1 / 8, abs=0.001), "of the eight that left each second"
    assert down.round_trip_p50_ms == pytest.approx(200, rel=0.1)
    assert down.round_trip_p95_ms == down.round_trip_p50_ms, "it was the same each time"
    assert up.bitrate_up is not None
    assert 30_000 < up.bitrate_up < 24 * 8000
    assert down.bitrate_down == pytest.approx(up.bitrate_up, rel=0.2)
    assert up.jitter_up_ms is not None
    states = [type(e) for e in lab.events if getattr(e, "leg_id", "") == "p"]
    assert states[-2:] == [LegOver, LegStateChanged], "the numbers come before the state"


@pytest.mark.parametrize(("up", "down"), [(3, 0), (0, 3)])
async def test_loss_is_of_the_link_that_lost(lab: Lab, up: int, down: int) -> None:
    patient, clinician = await lab.pair()
    lab.clock.stop()
    for number in range(4):
        await second(lab, patient, clinician, number, up, down)
    shown = lab.relay.stats()
    assert shown["legs"]["c"]["video_loss"] == pytest.approx(down / 10, abs=1 / 256)
    distribution = shown["loss"]["down"]
    below = bisect_right(distribution["bounds"], 0.1)
    lossy = sum(distribution["counts"][below:])
    assert bool(lossy) == bool(down)
    assert lab.relay._legs["c"].estimate.loss == pytest.approx(down / 10, abs=1 / 256)
    lab.relay.close("p")
    lab.relay.close("c")
    assert over(lab, "p").loss_up == pytest.approx(up * 4 / 80, abs=0.001), "sound came whole"
    assert over(lab, "c").loss_down == pytest.approx(down / 10, abs=0.001)


async def test_a_leg_that_failed_says_so_and_how_often_it_was_interrupted(lab: Lab) -> None:
    patient, _ = await lab.pair()
    lab.clock.ahead += 6
    await until(lambda: lab.states("p")[-1] == "disconnected")
    assert await patient.check()
    await until(lambda: lab.states("p")[-1] == "connected")
    lab.clock.ahead += 6
    await until(lambda: lab.states("p")[-1] == "disconnected")
    lab.clock.ahead += 60
    await until(lambda: lab.states("p")[-1] == "failed")
    (found,) = [e for e in lab.events if isinstance(e, LegOver) and e.leg_id == "p"]
    assert found.state is LegState.FAILED
    assert found.quality.interruptions == 2
    assert found.quality.bitrate_up == 0


async def test_a_leg_that_never_came_about_has_no_numbers(lab: Lab) -> None:
    lab.relay.open("visit", "p", "patient")
    lab.relay.close("p")
    told = over(lab, "p")
    assert told.seconds == 0
    assert told.transport is None
    assert told.loss_up is None
    assert told.bitrate_up is None


async def test_prometheus_is_told_of_workers_and_of_nobody(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    lab.clock.stop()
    for number in range(2):
        await second(lab, patient, clinician, number, up=2, down=2)

    async def ask() -> Mapping[str, object]:
        stats = {"restarts": 2, **lab.relay.stats()}
        return {"workers": [orjson.loads(orjson.dumps(stats)), None]}

    registry = CollectorRegistry()
    gauges = MediaGauges(ask)
    registry.register(gauges)
    await gauges.refresh()
    text = generate_latest(registry).decode()
    for line in (
        'vardrum_media_worker_up{worker="0"} 1.0',
        'vardrum_media_worker_up{worker="1"} 0.0',
        'vardrum_media_worker_restarts_total{worker="0"} 2.0',
        'vardrum_media_legs{state="connected",worker="0"} 2.0',
        'vardrum_media_visits{worker="0"} 1.0',
        'vardrum_media_packets_total{way="out",worker="0"} 36.0',
        'vardrum_media_lost_packets_total{found="sender",worker="0"} 4.0',
        'vardrum_media_leg_changes_total{state="connected",worker="0"} 2.0',
        'vardrum_media_rcvbuf_errors_total{worker="0"} 0.0',
        'vardrum_media_loss_ratio_bucket{le="0.2",way="down",worker="0"} 1.0',
        'vardrum_media_loss_ratio_bucket{le="0.5",way="down",worker="0"} 2.0',
        'vardrum_media_round_trip_seconds_count{worker="0"} 2.0',
    ):
        assert line in text.splitlines(), line
    assert '="p"' not in text
    assert '="visit"' not in text
    lab.relay.close("p")
    lab.relay.close("c")
    await gauges.refresh()
    after = generate_latest(registry).decode()
    lost = 'vardrum_media_lost_packets_total{found="sender",worker="0"} 4.0'
    assert lost in after, "what was counted stays counted"
    assert 'vardrum_media_legs{state="connected",worker="0"}' not in after


def test_a_quantile_is_in_its_bucket() -> None:
    some = Distribution((1.0, 2.0, 4.0))
    assert some.quantile(0.5) is None
    for value in (0.5, 1.0, 1.5, 3.0, 100.0):
        some.observe(value)
    assert some.counts == [2, 1, 1, 1]
    assert some.quantile(0.4) == 0.5
    assert some.quantile(0.5) == 1.5
    assert some.quantile(0.8) == 3.0
    assert some.quantile(1.0) == 4.0
