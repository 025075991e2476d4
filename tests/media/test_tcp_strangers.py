"""What a stranger can do to the relay over TCP: little, and not for long."""

import asyncio
import errno
import os
import socket
from typing import Any, cast

import pytest
from typing_extensions import override

from signaling.media import limits, stun
from signaling.media.tcp import TcpGate
from tests.media.conftest import Lab
from tests.media.dialler import Dialler, Line, frame
from tests.media.peers import until

_TLS_HELLO = bytes.fromhex("160301020001000001fc0303") + bytes(500)


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: patient.example\r\n\r\n" + bytes(0x4745),
        _TLS_HELLO,
        frame(b"\x80\x60" + bytes(40)),
        frame(bytes([22]) + bytes(60)),
        frame(stun.request(b"transaction.", "nobody:x", b"password")),
        frame(stun.request(b"transaction.", "nobody:x", b"password")[:-1]),
        frame(bytes(limits.STUN_BYTES + 4)),
        b"\xff\xff",
    ],
    ids=[
        "http", "tls", "media", "dtls", "unknown leg", "broken check", "too long",
        "only a length",
    ],
)  # fmt: skip
async def test_who_begins_with_anything_but_a_check_is_closed(lab: Lab, said: bytes) -> None:
    line = await Line.to(lab.relay.tcp_addresses[0])
    line.send(said)
    await line.closed.wait()
    assert not line.got, "nothing is ever answered"
    await until(lambda: not lab.relay.gate.links)


async def test_a_first_frame_that_no_check_fills_is_not_waited_for(lab: Lab) -> None:
    line = await Line.to(lab.relay.tcp_addresses[0])
    line.send((limits.STUN_BYTES + 4).to_bytes(2, "big"))
    await line.closed.wait()
    assert not lab.relay.stats()["tcp_unproved"], "at once, and not when its time was over"


async def test_a_check_with_another_password_is_closed(lab: Lab) -> None:
    patient, _ = await lab.pair()
    line = await Line.to(lab.relay.tcp_addresses[0])
    line.send(frame(stun.request(b"transaction.", f"{patient.ufrag}:robo", b"a guess")))
    await line.closed.wait()
    assert not line.got
    assert lab.relay.stats()["tcp_unproved"] == 1


async def test_one_guess_a_connection(lab: Lab) -> None:
    """What follows a first frame that proves nothing is not even read."""
    patient, _ = await lab.pair()
    guess = frame(stun.request(b"transaction.", f"{patient.ufrag}:robo", b"a guess"))
    line = await Line.to(lab.relay.tcp_addresses[0])
    line.send(guess * 100)
    await line.closed.wait()
    assert lab.relay.stats()["stun_unauthentic"] == 1


async def test_silence_is_not_waited_for_long(lab: Lab) -> None:
    line = await Line.to(lab.relay.tcp_addresses[0])
    line.send(b"\x00")  # nor is somebody who says a byte at a time
    await until(lambda: lab.relay.gate.unproved == 1)
    lab.clock.ahead += limits.TCP_PROOF_WITHIN / 2
    line.send(b"\x40")
    await asyncio.sleep(0.3)
    assert not line.closed.is_set()
    lab.clock.ahead += limits.TCP_PROOF_WITHIN / 2 + 0.1
    await line.closed.wait()
    assert not lab.relay.gate.unproved


async def test_strangers_of_one_network_crowd_each_other_out(lab: Lab) -> None:
    patient = Dialler()
    await lab.join("patient", "p", robot=patient)
    lines = [await Line.to(lab.relay.tcp_addresses[0]) for _ in range(limits.TCP_UNPROVED_EACH + 5)]
    for line in lines[:5]:
        await line.closed.wait()
    await until(lambda: lab.relay.stats()["tcp_crowded_out"] == 5)
    assert lab.relay.gate.unproved == limits.TCP_UNPROVED_EACH
    assert not any(line.closed.is_set() for line in lines[5:])
    assert patient.line is not None
    assert not patient.line.closed.is_set(), "who has proved himself is not among them"
    clinician = Dialler()
    await lab.join("clinician", "c", robot=clinician)  # and a newcomer gets in
    clinician.send_video(1)
    await until(lambda: patient.packets)
    for line in lines:
        line.hang_up()
    await until(lambda: not lab.relay.gate.unproved)


class Listener:
    """A listener from which connections of any address come."""

    def __init__(self, *come: str) -> None:
        self.come = [*come]
        self.asked = 0
        self.ours: list[socket.socket] = []

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        self.asked += 1
        if not self.come:
            raise BlockingIOError
        address = self.come.pop(0)
        if address == "full":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        near, far = socket.socketpair()
        self.ours.append(near)
        if not self.come:
            self.quiet()
        return far, (address, 1234)

    def quiet(self) -> None:
        """Nobody waits any more."""

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 443

    def fileno(self) -> int:
        return self.ours[0].fileno()


def gate_at(listener: Listener, most: int = 1000) -> TcpGate:
    return TcpGate([("127.0.0.1", cast("Any", listener))], lambda port: None, lambda: 0.0, most)


async def test_strangers_from_everywhere_are_only_so_many() -> None:
    listener = Listener(*(f"192.0.2.{n}" for n in range(200)))
    gate = gate_at(listener)
    while listener.come:
        gate._accept(cast("Any", listener))
    assert gate.unproved == len(gate.links) == limits.TCP_UNPROVED
    assert gate.counters.tcp_crowded_out == 200 - limits.TCP_UNPROVED
    for link in list(gate.links):
        link.close()
    for sock in listener.ours:
        sock.close()


async def test_an_ipv6_network_is_one_stranger() -> None:
    listener = Listener(*(f"2001:db8::{n:x}:1" for n in range(limits.TCP_UNPROVED_EACH + 3)))
    listener.come.append("2001:db8:0:1::1")
    gate = gate_at(listener)
    while listener.come:
        gate._accept(cast("Any", listener))
    assert gate.counters.tcp_crowded_out == 3
    assert gate.unproved == limits.TCP_UNPROVED_EACH + 1
    for link in list(gate.links):
        link.close()
    for sock in listener.ours:
        sock.close()


async def test_legs_have_only_so_many_connections_together() -> None:
    listener = Listener("192.0.2.1", "192.0.2.2", "192.0.2.3")
    gate = gate_at(listener, most=2)
    gate._accept(cast("Any", listener))
    assert len(gate.links) == 2
    assert gate.counters.tcp_refused == 1
    for link in list(gate.links):
        link.close()
    for sock in listener.ours:
        sock.close()


async def test_without_descriptors_the_listener_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TCP_REST", 0.01)
    near, far = socket.socketpair()
    near.setblocking(False)

    class Full(Listener):
        @override
        def quiet(self) -> None:
            near.recv(100)

    listener = Full("full", "192.0.2.1")
    listener.ours.append(near)
    far.setblocking(False)
    far.send(b"somebody waits")  # readable from now on, as a listener that can't accept is
    gate = gate_at(listener)
    gate.start()
    await until(lambda: gate.links)
    assert listener.asked <= 4, "it asked without end"
    for link in list(gate.links):
        link.close()
    asyncio.get_running_loop().remove_reader(near.fileno())
    for sock in (*listener.ours, far):
        sock.close()
