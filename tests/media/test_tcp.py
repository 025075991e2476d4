"""Calls over TCP alone, over both, and from one to the other (RFC 6544, passive)."""

import asyncio

import pytest

from signaling.media import limits, rtcp
from tests.media.conftest import Lab
from tests.media.dialler import OVER_TCP, Dialler, Line, tcp_addresses
from tests.media.peers import addresses, until


async def over_tcp(lab: Lab, who: str = "patient", leg: str = "p") -> Dialler:
    robot = Dialler()
    await lab.join(who, leg, robot=robot)
    return robot


def line_of(robot: Dialler) -> Line:
    assert robot.line is not None
    return robot.line


async def test_the_offer_names_tcp_after_udp(lab: Lab) -> None:
    offer = lab.relay.open("visit", "p", "patient")
    for section in (offer.split("\r\nm=")[1], offer.split("\r\nm=")[-1]):
        lines = [line.split() for line in section.split("\r\n") if "a=candidate:" in line]
        assert [line[2] for line in lines] == ["udp", "tcp"]
        assert len({line[0] for line in lines}) == 2, "a foundation of its own"
        assert [int(line[3]) for line in lines] == [2130706431, 1520435199]
        assert lines[1][4:] == [
            "127.0.0.1", str(lab.relay.tcp_addresses[0][1]), "typ", "host", "tcptype", "passive",
        ]  # fmt: skip


