"""Two of aiortc's own peer connections, from offer to decoded frames."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from typing import Any, cast

import aioice.ice
import pytest
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack
from av import VideoFrame
from typing_extensions import override

from signaling.media import rtp, slots
from tests.media.conftest import Lab
from tests.media.peers import pick


@pytest.fixture
def blockbuster() -> None:
    """Off: aiortc waits for its decoder's thread on the loop when it closes."""


@pytest.fixture
async def calls(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[RTCPeerConnection]]:
    # aioice leaves loopback out, and there may be no other interface here.
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])
    opened: list[RTCPeerConnection] = []
    yield opened
    for call in opened:
        await call.close()


async def join(
    lab: Lab,
    calls: list[RTCPeerConnection],
    role: str,
    video: MediaStreamTrack,
    *,
    echo: bool = False,
) -> tuple[str, dict[str, MediaStreamTrack]]:
    call = RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )
    calls.append(call)
    tracks: dict[str, MediaStreamTrack] = {}
    # The first of each kind is the first slot's.
    call.on("track", lambda track: tracks.setdefault(track.kind, track))
    offer = lab.relay.open("visit", role, role, echo=echo)
    await call.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    call.addTrack(AudioStreamTrack())
    call.addTrack(video)
    await call.setLocalDescription(await call.createAnswer())
    lab.relay.answer(role, _without_rtx_down(call.localDescription.sdp))
    return offer, tracks


def _without_rtx_down(answer: str) -> str:
    """The answer of a peer that gets lost packets again as they were.

    aiortc knows the SSRC of a repair only while there is a single section of video.
    """
    head, *sections = answer.split("m=")
    plain = f"SAVPF {rtp.VP8}\r\n"
    return "m=".join(
        [
            head,
            *(
                each.replace(f"SAVPF {rtp.VP8} {rtp.RTX}\r\n", plain)
                if "a=recvonly" in each
                else each
                for each in sections
            ),
        ]
    )


async def test_a_call_between_aiortc_peers(lab: Lab, calls: list[RTCPeerConnection]) -> None:
    _, patient_sees = await join(lab, calls, "patient", VideoStreamTrack())
    offer, clinician_sees = await join(lab, calls, "clinician", VideoStreamTrack())
    async with asyncio.timeout(15):
        for tracks in (patient_sees, clinician_sees):
            for kind in ("audio", "video"):
                for _ in range(3):
                    await tracks[kind].recv()
    assert calls[1].connectionState == "connected"
    mid = str(slots.video_mid(0))
    receiver = next(t.receiver for t in calls[1].getTransceivers() if t.mid == mid)
    assert int(pick(offer, r"FID (\d+) ")) in {
        s.source for s in receiver.getSynchronizationSources()
    }
    stats = lab.relay.stats()
    assert stats["srtp_failures"] == 0
    assert stats["rtcp_malformed"] == 0


async def test_an_aiortc_peer_sees_and_hears_itself(
    lab: Lab, calls: list[RTCPeerConnection]
) -> None:
    _, sees = await join(lab, calls, "patient", _Grainy(), echo=True)
    async with asyncio.timeout(15):
        for kind in ("audio", "video"):
            for _ in range(3):
                frame = await sees[kind].recv()
                if isinstance(frame, VideoFrame):
                    assert (frame.width, frame.height) == (160, 120)


class _Lossy:
    """A relay's socket that loses every twentieth media packet, repairs too, of each direction."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._came = self._left = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def recvfrom_into(self, buffer: memoryview, most: int) -> tuple[int, Any]:
        while True:
            size, address = self._inner.recvfrom_into(buffer, most)
            self._came += _is_media(buffer)
            if not _is_media(buffer) or self._came % 20:
                return size, address

    def sendto(self, data: Any, address: Any) -> int:
        self._left += _is_media(data)
        return (
            len(data)
            if _is_media(data) and not self._left % 20
            else self._inner.sendto(data, address)
        )


def _is_media(data: Any) -> bool:
    return 127 < data[0] < 192 and not 191 < data[1] < 224


class _Grainy(VideoStreamTrack):
    """Small pictures that take several packets each."""

    @override
    async def recv(self) -> Any:
        frame = VideoFrame(160, 120, "yuv420p")
        frame.pts, frame.time_base = await self.next_timestamp()
        for plane in cast("Any", frame).planes:
            plane.update(os.urandom(plane.buffer_size))
        return frame


_STRETCHES = 4


async def test_every_twentieth_packet_lost_both_ways_costs_no_picture(
    lab: Lab, calls: list[RTCPeerConnection]
) -> None:
    (port,) = lab.relay.ports
    port.sock = cast("Any", _Lossy(port.sock))
    _, patient_sees = await join(lab, calls, "patient", _Grainy())
    _, clinician_sees = await join(lab, calls, "clinician", _Grainy())
    async with asyncio.timeout(120):
        for tracks in (patient_sees, clinician_sees):
            while "video" not in tracks:
                await asyncio.sleep(0.01)
            for _ in range(15):  # the first pictures are asked for whole
                await tracks["video"].recv()
        # Of a machine that stands still for a second a repair comes too late, whoever sent it: one
        # stretch must be whole. Each loses some sixteen packets.
        for _ in range(_STRETCHES):
            before = _keyframes_asked(lab)
            for tracks in (patient_sees, clinician_sees):
                for _ in range(40):
                    await tracks["video"].recv()
            if _keyframes_asked(lab) == before:
                break
        else:
            pytest.fail("in every stretch a part of a picture was lost for good")
    stats = lab.relay.stats()
    assert stats["rtx_restored"] > 0
    for counted in stats["legs"].values():
        assert counted["nack_hits"] > 0, "repaired from the cache"
        assert counted["nack_upstream"] > 0, "asked for at the sender"


def _keyframes_asked(lab: Lab) -> dict[str, int]:
    return {leg: told["keyframes_asked"] for leg, told in lab.relay.stats()["legs"].items()}
