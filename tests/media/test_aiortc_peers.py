"""Two of aiortc's own peer connections, from offer to decoded frames."""

import asyncio
from collections.abc import AsyncIterator

import aioice.ice
import pytest
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack, VideoStreamTrack

from signaling.media import slots
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
    lab: Lab, calls: list[RTCPeerConnection], role: str, video: MediaStreamTrack
) -> tuple[str, dict[str, MediaStreamTrack]]:
    call = RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )
    calls.append(call)
    tracks: dict[str, MediaStreamTrack] = {}
    # The first of each kind is the first slot's.
    call.on("track", lambda track: tracks.setdefault(track.kind, track))
    offer = lab.relay.open("visit", role, role)
    await call.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    call.addTrack(AudioStreamTrack())
    call.addTrack(video)
    await call.setLocalDescription(await call.createAnswer())
    lab.relay.answer(role, call.localDescription.sdp)
    return offer, tracks


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
