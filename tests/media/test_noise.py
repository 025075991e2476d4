"""Noise on the relay's socket, from strangers and from peers that hold the keys."""

import asyncio
import os
import random
import socket

import pytest

from signaling.media import rtcp, rtp, stun
from tests.media.conftest import Lab
from tests.media.peers import until

SEED = 20_201


async def _still_works(lab: Lab) -> None:
    patient, clinician = lab.robots[:2]
    before = len(clinician.got(clinician.given_audio))
    patient.audio += 0
    patient.send_audio(30_000 + before)
    await until(lambda: len(clinician.got(clinician.given_audio)) > before)


@pytest.mark.fuzz
async def test_noise_from_strangers(lab: Lab) -> None:
    patient, _ = await lab.pair()
    rng = random.Random(SEED)
    target = lab.relay.addresses[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        stranger.bind(("127.0.0.1", 0))
        for _ in range(2000):
            size = rng.choice((0, 1, 2, 11, 12, 13, 20, 28, 60, 1200, 4096, 9000))
            first = bytes([rng.choice((0, 1, 20, 63, 64, 127, 128, 144, 191, 192, 255))])
            stranger.sendto((first + rng.randbytes(size))[:size], target)
        for _ in range(500):
            stranger.sendto(stun.request(os.urandom(12), "nobody:x", b"password"), target)
        await until(lambda: lab.relay.stats()["stun_unknown"] >= 400)
        with pytest.raises(BlockingIOError):
            stranger.recv(100)  # nothing is ever answered
    assert lab.relay.stats()["legs_open"] == 2
    patient.send_audio(1)
    await _still_works(lab)


@pytest.mark.fuzz
async def test_noise_under_a_good_seal(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    rng = random.Random(SEED)
    for n in range(1500):
        body = rng.randbytes(rng.choice((0, 1, 4, 8, 40, 1100)))
        kind = rng.choice((rtp.OPUS, rtp.VP8, rtp.RTX, 0, 127)) | rng.choice((0, 128))
        head = bytes([0x80 | rng.randrange(64) & ~16, kind])
        numbers = rtp.NUMBERS.pack(
            n, rng.getrandbits(32), rng.choice((patient.video, patient.audio, patient.video_rtx))
        )
        try:
            patient.send_rtp(head + numbers + body)
        except Exception:  # noqa: S112 - libsrtp itself refuses the worst of it
            continue
        if n % 100 == 0:
            await asyncio.sleep(0)
    for _ in range(500):
        count, kind = rng.randrange(64), rng.choice((200, 201, 202, 203, 204, 205, 206, 207))
        # A peer reports under few names: the relay hears no more than some.
        body = rng.choice((1, 2)).to_bytes(4, "big") + rng.randbytes(4 * rng.randrange(30))
        if rng.random() < 0.5:
            body = (
                body[:4]
                + rng.choice((clinician.given_video, clinician.given_audio)).to_bytes(4, "big")
                + body[8:]
            )
        claimed = len(body) // 4 if rng.random() < 0.8 else rng.randrange(1 << 16)
        clinician.send_rtcp(bytes([0x80 | count, kind]) + claimed.to_bytes(2, "big") + body)
    await until(lambda: lab.relay.stats()["rtcp_malformed"] > 10)
    patient.audio ^= 1
    await _still_works(lab)


@pytest.mark.fuzz
async def test_noise_in_the_handshake(lab: Lab) -> None:
    rng = random.Random(SEED)
    patient = await lab.join("patient", "p")
    clinician_offer = lab.relay.open("visit", "c", "clinician")
    from tests.media.peers import Robot

    clinician = Robot()
    lab.robots.append(clinician)
    lab.relay.answer("c", clinician.take(clinician_offer))
    await clinician.move()
    assert await clinician.check()
    for _ in range(300):
        clinician.send(bytes([rng.randrange(20, 64)]) + rng.randbytes(rng.randrange(200)))
        patient.send(bytes([rng.randrange(20, 64)]) + rng.randbytes(rng.randrange(200)))
    await asyncio.sleep(0.05)
    await clinician.connect()
    await _still_works(lab)


async def test_paths_are_bounded(lab: Lab) -> None:
    patient, _ = await lab.pair()
    for _ in range(20):
        await patient.move()
        assert await patient.check()
    assert len(lab.relay.ports[0].paths) <= 9


async def test_a_nack_storm_is_answered_with_measure(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    sequence = clinician.got(clinician.given_video)[0][0]
    lab.clock.stop()
    for _ in range(200):
        clinician.send_rtcp(rtcp.nack(clinician.given_video, [sequence]))
    await until(lambda: clinician.got(clinician.given_rtx))
    await asyncio.sleep(0.1)
    assert len(clinician.got(clinician.given_rtx)) == 1
