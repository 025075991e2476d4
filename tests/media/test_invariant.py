"""Never two byte strings under one SSRC and sequence number, whoever comes, goes or loses what.

Real legs in a real visit, and everything on the packets' way but the cipher, which is replaced by
one that remembers what it was asked to seal.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, cast
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp._binding import ffi

from signaling.media import feedback, packets, rtcp, rtp, sdp, slots
from signaling.media._aiortc_compat import Srtp
from signaling.media.leg import Leg
from signaling.media.relay import Relay
from signaling.media.states import LegState
from signaling.media.stun import Seen
from tests.fuzz.world import MemorySocket
from tests.media.peers import Robot

PEOPLE = ("anna", "bo", "cia")


class Cipher:
    """Seals nothing, and remembers all: which bytes went under which leg's keys and numbers."""

    def __init__(self) -> None:
        self.sealed: dict[tuple[object, bytes, bytes], bytes] = {}
        self.order: dict[tuple[object, bytes], list[tuple[int, int]]] = defaultdict(list)

    def note(self, session: object, packet: bytes) -> None:
        key = session, packet[8:12], packet[2:4]
        assert self.sealed.setdefault(key, packet) == packet, "two byte strings under one number"
        if packet[1] & 127 != rtp.RTX:
            numbers = rtp.NUMBERS.unpack_from(packet, rtp.NUMBERS_AT)
            self.order[session, packet[8:12]].append(numbers[:2])

    def protect(self, session: object, cdata: Any, length: Any) -> int:
        self.note(session, bytes(ffi.buffer(cdata, length[0])))
        return 0


class Keys:
    """A leg's cipher, as the relay sees it."""

    def __init__(self, cipher: Cipher) -> None:
        self.rx = self.tx = object()
        self._cipher = cipher

    def protect(self, packet: bytes | bytearray) -> bytes:
        self._cipher.note(self.tx, bytes(packet))
        return bytes(packet)

    def protect_rtcp(self, packet: bytes) -> bytes:
        return packet


class Person:
    """A peer that sends what it is told, and what it lost on the way again."""

    def __init__(self, leg: Leg, robot: Robot, port: int) -> None:
        self.leg, self.robot, self.address = leg, robot, ("127.0.0.1", port)
        self.named = {False: robot.video, True: robot.screen}
        self.numbers = {robot.video: 65_000, robot.screen: 500}
        self.lost: dict[int, list[bytes]] = {robot.video: [], robot.screen: []}


class World:
    """A visit in which people do things."""

    def __init__(self) -> None:
        self.now = 100.0
        self.cipher = Cipher()
        self.relay = Relay(["127.0.0.1"], clock=lambda: self.now)
        (self.port,) = self.relay.ports
        self.port.sock.close()
        self.socket = MemorySocket()
        self.port.sock = cast("Any", self.socket)
        self.people: dict[str, Person] = {}
        self.turn = 0

    def give(self, person: Person, packet: bytes) -> None:
        self.socket.waiting.append((packet, person.address))
        self.relay.packets.read(self.port)

    def come(self, who: str, *, rtx: bool) -> None:
        """Join, or join anew in place of oneself."""
        self.turn += 1
        leg_id, robot = f"{who}{self.turn}", Robot(rtx=rtx)
        answer = robot.take(self.relay.open("visit", leg_id, who))
        leg = self.relay._legs[leg_id]
        leg.take_answer(sdp.parse_answer(answer))
        leg.checks = Seen()
        person = Person(leg, robot, 20_000 + self.turn)
        leg.checked(self.port, person.address, nominated=True, now=self.now)
        leg.to(LegState.CONNECTING, self.now)
        self.relay._secured(leg, cast("Srtp", Keys(self.cipher)))
        self.people[who] = person

    def go(self, who: str) -> None:
        self.relay.close(self.people.pop(who).leg.id)

    def send(self, who: str, number: int, *, screen: bool, key: bool, arrives: bool) -> None:
        person = self.people[who]
        ssrc = person.robot.screen if screen else person.robot.video
        person.numbers[ssrc] += number
        payload = b"%d" % self.turn
        packet = person.robot.video_packet(person.numbers[ssrc], payload, key=key, ssrc=ssrc)
        if arrives:
            self.give(person, packet)
        else:
            person.lost[ssrc].append(packet)

    def repair(self, who: str, *, screen: bool) -> None:
        """Send what was lost on its way up again, under RTX; and later as if it were only late."""
        person = self.people[who]
        robot = person.robot
        ssrc, rtx = (robot.screen, robot.screen_rtx) if screen else (robot.video, robot.video_rtx)
        for packet in person.lost[ssrc]:
            self.turn += 1
            wrapped = rtp.wrap_rtx(packet, rtx, self.turn)
            assert wrapped is not None
            if ssrc == person.named[screen]:  # of another SSRC it would repair the wrong stream
                self.give(person, bytes(wrapped))
            # The same number, and by then another stamp: what a careless sender would do.
            self.give(person, packet + b"late")
        person.lost[ssrc].clear()

    def miss(self, who: str, back: int) -> None:
        """Ask again for what was sent to this person lately, in every slot."""
        leg = self.people[who].leg
        for stream in leg.video_streams():
            numbers = [stream.highest - n & 0xFFFF for n in (0, 1, back)]
            feedback.handle(leg, rtcp.nack(stream.ssrc, numbers), self.now)

    def change(self, who: str) -> None:
        """Send the camera under another SSRC from now on."""
        person = self.people[who]
        robot = person.robot
        robot.video ^= 1 << 20
        person.numbers.setdefault(robot.video, self.turn * 17 & 0xFFFF)
        person.lost.setdefault(robot.video, [])


