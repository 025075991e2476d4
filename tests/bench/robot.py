"""A peer of the media benchmark: aiortc's ICE and DTLS, then packets by hand.

The same robot meets our relay and aiortc's MediaRelay. Once it is connected it neither encodes nor
decodes: it sends a ready clip and counts what comes, so that the load costs little.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import time
from typing import Any

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.bench.clip import FPS, Clip

_HEAD = struct.Struct("!BBHLL")
_MARKER = 0x80
# One packet in so many is opened; the rest are counted by their length alone.
_SAMPLE = 20


async def _nothing(*_: object) -> None:
    """Instead of aiortc's own sending and receiving."""


class MediaRobot:
    """One side of a visit."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip
        self._call = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.sent = self.received = self.video_received = self.opened = self.unreadable = 0
        self._sequence = {"audio": random.randrange(20_000), "video": random.randrange(20_000)}
        self._stamp = {"audio": random.randrange(1 << 30), "video": random.randrange(1 << 30)}

    async def answer(self, offer: str) -> str:
        """The answer to a server's offer."""
        await self._call.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in self._call.getTransceivers():
            transceiver.direction = "sendrecv"
            transceiver.sender.send = _nothing  # type: ignore[method-assign,assignment]
            transceiver.receiver.receive = _nothing  # type: ignore[method-assign,assignment]
        await self._call.setLocalDescription(await self._call.createAnswer())
        return str(self._call.localDescription.sdp)

    async def connected(self) -> None:
        """Wait for ICE and DTLS, then take the transport over."""
        async with asyncio.timeout(30):
            while self._call.connectionState != "connected":
                await asyncio.sleep(0.02)
        self._take_over()

    def _take_over(self) -> None:
        # The first of each kind sends: our relay's offer has more of them.
        by_kind: dict[str, Any] = {
            each.kind: each for each in reversed(self._call.getTransceivers())
        }
        dtls = by_kind["audio"].sender.transport
        self._seal, self._open = dtls._tx_srtp, dtls._rx_srtp
        pair = next(iter(dtls.transport._connection._nominated.values()))
        protocol = pair.protocol
        self._to = pair.remote_addr
        handle = protocol.transport.get_extra_info("socket").fileno()
        self._socket = socket.socket(fileno=os.dup(handle))
        self._socket.setblocking(False)
        self._ssrc = {kind: each.sender._ssrc for kind, each in by_kind.items()}
        self._type = {kind: each._codecs[0].payloadType for kind, each in by_kind.items()}
        before = protocol.datagram_received

        def received(data: bytes, address: Any) -> None:
            if not 127 < data[0] < 192:
                before(data, address)
            elif not 191 < data[1] < 224:
                self._count(data)

        protocol.datagram_received = received

    def _count(self, data: bytes) -> None:
        self.received += 1
        self.video_received += data[1] & 0x7F != self._type["audio"]
        if self.received % _SAMPLE == 0:
            try:
                self._open.unprotect(data)
                self.opened += 1
            except Exception:
                self.unreadable += 1

    def send_frame(self, number: int) -> None:
        """Send the packets of one picture."""
        payloads = self._clip.video[number % len(self._clip.video)]
        self._stamp["video"] += 90_000 // FPS
        for index, payload in enumerate(payloads):
            self._send("video", payload, _MARKER if index == len(payloads) - 1 else 0)

    def send_audio(self, number: int) -> None:
        """Send 20 ms of sound."""
        self._stamp["audio"] += 960
        self._send("audio", self._clip.audio[number % len(self._clip.audio)], 0)

    def _send(self, kind: str, payload: bytes, marker: int) -> None:
        self._sequence[kind] = (self._sequence[kind] + 1) & 0xFFFF
        head = _HEAD.pack(
            0x80,
            self._type[kind] | marker,
            self._sequence[kind],
            self._stamp[kind] & 0xFFFFFFFF,
            self._ssrc[kind],
        )
        try:
            self._socket.sendto(self._seal.protect(head + payload), self._to)
        except BlockingIOError:
            return
        self.sent += 1

    async def close(self) -> None:
        """Say goodbye."""
        self._socket.close()
        await self._call.close()


async def talk(robots: list[MediaRobot], seconds: float) -> None:
    """All of them send for so long: 30 pictures and 50 packets of sound a second each."""
    began = time.monotonic()
    # Spread over a picture's time, or all would send at the same instant.
    due = [(began + random.random() / FPS, began + random.random() / 50) for _ in robots]
    frames, sounds = [0] * len(robots), [0] * len(robots)
    while (now := time.monotonic()) < began + seconds:
        for index, robot in enumerate(robots):
            while due[index][0] + frames[index] / FPS <= now:
                robot.send_frame(frames[index])
                frames[index] += 1
            while due[index][1] + sounds[index] / 50 <= now:
                robot.send_audio(sounds[index])
                sounds[index] += 1
        await asyncio.sleep(0.002)
