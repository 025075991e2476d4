"""The baseline of the media benchmark: visits through aiortc's MediaRelay, as a process.

Speaks JSON lines: `{"open": visit}` → `{"leg", "offer"}`; `{"answer": leg, "sdp"}` → `{}`.
"""

from __future__ import annotations

import asyncio
import json
import sys

import aioice.ice
import uvloop
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpsender import RTCRtpSender


class Stock:
    """Decodes what comes and encodes it anew for the other side, as aiortc's examples do."""

    def __init__(self) -> None:
        self._calls: list[RTCPeerConnection] = []
        self._tracks: list[dict[str, MediaStreamTrack]] = []
        self._visits: dict[str, list[int]] = {}
        self._relay = MediaRelay()

    async def open(self, visit: str) -> dict[str, object]:
        call = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        leg = len(self._calls)
        tracks: dict[str, MediaStreamTrack] = {}
        call.on("track", lambda track: tracks.update({track.kind: track}))
        call.addTransceiver("audio", "sendrecv")
        video = call.addTransceiver("video", "sendrecv")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([each for each in codecs if each.mimeType == "video/VP8"])
        await call.setLocalDescription(await call.createOffer())
        self._calls.append(call)
        self._tracks.append(tracks)
        self._visits.setdefault(visit, []).append(leg)
        return {"leg": leg, "offer": call.localDescription.sdp}

    async def answer(self, leg: int, sdp: str) -> dict[str, object]:
        await self._calls[leg].setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        for legs in self._visits.values():
            if legs[-1] == leg and len(legs) == 2:
                self._join(*legs)
                self._join(*reversed(legs))
        return {}

    def _join(self, source: int, target: int) -> None:
        for transceiver in self._calls[target].getTransceivers():
            track = self._tracks[source][transceiver.kind]
            transceiver.sender.replaceTrack(self._relay.subscribe(track))


async def main() -> None:
    """Serve until standard input ends."""
    # aioice leaves loopback out.
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    aioice.ice.get_host_addresses = lambda **_: [address]
    stock = Stock()
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        asked = json.loads(line)
        if "open" in asked:
            told = await stock.open(asked["open"])
        else:
            told = await stock.answer(asked["answer"], asked["sdp"])
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