@pytest.mark.parametrize("announced", [("127.0.0.1",), ("::1",), ("127.0.0.1", "::1")])
async def test_a_call_of_two_who_have_tcp_alone(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await over_tcp(lab, "clinician", "c")
    for n in range(20):
        patient.send_audio(n, b"a%d" % n)
        patient.send_video(n, b"v%d" % n)
        clinician.send_video(n, bytes(1100))
    await until(lambda: len(clinician.got(clinician.given_video)) == 20)
    await until(lambda: len(clinician.got(clinician.given_audio)) == 20)
    await until(lambda: len(patient.got(patient.given_video)) == 20)
    video = clinician.got(clinician.given_video)
    assert [payload for _, _, payload in video] == [b"v%d" % n for n in range(20)]
    assert patient.sources == clinician.sources == {OVER_TCP}
    assert not patient.bad + clinician.bad
    assert tcp_addresses(patient.offer) == lab.relay.tcp_addresses
    clinician.send_rtcp(rtcp.pli(clinician.given_video))
    await until(lambda: patient.said(rtcp.KeyframeRequest))
    stats = lab.relay.stats()
    assert (stats["tcp_open"], stats["tcp_unproved"], stats["tcp_not_sent"]) == (2, 0, 0)


async def test_one_over_tcp_and_the_other_over_udp(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await lab.join("clinician", "c")
    patient.send_video(1)
    clinician.send_video(1)
    await until(lambda: patient.packets and clinician.packets)
    assert patient.sources == {OVER_TCP}
    assert clinician.sources == {addresses(clinician.offer)[0]}


async def test_the_newest_nomination_wins_whatever_it_came_over(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await lab.join("clinician", "c")
    udp = addresses(patient.offer)[0]

    async def arrives(number: int) -> set[tuple[str, int]]:
        patient.sources.clear()
        clinician.send_video(number)
        await until(lambda: len(patient.got(patient.given_video)) == number)
        return patient.sources

    assert await arrives(1) == {OVER_TCP}
    patient.by_tcp = False
    await patient.move()
    assert await patient.check(nominate=False)  # a firewall that opens; not chosen yet
    assert await arrives(2) == {OVER_TCP}
    assert await patient.check()
    assert await arrives(3) == {udp}
    patient.by_tcp = True
    assert await patient.check()
    assert await arrives(4) == {OVER_TCP}
    patient.send_video(1)
    patient.by_tcp = False
    patient.send_video(2)  # sent on both: heard on both
    await until(lambda: len(clinician.got(clinician.given_video)) == 2)
    assert lab.relay.stats()["tcp_open"] == 1


async def test_where_tcp_breaks_the_other_way_takes_over_at_once(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await lab.join("clinician", "c")
    patient.by_tcp = False
    await patient.move()
    assert await patient.check(nominate=False)
    line_of(patient).hang_up()
    await until(lambda: not lab.relay.stats()["tcp_open"])
    clinician.send_video(1)
    await until(lambda: patient.packets)


async def test_a_connection_that_nothing_comes_over_any_more_is_closed(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await lab.join("clinician", "c")
    patient.by_tcp = False
    await patient.move()
    for _ in range(4):
        assert lab.relay.stats()["tcp_open"] == 1
        for robot in (patient, clinician):
            assert await robot.check()
        lab.clock.ahead += limits.TCP_SILENT / 4 + 1
    await line_of(patient).closed.wait()
    assert not lab.relay.stats()["tcp_open"]
    assert await patient.check()
    clinician.send_video(1)
    await until(lambda: patient.packets)


async def test_a_lost_connection_is_made_anew(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await lab.join("clinician", "c")
    clinician.send_video(1)
    await until(lambda: patient.packets)
    line_of(patient).hang_up()
    await until(lambda: not lab.relay.stats()["tcp_open"])
    clinician.send_video(2)  # to nobody
    await patient.dial()
    assert await patient.check(nominate=False)
    clinician.send_video(3)
    await until(lambda: len(patient.got(patient.given_video)) == 2)
    assert lab.states("p") == ["connecting", "connected"]


async def test_ice_restarts_over_tcp(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await lab.join("clinician", "c")
    before, old = line_of(patient), patient.ufrag
    lab.relay.answer("p", patient.take(lab.relay.restart("p")))
    assert patient.ufrag != old
    await patient.dial()
    assert await patient.check()
    patient.send_video(1)
    clinician.send_video(1)
    await until(lambda: patient.packets and clinician.packets)
    assert before.got
    assert not before.closed.is_set()
    lab.relay.close("p")
    await before.closed.wait()
    await line_of(patient).closed.wait()
    await until(lambda: not lab.relay.stats()["tcp_open"])


@pytest.mark.parametrize("by_tcp", [True, False])
async def test_who_is_let_go_is_told(lab: Lab, by_tcp: bool) -> None:
    patient = Dialler()
    patient.by_tcp = by_tcp
    await lab.join("patient", "p", robot=patient)
    lab.relay.close("p")
    await until(lambda: patient.dtls.state == "closed")


async def test_a_connection_stays_whose_it_is(lab: Lab) -> None:
    patient, clinician = await over_tcp(lab), await over_tcp(lab, "clinician", "c")
    mine = patient.ufrag, patient.password
    patient.ufrag, patient.password = clinician.ufrag, clinician.password
    lab.clock.ahead += limits.PATH_SILENT_AFTER + 1
    assert not await patient.check(within=0.3)
    patient.ufrag, patient.password = mine
    assert await patient.check()


async def test_the_oldest_ways_are_given_up(lab: Lab) -> None:
    patient = await over_tcp(lab)
    lines = [line_of(patient)]
    for _ in range(limits.MAX_PATHS):
        lines.append(await patient.dial())
        assert await patient.check()
    await lines[0].closed.wait()
    assert not lines[-1].closed.is_set()
    await until(lambda: lab.relay.stats()["tcp_open"] == limits.MAX_PATHS)


async def test_a_frame_too_long_ends_the_connection(lab: Lab) -> None:
    patient = await over_tcp(lab)
    patient.send(b"\x80" + bytes(limits.DATAGRAM - 1))
    patient.send_audio(1)
    await until(lambda: lab.relay.stats()["legs"]["p"]["packets_in"] == 1)
    patient.send(bytes(limits.DATAGRAM + 1))
    await line_of(patient).closed.wait()
    assert lab.states("p")[-1] == "connected", "the leg may have other ways"


async def test_silence_ends_a_connection(lab: Lab) -> None:
    patient = await over_tcp(lab)
    silent = line_of(patient)
    patient.by_tcp = False
    await patient.move()
    lab.clock.ahead += limits.TCP_SILENT / 2
    assert await patient.check()
    assert not silent.closed.is_set()
    lab.clock.ahead += limits.TCP_SILENT / 2 + 1
    assert await patient.check()
    await silent.closed.wait()


async def test_a_slow_reader_loses_pictures_first(lab: Lab) -> None:
    patient = Dialler()
    patient.buffer = 4096
    await lab.join("patient", "p", robot=patient)
    clinician = await lab.join("clinician", "c")
    (link,) = lab.relay.gate.links
    out = line_of(patient).out
    assert out is not None
    out.pause_reading()
    clinician.send_video(0)
    number, most = 0, 0
    while lab.relay.stats()["tcp_not_sent"] < 20:
        number += 1
        clinician.send_video(number, bytes(1100))
        most = max(most, link.queued)
        await asyncio.sleep(0)
    assert most <= limits.TCP_QUEUE_VIDEO
    for n in range(300):  # there is room for sound still, but not without end
        clinician.send_audio(n, bytes(400))
        if n % 20 == 0:
            await asyncio.sleep(0.001)
    await until(lambda: link.queued > limits.TCP_QUEUE - 500)
    assert link.queued <= limits.TCP_QUEUE
    out.resume_reading()
    await until(lambda: not link.queued)
    assert not patient.bad
    before = len(patient.got(patient.given_video))
    clinician.send_video(number + 1)
    await until(lambda: len(patient.got(patient.given_video)) > before)
    assert patient.got(patient.given_audio)


async def test_who_takes_nothing_is_left(lab: Lab) -> None:
    patient = Dialler()
    patient.buffer = 4096
    await lab.join("patient", "p", robot=patient)
    clinician = await lab.join("clinician", "c")
    (link,) = lab.relay.gate.links
    line = line_of(patient)
    assert line.out is not None
    line.out.pause_reading()
    number = 0
    while not link.queued:
        number += 1
        clinician.send_video(number, bytes(1100))
        await asyncio.sleep(0)
    lab.clock.ahead += limits.TCP_STALLED + 1
    await until(lambda: lab.relay.stats()["tcp_stalled"] == 1)
    assert not lab.relay.stats()["tcp_open"]
    line.out.resume_reading()
    await line.closed.wait()
    await patient.dial()
    assert await patient.check()
