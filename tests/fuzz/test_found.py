"""What the fuzz targets have found, each by the input that showed it."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import orjson
import pytest

from signaling.media import limits, rtcp, rtp
from signaling.media._aiortc_compat import PacketBuffer, Srtp, srtp_unprotect
from signaling.rooms.media_port import LegMediaChanged, MediaEvent, MediaUnavailable
from signaling.worker.client import WorkerClient
from tests.fuzz.memory import held
from tests.fuzz.targets.control import Pipe
from tests.fuzz.world import MemoryPeer, MemoryRelay

pytestmark = pytest.mark.fuzz


@pytest.fixture
async def world() -> AsyncIterator[MemoryRelay]:
    world = MemoryRelay()
    yield world
    await world.stop()


def _packet(ssrc: int, payload_type: int, number: int = 1, size: int = 20) -> bytes:
    head = bytes([0x80, payload_type]) + rtp.NUMBERS.pack(number, 0, ssrc)
    return head.ljust(size, b"x")


async def test_a_datagram_of_the_largest_size_leaves_with_a_longer_tag(world: MemoryRelay) -> None:
    """It came with ten bytes of tag and leaves with sixteen: six were written behind the buffer."""
    patient = await world.joined("patient", "p", weak=True)
    clinician = await world.joined("clinician", "c")
    clear = _packet(patient.video, rtp.VP8, size=limits.DATAGRAM - 10)
    arrived: list[bytes] = []
    world.socket.peers[clinician.address] = arrived.append
    patient.send_sealed(clear)
    (sealed,) = [each for each in arrived if len(each) > 1000]
    assert len(sealed) == len(clear) + 16
    scratch = PacketBuffer()
    scratch.view[: len(sealed)] = sealed
    scratch.length[0] = len(sealed)
    assert srtp_unprotect(Srtp(clinician.dtls, scratch).rx, scratch.cdata, scratch.length) == 0
    assert scratch.view[12 : scratch.length[0]] == clear[12:]
    await _leave(patient, clinician)


@pytest.mark.parametrize("payload_type", [0, 63, 127])
async def test_streams_of_no_known_kind_cost_no_memory(
    world: MemoryRelay, payload_type: int
) -> None:
    """libsrtp keeps a context for every SSRC that it has opened a packet of."""
    patient = await world.joined("patient", "p")
    session = patient.dtls._tx_srtp
    before = held()
    for ssrc in range(1000, 4000):
        patient.send_rtp(_packet(ssrc, payload_type))
        session.remove_stream(ssrc)
    assert held().since(before).malloced < 200_000
    await _leave(patient)


async def test_reports_under_ever_new_names_cost_no_memory(world: MemoryRelay) -> None:
    patient = await world.joined("patient", "p")
    session = patient.dtls._tx_srtp
    before = held()
    for ssrc in range(1000, 4000):
        patient.send_rtcp(ssrc.to_bytes(4, "big").join((b"\x80\xc9\0\1", b"")))
        session.remove_stream(ssrc)
    assert held().since(before).malloced < 200_000
    stats = world.relay.stats()
    assert stats["srtp_failures"] == 0
    # Its first few names are heard, and go on to be.
    patient.send_rtcp(rtcp.pli(1)[:4] + (1000).to_bytes(4, "big") + bytes(4))
    assert world.relay.stats()["not_sent"] == stats["not_sent"] > 2900
    await _leave(patient)


@pytest.mark.parametrize("turns", range(5))
async def test_a_handshake_ends_with_its_leg_also_when_a_datagram_comes_with_the_end(
    world: MemoryRelay, turns: int
) -> None:
    """`asyncio.wait_for` of Python 3.11 swallows that cancellation: the task waited for ever."""
    before = asyncio.all_tasks()
    peer = MemoryPeer(world)
    answer = peer.take(world.relay.open("visit", "p", "patient"))
    assert await peer.check()
    peer.hold = []
    world.relay.answer("p", answer)
    client = peer.begin()
    async with asyncio.timeout(10):
        while not peer.hold:
            await asyncio.sleep(0)
        world.give(peer.hold.pop(0), peer.address)
        while not peer.hold:
            await asyncio.sleep(0)
        # Half way now: the relay waits for more, with a time limit.
        world.give(bytes.fromhex("17fefd000500000000000900010000"), peer.address)
        for _ in range(turns):
            await asyncio.sleep(0)
        world.relay.close("p")
        await peer.leave()
        await asyncio.gather(client, return_exceptions=True)
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "line",
    [
        b"7",
        b'["event"]',
        b'[{"id": "v=0"}]',
        b'{"event": "leg.state", "leg_id": []}',
        b'{"event": []}',
        b'{"event": "leg.state", "leg_id": "l"}',
        b'{"event": "leg.state", "leg_id": "l", "visit_id": "v", "state": "up"}',
        b'{"event": "leg.media", "leg_id": 7, "audio": true, "video": 1}',
    ],
)
async def test_a_worker_that_talks_nonsense_does_not_end_its_connection(
    line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    client, heard = WorkerClient(), list[MediaEvent]()
    client.on_event(heard.append)
    client.data_received(line + b"\n")
    client.data_received(b'{"event": "leg.media", "leg_id": "l", "audio": true, "video": false}\n')
    assert heard == [LegMediaChanged("l", True, False)]
    assert "media.line_malformed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "answer",
    [{"ok": True}, {"ok": True, "sdp": 7}, {"ok": {}}, {"ok": False, "error": ["media.full"]}],
)
async def test_an_answer_that_makes_no_sense_is_no_media(answer: dict[str, object]) -> None:
    client, pipe = WorkerClient(), Pipe()
    client.connection_made(cast("asyncio.WriteTransport", pipe))
    asked = asyncio.gather(client.restart("l"), return_exceptions=True)
    await asyncio.sleep(0)
    (sent,) = pipe.take()
    client.data_received(orjson.dumps({"id": sent["id"], **answer}) + b"\n")
    assert isinstance((await asked)[0], MediaUnavailable)


async def _leave(*peers: MemoryPeer) -> None:
    for peer in peers:
        await peer.leave()
