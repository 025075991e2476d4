"""What a sender is told of its link, with real DTLS-SRTP peers on loopback."""

import asyncio

from signaling.media import limits, rtp
from tests.media.conftest import Lab
from tests.media.peers import KEY, RTP, until


async def test_a_sender_is_told_which_of_its_packets_came(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    sent = [n for n in range(65_500, 65_600) if n not in (65_510, 65_536, 65_537)]
    for n in sent:
        patient.send_rtp(patient.video_packet(n, number=n & 0xFFFF))
        await asyncio.sleep(0.001)
    lab.clock.ahead += 1
    patient.send_rtp(patient.video_packet(65_600, number=65_600 & 0xFFFF))
    await until(lambda: len([a for told in patient.told for a in told.received]) == 98)
    arrivals = [arrival for told in patient.told for arrival in told.arrivals]
    assert [number for number, _ in arrivals] == [n & 0xFFFF for n in range(65_500, 65_601)]
    assert [number for number, at in arrivals if at is None] == [65_510, 0, 1]
    times = [at for _, at in arrivals if at is not None]
    assert times == sorted(times)
    assert times[-1] - times[0] >= 4000, "the clock was pushed on by a second"
    assert {told.media_ssrc for told in patient.told} == {patient.video}
    assert [told.number for told in patient.told] == list(range(len(patient.told)))
    assert not clinician.told


async def test_the_last_packets_are_told_of_though_none_follows(lab: Lab) -> None:
    patient, _ = await lab.pair()
    patient.send_rtp(patient.video_packet(1, number=1))
    await until(lambda: patient.told)
    patient.send_rtp(patient.video_packet(2, number=2))
    await until(lambda: [told.received[-1][0] for told in patient.told][-1] == 2)


async def test_repairs_and_probes_count_and_go_no_further(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_rtp(patient.video_packet(1, b"v1", number=1))
    again = rtp.wrap_rtx(patient.video_packet(2, b"v2", number=2), patient.video_rtx, 7)
    assert again is not None
    patient.send_rtp(bytes(again))
    probe = bytearray(patient.video_packet(3, b"", number=3)[: -len(KEY)] + bytes(200) + b"\xc9")
    probe[0] |= 0x20
    probe[1] = rtp.RTX
    probe[8:12] = patient.video_rtx.to_bytes(4, "big")
    patient.send_rtp(bytes(probe))
    await until(lambda: len([a for told in patient.told for a in told.received]) == 3)
    await until(lambda: len(clinician.packets) == 2)
    assert lab.relay.stats()["rtx_probes"] == 1
    for packet in clinician.packets:
        assert packet[12:17] == b"\xbe\xde\x00\x02\x32"
        assert packet[20:24] == bytes(4), "the number was for the relay alone"


async def test_a_flood_is_told_of_in_bounded_pieces(lab: Lab) -> None:
    patient, _ = await lab.pair()
    lab.clock.stop()
    for n in range(1000):
        patient.send_rtp(patient.video_packet(n, number=n))
        if n % 20 == 0:
            await asyncio.sleep(0.001)
    await until(lambda: lab.relay.stats()["legs"]["p"]["packets_in"] == 1000)
    lab.clock.ahead += 1
    await until(lambda: sum(len(told.arrivals) for told in patient.told) == 1000)
    assert max(len(told.arrivals) for told in patient.told) <= limits.MAX_ARRIVALS


NONSENSE = {
    "of two bytes' form": b"\x10\x00\x00\x01\x03\x02ab",
    "an element too long": b"\xbe\xde\x00\x01\x35abc",
    "far too many": b"\xbe\xde\x00\x20" + bytes(128),
}


async def test_extensions_that_no_browser_sends_go_nowhere(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    for number, extension in enumerate(NONSENSE.values()):
        head = RTP.pack(0x90, rtp.VP8, 2 + number, 6000, patient.video)
        patient.send_rtp(head + extension + b"frame")
    await until(lambda: lab.relay.stats()["rtp_malformed"] == len(NONSENSE))
    patient.send_video(9)
    await until(lambda: len(clinician.packets) == 2)
