"""Several addresses: each answers for itself, any carries a call, and a call moves between them."""

import asyncio
from collections.abc import AsyncIterator

import aioice.ice
import pytest
from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamTrack, VideoStreamTrack

from signaling.media.paths import UdpPort
from tests.media.conftest import Lab
from tests.media.peers import Robot, addresses, until
from tests.media.test_aiortc_peers import join

PUBLIC = "203.0.113.7"
MANY = ("127.0.0.2", "127.0.0.1", "::1")


@pytest.fixture
async def calls(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[RTCPeerConnection]]:
    """Peers that live on both loopbacks, whatever else the machine has."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", _both)
    opened: list[RTCPeerConnection] = []
    yield opened
    for call in opened:
        await call.close()


def _both(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return ["127.0.0.1"] * use_ipv4 + ["::1"] * use_ipv6


async def watch(*sides: dict[str, MediaStreamTrack]) -> None:
    """Wait until each side has heard and seen a little."""
    async with asyncio.timeout(30):
        for tracks in sides:
            for kind in ("audio", "video"):
                for _ in range(3):
                    await tracks[kind].recv()


def used(lab: Lab) -> set[str]:
    """The relay's addresses that carry the legs now."""
    ports = (leg.path.port for leg in lab.relay._legs.values() if leg.path is not None)
    return {port.host for port in ports if isinstance(port, UdpPort)}


@pytest.fixture
def blockbuster() -> None:
    """Off: aiortc waits for its decoder's thread on the loop when it closes."""


@pytest.mark.parametrize("announced", [MANY])
async def test_an_answer_leaves_from_the_address_that_was_asked(lab: Lab) -> None:
    offer = lab.relay.open("visit", "p", "patient")
    named = addresses(offer)
    assert [host for host, _ in named] == list(MANY)
    robot = Robot()
    lab.relay.answer("p", robot.take(offer))
    for address in named:
        robot.to = address
        await robot.move()
        robot.sources.clear()
        assert await robot.check()
        assert robot.sources == {address}
    robot.to = named[1]
    await robot.connect()
    lab.robots.append(robot)
    robot.sources.clear()
    clinician = await lab.join("clinician", "c")
    clinician.send_video(1)
    await until(lambda: robot.packets)
    assert robot.sources == {named[1]}
    assert clinician.sources == {named[0]}


@pytest.mark.parametrize("announced", [MANY])
@pytest.mark.parametrize("dead", [1, 2])
async def test_what_is_dead_is_passed_over(
    lab: Lab, calls: list[RTCPeerConnection], dead: int
) -> None:
    for port in lab.relay.ports[:dead]:
        lab.relay.packets.detach(port)  # it swallows and never answers, as behind a firewall
    _, patient_sees = await join(lab, calls, "patient", VideoStreamTrack())
    _, clinician_sees = await join(lab, calls, "clinician", VideoStreamTrack())
    await watch(patient_sees, clinician_sees)
    assert used(lab) <= set(MANY[dead:])
    for port in lab.relay.ports[:dead]:
        lab.relay.packets.attach(port)


@pytest.mark.parametrize("announced", [("::1",)])
async def test_a_call_over_ipv6_alone(lab: Lab, calls: list[RTCPeerConnection]) -> None:
    offer, patient_sees = await join(lab, calls, "patient", VideoStreamTrack())
    assert "c=IN IP6 ::1" in offer
    _, clinician_sees = await join(lab, calls, "clinician", VideoStreamTrack())
    await watch(patient_sees, clinician_sees)
    assert used(lab) == {"::1"}


@pytest.mark.parametrize("announced", [("::1", "127.0.0.1")])
async def test_one_side_over_ipv6_and_the_other_over_ipv4(lab: Lab) -> None:
    patient = await lab.join("patient", "p")
    clinician = Robot()
    lab.robots.append(clinician)
    lab.relay.answer("c", clinician.take(lab.relay.open("visit", "c", "clinician")))
    clinician.to = addresses(clinician.offer)[1]
    await clinician.connect()
    assert used(lab) == {"::1", "127.0.0.1"}
    patient.send_video(1)
    clinician.send_video(1)
    await until(lambda: patient.packets and clinician.packets)