WHO = st.sampled_from(PEOPLE)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), WHO, st.booleans(), st.just(0)),
        st.tuples(st.just("go"), WHO, st.just(0), st.just(0)),
        *[
            st.tuples(st.just("send"), WHO, st.integers(-3, 40), st.integers(0, 7))
            for _ in range(5)
        ],
        st.tuples(st.just("repair"), WHO, st.booleans(), st.just(0)),
        st.tuples(st.just("miss"), WHO, st.integers(0, 600), st.just(0)),
        st.tuples(st.just("change"), WHO, st.just(0), st.just(0)),
        st.tuples(st.just("present"), WHO, st.booleans(), st.just(0)),
        st.tuples(st.just("wait"), WHO, st.integers(1, 30), st.just(0)),
    ),
    min_size=30,
    max_size=150,
)


@pytest.fixture(autouse=True)
def no_loop() -> Iterator[None]:
    """Nothing here needs the loop; the relay's certificates are made once."""
    from signaling.media import relay
    from signaling.media._aiortc_compat import make_certificate

    certificate = make_certificate()
    with (
        mock.patch.object(relay, "make_certificate", return_value=certificate),
        mock.patch.object(packets, "srtp_unprotect", return_value=0),
    ):
        yield


@pytest.mark.property
@settings(max_examples=200)
@given(STEPS)
def test_no_number_is_ever_sealed_twice(steps: list[tuple[str, str, int, int]]) -> None:
    world = World()
    with mock.patch.object(packets, "srtp_protect", world.cipher.protect):
        for who in PEOPLE[:2]:
            world.come(who, rtx=True)
        for what, who, some, more in steps:
            world.turn += 1
            world.now += 0.01
            if what == "come":
                world.come(who, rtx=bool(some))
            elif what == "wait":
                world.now += some / 10
            elif who not in world.people:
                continue
            elif what == "go":
                world.go(who)
            elif what == "send":
                screen, key, arrives = more & 4 > 0, more & 2 > 0, more & 1 > 0
                world.send(who, some, screen=screen, key=key, arrives=arrives)
            elif what == "repair":
                world.repair(who, screen=bool(some))
            elif what == "miss":
                world.miss(who, some)
            elif what == "change":
                world.change(who)
            else:
                world.relay.present(world.people[who].leg.id, on=bool(some))
    _check_times(world.cipher)
    world.relay.stop_legs()


def _check_times(cipher: Cipher) -> None:
    """What is newer by number is not older by its timestamp, over every change of source."""
    for sent in cipher.order.values():
        highest, latest = sent[0]
        for number, timestamp in sent[1:]:
            if 0 < (number - highest) & 0xFFFF < 0x8000:
                ahead = (timestamp - latest) & 0xFFFFFFFF
                assert ahead < 1 << 31, "the time went back"
                highest, latest = number, timestamp


def test_the_walk_gets_somewhere() -> None:
    """What the property says of nothing would be true of anything."""
    world = World()
    with mock.patch.object(packets, "srtp_protect", world.cipher.protect):
        for who in PEOPLE:
            world.come(who, rtx=True)
        world.send("anna", 1, screen=False, key=True, arrives=True)
        for n in range(10):
            world.send("anna", 1, screen=False, key=False, arrives=n % 3 > 0)
        world.repair("anna", screen=False)
        world.relay.present(world.people["anna"].leg.id, on=True)
        world.send("anna", 1, screen=True, key=True, arrives=True)
        world.miss("bo", 2)
    ssrcs = {ssrc for _, ssrc, _ in world.cipher.sealed}
    bo = world.people["bo"].leg.streams
    for mid in (slots.video_mid(0), slots.SCREEN_MID):
        assert bo[mid].ssrc.to_bytes(4, "big") in ssrcs
    rtx = bo[slots.video_mid(0)].rtx
    assert rtx is not None
    assert rtx.to_bytes(4, "big") in ssrcs
    assert world.relay.packets.counters.rtx_restored == 4
    assert len(world.cipher.sealed) >= 2 * (11 + 1) + 3
    world.relay.stop_legs()
