"""A leg's life: its addresses, ICE restarts, silence, and its end."""

import asyncio

import pytest

from signaling.media import stun
from signaling.media.errors import BadSdp, LegExists, MediaFull, NoSuchLeg
from tests.media.conftest import Lab
from tests.media.peers import Robot, until


async def test_ice_restart_keeps_the_call(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    patient.send_video(1)
    await until(lambda: clinician.packets)
    old_ufrag, old_password = patient.ufrag, patient.password
    offer = lab.relay.restart("p")
    patient.take(offer)
    assert patient.ufrag != old_ufrag
    assert patient.password != old_password
    new = patient.ufrag, patient.password

    patient.ufrag, patient.password = old_ufrag, old_password
    assert await patient.check()  # the old ones hold until the new are used
    await patient.move()
    patient.ufrag, patient.password = new
    assert await patient.check(nominate=False)
    lab.relay.answer("p", patient.answer())
    patient.send_video(2)
    clinician.send_video(1)
    await until(lambda: len(clinician.got(clinician.given_video)) == 2)
    await until(lambda: patient.got(patient.given_video))
    patient.ufrag, patient.password = old_ufrag, old_password
    assert not await patient.check(within=0.3)
    assert lab.states("p") == ["connecting", "connected"]


async def test_two_restarts_in_a_row_leave_the_first_generation_alive(lab: Lab) -> None:
    patient, _ = await lab.pair()
    lab.relay.restart("p")
    offer = lab.relay.restart("p")
    assert await patient.check()
    patient.take(offer)
    assert await patient.check()


async def test_a_captured_check_moves_no_leg(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    captured = stun.request(b"transaction.", f"{patient.ufrag}:robo", patient.password)
    captured_nominated = stun.request(
        b"another one.", f"{patient.ufrag}:robo", patient.password, nominate=True
    )
    patient.send(captured)
    patient.send(captured_nominated)
    patient.send(captured)  # sent again from where it came from: answered again
    await until(lambda: {b"transaction.", b"another one."} <= patient.answered)
    thief = Robot()
    thief.take(patient.offer)
    await thief.move()
    lab.clock.ahead += 3  # the patient's own path is silent by now
    thief.send(captured)
    thief.send(captured_nominated)
    await until(lambda: lab.relay.stats()["stun_replayed"] == 2)
    assert not thief.answered
    clinician.send_video(1)
    await until(lambda: patient.packets)
    await thief.close()


async def test_nobody_takes_the_address_of_a_leg_that_lives(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    own = patient.ufrag, patient.password
    # As if the clinician had forged the patient's address.
    patient.ufrag, patient.password = clinician.ufrag, clinician.password
    assert not await patient.check(within=0.2)
    patient.send_video(1)
    clinician.send_video(1)
    await until(lambda: clinician.packets and patient.packets)
    # Once it is silent, the network may have given its address to somebody else.
    patient.ufrag, patient.password = own
    lab.clock.ahead += 3
    patient.ufrag, patient.password = clinician.ufrag, clinician.password
    assert await patient.check()


async def test_a_later_answer_may_take_what_the_first_refused(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    refused = clinician.answer().replace("m=video 9", "m=video 0")
    lab.relay.answer("c", refused)
    patient.send_video(1)
    await until(lambda: lab.relay.stats()["not_sent"] == 1)
    lab.relay.answer("c", clinician.answer())
    patient.send_video(2)
    await until(lambda: clinician.got(clinician.given_video))


async def test_the_leg_follows_its_peer_to_a_new_address(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    clinician.send_video(1)
    await until(lambda: patient.packets)
    await patient.move()
    patient.send_video(1)  # no check from there yet: nobody's packet
    await asyncio.sleep(0.05)
    assert not clinician.packets
    assert await patient.check(nominate=True)
    clinician.send_video(2)
    patient.send_video(2)
    await until(lambda: len(patient.got(patient.given_video)) == 2)
    await until(lambda: clinician.got(clinician.given_video))


async def test_a_silent_address_is_left_without_a_nomination(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    lab.clock.stop()
    await patient.move()
    assert await patient.check(nominate=False)
    clinician.send_video(1)
    await asyncio.sleep(0.05)
    assert not patient.packets  # the old path was alive a moment ago
    lab.clock.ahead += 3
    assert await patient.check(nominate=False)
    clinician.send_video(2)
    await until(lambda: patient.packets)


async def test_an_address_without_the_password_gets_nothing(lab: Lab) -> None:
    patient, _ = await lab.pair()
    thief = Robot()
    thief.take(patient.offer)
    await thief.move()
    assert not await thief.check(password=b"guessed", within=0.3)
    stats = lab.relay.stats()
    assert stats["stun_unauthentic"] == 1
    thief.vanish()


async def test_silence_disconnects_then_fails(lab: Lab) -> None:
    patient, clinician = await lab.pair()
    lab.clock.ahead += 6
    await until(lambda: "disconnected" in lab.states("p"))
    assert await patient.check()
    await until(lambda: lab.states("p")[-1] == "connected")
    lab.clock.ahead += 24.5
    assert await patient.check()
    await until(lambda: lab.states("c")[-1] == "failed")
    assert "failed" not in lab.states("p")
    with pytest.raises(NoSuchLeg):
        lab.relay.restart("c")
    clinician.vanish()


async def test_a_handshake_that_never_ends_fails(lab: Lab) -> None:
    robot = Robot()
    lab.relay.answer("p", robot.take(lab.relay.open("visit", "p", "patient")))
    lab.relay.open("visit", "c", "clinician")  # and one that is never answered
    lab.clock.ahead += 31
    await until(lambda: lab.states("p")[-1:] == ["failed"] and lab.states("c") == ["failed"])
    assert lab.relay.stats()["visits_open"] == 0


async def test_a_peer_with_another_certificate_fails(lab: Lab) -> None:
    robot, other = Robot(), Robot()
    offer = lab.relay.open("visit", "p", "patient")
    robot.take(offer)
    lab.relay.answer("p", other.take(offer))
    await robot.connect()
    await until(lambda: lab.states("p") == ["connecting", "failed"])
    await robot.close()


async def test_a_goodbye_closes_the_leg(lab: Lab) -> None:
    patient, _ = await lab.pair()
    await patient.close()
    await until(lambda: lab.states("p")[-1] == "closed")
    with pytest.raises(NoSuchLeg):
        lab.relay.close("p")


async def test_bad_requests_change_nothing(lab: Lab) -> None:
    patient, _ = await lab.pair()
    with pytest.raises(LegExists):
        lab.relay.open("other", "p", "patient")
    with pytest.raises(BadSdp):
        lab.relay.answer("p", "noise")
    with pytest.raises(BadSdp):
        lab.relay.answer("p", Robot().take(patient.offer))
    lab.relay.drain()
    with pytest.raises(MediaFull):
        lab.relay.open("visit", "p2", "patient")
    assert lab.relay.stats()["legs_open"] == 2
    assert lab.states("p") == ["connecting", "connected"]
