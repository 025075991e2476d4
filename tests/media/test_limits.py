"""What is bounded of what a peer or a stranger can do: bitrate, checks, handshakes, memory."""

import os
from collections.abc import AsyncIterator

import pytest

from signaling.media import limits, rtcp, slots, stun
from signaling.media.errors import MediaFull
from signaling.media.events import LegStateChanged
from signaling.media.states import LegState
from tests.fuzz.memory import held
from tests.fuzz.world import MemoryPeer, MemoryRelay


@pytest.fixture
async def world() -> AsyncIterator[MemoryRelay]:
    world = MemoryRelay()
    yield world
    await world.stop()


def fill(peer: MemoryPeer) -> int:
    """Send pictures until the peer may send no more; the octets that were forwarded."""
    relay, number = peer.world.relay, peer.numbers.get(peer.video, 0)
    before, dropped = relay.stats()["bytes_forwarded"], relay.stats()["over_limit"]
    while relay.stats()["over_limit"] == dropped:
        number += 1
        assert number < 10_000, "nothing is ever too much"
        peer.send_video(number, bytes(1000))
    peer.numbers[peer.video] = number
    return int(relay.stats()["bytes_forwarded"]) - int(before)


async def test_a_leg_that_sends_too_much_loses_pictures_first(world: MemoryRelay) -> None:
    patient, clinician = await world.joined("patient", "p"), await world.joined("clinician", "c")
    at_once = fill(patient)
    assert limits.UPLINK_BURST * 0.9 < at_once <= limits.UPLINK_BURST
    clinician.forget()
    patient.send_audio(1)
    assert clinician.got(clinician.given_audio), "there is room for sound still"
    for n in range(2, 1000):
        patient.send_audio(n, bytes(400))
    said = sum(len(packet) for packet in clinician.packets)
    assert said < limits.UPLINK_RESERVE + 3000, "but not without end"
    assert world.relay.stats()["srtp_failures"] == 0
    world.tick(0.25)
    granted = limits.UPLINK_BITRATE / 8 * 0.25 - limits.UPLINK_RESERVE
    assert fill(patient) == pytest.approx(granted, rel=0.1)
    world.tick(60)
    assert fill(patient) <= limits.UPLINK_BURST, "what was not used is not saved up"
    clinician.send_audio(1)
    assert patient.got(patient.given_audio), "each has a share of its own"


async def test_who_speaks_from_a_legs_address_takes_none_of_its_room(world: MemoryRelay) -> None:
    """An address is easily claimed, and a packet easily sent once more: neither opens."""
    patient, clinician = await world.joined("patient", "p"), await world.joined("clinician", "c")
    room = world.relay._legs["p"].room
    forged = patient.video_packet(1, bytes(1000)) + os.urandom(16)
    count = limits.UPLINK_BURST // len(forged) + 100
    for _ in range(count):
        patient.send(forged)
    stats = world.relay.stats()
    assert (stats["srtp_failures"], stats["over_limit"]) == (count, 0)
    assert world.relay._legs["p"].room == room
    patient.send_video(1)
    assert clinician.got(clinician.given_video)
    assert world.relay._legs["p"].room < room


async def test_a_sender_is_told_to_stay_below_that(world: MemoryRelay) -> None:
    patient, clinician = await world.joined("patient", "p"), await world.joined("clinician", "c")
    patient.send_video(1)
    clinician.send_rtcp(rtcp.remb(1_000_000_000, [clinician.given_video]))
    (told,) = patient.said(rtcp.Remb)
    assert told.bitrate == pytest.approx(limits.TOLD_BITRATE, rel=0.001)
    assert told.bitrate < limits.UPLINK_BITRATE


async def test_a_worker_is_full_by_its_bitrate_as_well() -> None:
    world = MemoryRelay(bitrate=1_000_000)
    patient, clinician = await world.joined("patient", "p"), await world.joined("clinician", "c")
    for n in range(100):
        patient.send_video(n, bytes(1000))
        clinician.send_video(n, bytes(1000))
    world.tick(1.0)
    assert world.relay.stats()["bits_per_second"] > 1_500_000
    assert world.relay.stats()["full"] is True
    with pytest.raises(MediaFull, match="bitrate"):
        world.relay.open("another visit", "x", "patient")
    assert world.relay.stats()["visits_open"] == 1
    third = await world.joined("daughter", "d")  # where would she be heard else?
    world.tick(1.0)
    assert world.relay.open("another visit", "x", "patient")
    for peer in (patient, clinician, third):
        await peer.leave()
    await world.stop()


async def test_checks_for_one_leg_are_only_so_many_at_a_time(world: MemoryRelay) -> None:
    """Each costs an HMAC, and who stands on the way knows whose name to use."""
    patient = await world.joined("patient", "p")
    world.tick(0.1)
    for _ in range(1000):
        forged = stun.request(os.urandom(12), f"{patient.ufrag}:robo", b"a guess")
        world.give(forged, ("127.0.0.1", 9))
    stats = world.relay.stats()
    assert stats["stun_unauthentic"] == limits.MAX_CHECKS
    assert stats["stun_too_many"] == 1000 - limits.MAX_CHECKS
    assert not await patient.check(within=0.01)
    world.tick(0.1)
    assert await patient.check()


