"""A peer of the media benchmarks: aiortc's ICE and DTLS, then packets by hand.

The same robot meets every server. Once it is connected it neither encodes nor decodes: it sends a
ready clip and counts what comes, so that the load costs little.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from signaling.media import rtcp
from tests.bench.clip import FPS, Clip
from tests.bench.robot_rtp import Extensions, reports

_HEAD = struct.Struct("!BBHLL")
_MARKER = 0x80
# One packet in so many is opened; the rest are counted by their length alone.
_SAMPLE = 20


Way = Literal["sendrecv", "sendonly", "recvonly"]


async def _nothing(*_: object) -> None:
    """Instead of aiortc's own sending and receiving."""


class MediaRobot:
    """One connection: both ways, or one.

    With `tagged` the last eight bytes of what it sends say when it was sent, for the robot that
    receives it on the same machine. A server that decodes would see a broken picture.
    """

    def __init__(self, clip: Clip, *, tagged: bool = False) -> None:
        self._clip = clip
        self._tagged = tagged
        self._call = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        #: How long opened packets were under way, in milliseconds.
        self.latencies: list[float] = []
        self.video_received = self.opened = self.unreadable = 0
        self.begin()
        self._sequence = {"audio": random.randrange(20_000), "video": random.randrange(20_000)}
        self._stamp = {"audio": random.randrange(1 << 30), "video": random.randrange(1 << 30)}
        self._packets = {"audio": 0, "video": 0}
        self._heard: set[int] = set()
        #: Set by who must know: called when a whole picture is asked for (PLI, RFC 4585).
        self.on_keyframe_asked: Callable[[], None] | None = None

    def begin(self) -> None:
        """Count what is sent and received from here on."""
        self.sent = self.received = 0
        self.latencies.clear()

    async def answer(self, offer: str, way: Way = "sendrecv") -> str:
        """The answer to a server's offer."""
        await self._call.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        self._quiet(self._call.getTransceivers(), way)
        await self._call.setLocalDescription(await self._call.createAnswer())
        return str(self._call.localDescription.sdp)

    async def offer(self, way: Way = "sendrecv") -> str:
        """An offer of sound and a VP8 picture, for a server that answers."""
        codecs = RTCRtpSender.getCapabilities("video").codecs
        for kind in ("audio", "video"):
            transceiver = self._call.addTransceiver(kind)
            if kind == "video":
                transceiver.setCodecPreferences(
                    [each for each in codecs if each.mimeType in ("video/VP8", "video/rtx")]
                )
        self._quiet(self._call.getTransceivers(), way)
        await self._call.setLocalDescription(await self._call.createOffer())
        return str(self._call.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """Take the answer to one's own offer."""
        await self._call.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    @staticmethod
    def _quiet(transceivers: Sequence[RTCRtpTransceiver], way: Way) -> None:
        for transceiver in transceivers:
            transceiver.direction = way
            transceiver.sender.send = _nothing  # type: ignore[method-assign,assignment]
            transceiver.receiver.receive = _nothing  # type: ignore[method-assign,assignment]

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
        self._extensions = {kind: Extensions.of(each) for kind, each in by_kind.items()}
        before = protocol.datagram_received

        def received(data: bytes, address: Any) -> None:
            if not 127 < data[0] < 192:
                before(data, address)
            elif not 191 < data[1] < 224:
                self._count(data)
            elif self.on_keyframe_asked is not None:
                for message in rtcp.parse(self._open.unprotect_rtcp(data)):
                    if isinstance(message, rtcp.KeyframeRequest):
                        self.on_keyframe_asked()

        protocol.datagram_received = received

    def _count(self, data: bytes) -> None:
        self.received += 1
        self.video_received += data[1] & 0x7F != self._type["audio"]
        if self.received % _SAMPLE == 0:
            self._look_into(data)

    def _look_into(self, data: bytes) -> None:
        self._heard.add(int.from_bytes(data[8:12]))
        try:
            plain = self._open.unprotect(data)
        except Exception:
            self.unreadable += 1
            return
        self.opened += 1
        if self._tagged:
            under_way = time.monotonic_ns() - int.from_bytes(plain[-8:])
            self.latencies.append(under_way / 1e6)

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

    def send_reports(self) -> None:
        """What a browser tells once a second: what it has sent, and how much it may be sent."""
        mine = [(self._ssrc[kind], self._stamp[kind], self._packets[kind]) for kind in self._ssrc]
        for packet in reports(mine, sorted(self._heard)[:4]):
            self._put(self._seal.protect_rtcp(packet))

    def _send(self, kind: str, payload: bytes, marker: int) -> None:
        self._sequence[kind] = (self._sequence[kind] + 1) & 0xFFFF
        extensions = self._extensions[kind].now()
        head = _HEAD.pack(
            0x90 if extensions else 0x80,
            self._type[kind] | marker,
            self._sequence[kind],
            self._stamp[kind] & 0xFFFFFFFF,
            self._ssrc[kind],
        )
        if self._tagged:
            payload = payload[:-8] + time.monotonic_ns().to_bytes(8)
        if self._put(self._seal.protect(head + extensions + payload)):
            self.sent += 1
            self._packets[kind] += 1

    def _put(self, packet: bytes) -> bool:
        try:
            self._socket.sendto(packet, self._to)
        except BlockingIOError:
            return False
        return True

    async def close(self) -> None:
        """Say goodbye."""
        self._socket.close()
        await self._call.close()


async def talk(robots: Sequence[MediaRobot], seconds: float) -> list[float]:
    """All of them send for so long: 30 pictures and 50 packets of sound a second each.

    How late each picture and packet of sound was sent, in milliseconds.
    """
    began = time.monotonic()
    # Spread over a picture's time, or all would send at the same instant.
    due = [(began + random.random() / FPS, began + random.random() / 50) for _ in robots]
    frames, sounds, told = ([0] * len(robots) for _ in range(3))
    late: list[float] = []
    while (now := time.monotonic()) < began + seconds:
        for index, robot in enumerate(robots):
            frame_at, sound_at = due[index]
            while (at := frame_at + frames[index] / FPS) <= now:
                robot.send_frame(frames[index])
                frames[index] += 1
                late.append(1e3 * (time.monotonic() - at))
            while (at := sound_at + sounds[index] / 50) <= now:
                robot.send_audio(sounds[index])
                sounds[index] += 1
                late.append(1e3 * (time.monotonic() - at))
            if sound_at + 0.5 + told[index] <= now:
                robot.send_reports()
                told[index] += 1
        await asyncio.sleep(0.001)
    return late