@pytest.mark.parametrize("announced", [("127.0.0.1", "127.0.0.2", "::1")])
@pytest.mark.parametrize(
    ("own", "to"),
    [("127.0.0.1", 0), ("127.0.0.3", 0), ("127.0.0.3", 1), ("::1", 2)],
    ids=["new port", "new address", "to the relay's other address", "to the other family"],
)
async def test_a_peer_that_changes_its_address_goes_on(lab: Lab, own: str, to: int) -> None:
    patient, clinician = await lab.pair()
    clinician.send_video(1)
    patient.send_video(1)
    await until(lambda: patient.packets and clinician.packets)
    await patient.move(own)
    patient.to = addresses(patient.offer)[to]
    patient.sources.clear()
    assert await patient.check(nominate=True)
    for n in range(2, 5):
        clinician.send_video(n)
        patient.send_video(n)
    await until(lambda: len(patient.got(patient.given_video)) == 4)
    await until(lambda: len(clinician.got(clinician.given_video)) == 4)
    assert patient.sources == {patient.to}
    assert lab.states("p") == ["connecting", "connected"]


LINES = {
    "none at all": [],
    "none, and no more to come": ["a=end-of-candidates"],
    "more to come": ["a=ice-options:trickle"],
    "a hidden address, as Chromium writes it": [
        "a=candidate:2633374128 1 udp 2113937151 7f1a6c1c-5e5c-4a0e-9d2c-1c1b1f9f6f0e.local 55443 "
        "typ host generation 0 network-cost 999"
    ],
    "hidden addresses, as Firefox writes them": [
        "a=candidate:0 1 UDP 2122252543 2b6e9c1e-1d53-4c3b-8c3a-0a9b8c7d6e5f.local 51234 typ host",
        "a=candidate:1 1 TCP 2105524479 2b6e9c1e-1d53-4c3b-8c3a-0a9b8c7d6e5f.local 9 typ host "
        "tcptype active",
        "a=end-of-candidates",
    ],
    "TCP alone": [
        "a=candidate:1 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active generation 0"
    ],
    "IPv6 alone": ["a=candidate:1 1 udp 2122262783 2001:db8::9 40000 typ host generation 0"],
    "IPv6 with a zone": ["a=candidate:1 1 udp 2122262783 fe80::9%eth0 40000 typ host"],
    "a relayed one": [
        "a=candidate:4 1 udp 41885439 203.0.113.5 50000 typ relay raddr 0.0.0.0 rport 0"
    ],
    "noise": ["a=candidate:", "a=candidate:x y z", "a=candidate:1 1 udp -1 \u2028 99999999 typ"],
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES.keys())
async def test_whatever_the_answer_says_of_its_addresses_the_call_comes(
    lab: Lab, lines: list[str]
) -> None:
    """ICE-lite answers who asks: what the browser hides, or can't know, does not matter."""
    patient, clinician = Robot(), Robot()
    lab.robots += [patient, clinician]
    for role, robot in (("patient", patient), ("clinician", clinician)):
        answer = robot.take(lab.relay.open("visit", role, role))
        extra = "".join(f"{line}\r\n" for line in lines)
        lab.relay.answer(role, answer.replace("a=rtcp-mux\r\n", f"a=rtcp-mux\r\n{extra}"))
        await robot.connect()
    patient.send_video(1)
    clinician.send_audio(1)
    await until(lambda: clinician.got(clinician.given_video) and patient.got(patient.given_audio))


@pytest.mark.parametrize("announced", [(f"{PUBLIC}/127.0.0.1",)])
async def test_behind_nat_browsers_are_told_of_the_public_address_alone(lab: Lab) -> None:
    robots = [Robot(), Robot()]
    lab.robots += robots
    for robot, leg_id in zip(robots, ("p", "c"), strict=True):
        offer = lab.relay.open("visit", leg_id, leg_id)
        lab.relay.answer(leg_id, robot.take(offer))
        candidates = [line.split() for line in offer.splitlines() if "candidate:" in line]
        assert {words[4] for words in candidates} == {PUBLIC}
        assert {words[2] for words in candidates} == {"udp", "tcp"}
        assert {line.split()[-1] for line in offer.splitlines() if line[:2] == "c="} == {PUBLIC}
        # What the NAT does, on the same port.
        robot.to = "127.0.0.1", robot.to[1]
        await robot.connect()
    robots[0].send_audio(1)
    await until(lambda: robots[1].heard(0))