async def test_reports_are_only_so_many_and_others_are_told_once(world: MemoryRelay) -> None:
    patient, clinician = await world.joined("patient", "p"), await world.joined("clinician", "c")
    for n in range(1, 4):
        patient.send_video(n)
        clinician.send_video(n)
    clinician.forget()
    report = rtcp.sender_report(patient.video, 7 << 32, 90_000, 3, 3)
    patient.send_rtcp(report * 40 + rtcp.sender_report(patient.audio, 7 << 32, 0, 1, 1))
    assert len(clinician.said(rtcp.SenderReport)) == 1
    patient.forget()
    clinician.send_rtcp(
        b"".join(rtcp.remb(n, [clinician.given_video]) for n in range(300_000, 300_040))
    )
    assert len(patient.said(rtcp.Remb)) == 1
    latest = world.relay._legs["c"].estimate.bitrate
    assert latest == pytest.approx(300_039, abs=2), "the last of them is the newest"
    world.tick(0.1)
    before = world.relay.stats()
    for _ in range(300):
        patient.send_rtcp(report)
        # Who only claims the address takes nothing of it.
        patient.send(report + os.urandom(14))
    after = world.relay.stats()
    assert after["over_limit"] - before["over_limit"] >= 300 - limits.MAX_REPORTS
    assert len(clinician.said(rtcp.SenderReport)) == 1 + limits.MAX_REPORTS
    clinician.forget()
    world.tick(0.1)
    patient.send_rtcp(report)
    assert len(clinician.said(rtcp.SenderReport)) == 1, "there is room again"


async def test_names_that_nobody_has_leave_nothing_behind(world: MemoryRelay) -> None:
    await world.joined("patient", "p")
    before, paths = held(), len(world.port.paths)
    for n in range(20_000):
        world.give(stun.request(os.urandom(12), f"nobody{n}:x", b"password"), ("192.0.2.1", n))
    assert world.relay.stats()["stun_unknown"] == 20_000
    assert len(world.port.paths) == paths
    assert held().since(before).malloced < 1 << 20


async def test_a_handshake_that_never_ends_ends(world: MemoryRelay) -> None:
    peer = MemoryPeer(world)
    answer = peer.take(world.relay.open("visit", "p", "patient"))
    assert await peer.check()
    for _ in range(1000):  # before the answer, and after it
        peer.send(bytes([22, 254, 255]) + os.urandom(400))
    leg = world.relay._legs["p"]
    assert leg.dtls is not None
    assert leg.dtls._pipe.waiting.qsize() == limits.MAX_WAITING_DTLS
    world.relay.answer("p", answer)
    states = [LegState.CONNECTING]
    for _ in range(int(limits.HANDSHAKE_WITHIN * 10)):
        world.tick(0.1)
        assert await peer.check()  # it is alive, and yet
        assert leg.dtls._pipe.waiting.qsize() <= limits.MAX_WAITING_DTLS
    world.tick(0.2)
    states.append(LegState.FAILED)
    assert [e.state for e in world.events if isinstance(e, LegStateChanged)] == states
    assert not world.relay._legs
    assert not world.port.paths
    assert not world.relay._by_ufrag


async def test_a_leg_holds_only_so_much(world: MemoryRelay) -> None:
    """Six who send as large packets as there are, on camera and screen, and know no RTX."""
    before = held()
    peers = [await world.joined(f"p{n}", f"p{n}", rtx=False) for n in range(6)]
    legs = len(world.relay._legs)
    for peer in peers:
        world.relay.present(f"p{peers.index(peer)}", on=True)
        for n in range(limits.CACHE + 20):
            for ssrc in (peer.video, peer.screen):
                clear = peer.video_packet(n, bytes(4000), ssrc=ssrc)
                peer.send_sealed(clear)
            world.relay._legs[f"p{peers.index(peer)}"].grant(1.0)
            for each in peers:
                each.forget()
    grown = held().since(before)
    world.tick(0.1)
    assert world.relay.stats()["over_limit"] == 0
    # The robots are here as well, and hold next to nothing.
    assert (grown.malloced + 256 * grown.blocks) / legs < limits.LEG_OCTETS
    assert grown.malloced / legs > limits.LEG_OCTETS / 4, "the worst case is not far from this"
    copies = [len(d.copies) for leg in world.relay._legs.values() for d in leg.down.values()]
    assert max(copies) == limits.CACHE
    assert all(
        len(leg.down[slots.video_mid(n)].copies) == limits.CACHE
        for leg in world.relay._legs.values()
        for n in range(slots.PEERS)
    )
    for peer in peers:
        await peer.leave()
