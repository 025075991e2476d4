"""Peers for the relay's tests: aiortc's own, and one that can do what aiortc can't.

`Robot` does real DTLS-SRTP (aiortc's) over a socket of its own with its own connectivity checks,
so that it can restart ICE, change its address, and send packets that no browser would.
"""

import asyncio
import contextlib
import re
import secrets
import struct
from collections.abc import Callable
from typing import Any

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from typing_extensions import override

from signaling.media import rtcp, rtp, stun
from tests.media.told import Told, read

RTP = struct.Struct("!BBHLL")


class _Pipe:
    role = "controlling"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._out = send
        self.waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def _recv(self) -> bytes:
        data = await self.waiting.get()
        if data is None:
            raise ConnectionError("closed")
        return data

    def close(self) -> None:
        """End the handshake also where `asyncio.wait_for` swallows a cancellation."""
        self.waiting.put_nowait(None)

    async def _send(self, data: bytes) -> None:
        self._out(data)


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, robot: "Robot") -> None:
        self._robot = robot

    @override
    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._robot.sources.add(addr[:2])
        self._robot.took(data)


def pick(offer: str, pattern: str) -> str:
    """The first group of the first match in an offer."""
    match = re.search(pattern, offer)
    assert match, pattern
    return match[1]


def addresses(offer: str) -> list[tuple[str, int]]:
    """Where an offer says that the relay listens, best first; its two sections say the same."""
    found = re.findall(r"a=candidate:\d+ 1 udp \d+ (\S+) (\d+) typ host", offer)
    assert found
    assert found[: len(found) // 2] == found[len(found) // 2 :]
    return [(host, int(port)) for host, port in found[: len(found) // 2]]


class Robot:
    """A peer with audio and video that counts all it gets."""

    def __init__(self, audio: int = 0, video: int = 0, *, rtx: bool = True) -> None:
        self.audio = audio or secrets.randbelow(1 << 31) + 2
        self.video = video or secrets.randbelow(1 << 31) + 2
        self.video_rtx = secrets.randbelow(1 << 31) + 2
        self.rtx = rtx
        self.packets: list[bytes] = []
        self.messages: list[rtcp.Message] = []
        #: What it was told of the arrival of its own packets.
        self.told: list[Told] = []
        self.answered: set[bytes] = set()
        #: The addresses, with their ports, that anything came from.
        self.sources: set[tuple[str, int]] = set()
        self.came = asyncio.Event()
        self.bad = 0
        self._certificate = RTCCertificate.generateCertificate()
        self._pipe = _Pipe(self.send)
        self.dtls = RTCDtlsTransport(self._pipe, [self._certificate])  # type: ignore[arg-type]
        self.dtls._set_role("client")
        self._transport: asyncio.DatagramTransport | None = None
        self.to = ("127.0.0.1", 0)
        self.offer = ""

    # -- signalling ---------------------------------------------------------------------------

    def take(self, offer: str) -> str:
        """Read an offer; the answer. What is sent goes to the first address that it names."""
        self.offer = offer
        self.to = addresses(offer)[0]
        self.ufrag = pick(offer, r"ice-ufrag:(\S+)")
        self.password = pick(offer, r"ice-pwd:(\S+)").encode()
        self.given_audio = int(pick(offer, r"a=ssrc:(\d+) cname"))
        self.given_video = int(pick(offer, r"FID (\d+) "))
        self.given_rtx = int(pick(offer, r"FID \d+ (\d+)"))
        return self.answer()

    def answer(self) -> str:
        digest = next(
            f.value for f in self._certificate.getFingerprints() if f.algorithm == "sha-256"
        )
        common = (
            "c=IN IP4 0.0.0.0\r\na=ice-ufrag:robo\r\na=ice-pwd:robotrobotrobotrobotro\r\n"
            f"a=fingerprint:sha-256 {digest}\r\na=setup:active\r\na=sendrecv\r\na=rtcp-mux\r\n"
        )
        formats = "96 97" if self.rtx else "96"
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
            f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{common}a=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
            f"a=ssrc:{self.audio} cname:robot\r\n"
            f"m=video 9 UDP/TLS/RTP/SAVPF {formats}\r\n{common}a=mid:1\r\na=rtpmap:96 VP8/90000\r\n"
            f"a=ssrc-group:FID {self.video} {self.video_rtx}\r\na=ssrc:{self.video} cname:robot\r\n"
        )

    # -- transport ----------------------------------------------------------------------------

    async def move(self, host: str | None = None) -> None:
        """Get a new address (and leave the old one), by default on the relay's loopback."""
        if self._transport is not None:
            self._transport.close()
        loop = asyncio.get_running_loop()
        own = host or ("::1" if ":" in self.to[0] else "127.0.0.1")
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(self), local_addr=(own, 0)
        )

    async def check(
        self, *, nominate: bool = True, password: bytes | None = None, within: float = 5.0
    ) -> bool:
        """Send a connectivity check; whether a signed answer came."""
        number = secrets.token_bytes(12)
        self.send(
            stun.request(number, f"{self.ufrag}:robo", password or self.password, nominate=nominate)
        )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while number not in self.answered:
                    self.came.clear()
                    await self.came.wait()
                return True
        return False

    async def connect(self) -> None:
        """Connectivity check, then DTLS as the client."""
        await self.move()
        assert await self.check()
        digest = pick(self.offer, r"fingerprint:sha-256 (\S+)")
        await self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", digest)]))
        assert self.dtls.state == "connected"

    async def close(self) -> None:
        await self.dtls.stop()
        if self._transport is not None:
            self._transport.close()

    def vanish(self) -> None:
        """Go without a word."""
        if self.dtls._task is not None:
            self.dtls._task.cancel()
        if self._transport is not None:
            self._transport.close()

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(data, self.to)

    def took(self, data: bytes) -> None:
        if data[0] < 4:
            self.answered.add(data[8:20])
            self.came.set()
        elif data[0] < 64:
            self._pipe.waiting.put_nowait(data)
        elif self.dtls._rx_srtp is not None:
            try:
                if 191 < data[1] < 224:
                    clear = self.dtls._rx_srtp.unprotect_rtcp(data)
                    self.messages += rtcp.parse(clear)
                    self.told += read(clear)
                else:
                    self.packets.append(self.dtls._rx_srtp.unprotect(data))
            except Exception as error:
                # What is sent again as it was is a replay to libsrtp; anything else is a fault.
                self.bad += "replay" not in str(error)

    # -- media --------------------------------------------------------------------------------

    def send_rtp(self, packet: bytes) -> None:
        self.send(self.dtls._tx_srtp.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        self.send(self.dtls._tx_srtp.protect_rtcp(packet))

    def send_audio(self, sequence: int, payload: bytes = b"opus") -> None:
        self.send_rtp(
            RTP.pack(0x80, rtp.OPUS, sequence & 0xFFFF, sequence * 960, self.audio) + payload
        )

    def video_packet(
        self, sequence: int, payload: bytes = b"vp8 frame", *, number: int | None = None
    ) -> bytes:
        """As a browser makes it; `number` is the transport-wide one."""
        extension = bytes([rtp.ABS_SEND_TIME_ID << 4 | 2, 0, 0, 0])
        if number is not None:
            extension += bytes([rtp.TRANSPORT_CC_ID << 4 | 1, *number.to_bytes(2, "big"), 0])
        extension = b"\xbe\xde" + (len(extension) // 4).to_bytes(2, "big") + extension
        head = RTP.pack(0x90, rtp.VP8, sequence & 0xFFFF, sequence * 3000 & 0xFFFFFFFF, self.video)
        return head + extension + payload

    def send_video(self, sequence: int, payload: bytes = b"vp8 frame") -> None:
        self.send_rtp(self.video_packet(sequence, payload))

    def got(self, ssrc: int) -> list[tuple[int, int, bytes]]:
        """Sequence, timestamp and payload of what came under an SSRC."""
        found = []
        for packet in self.packets:
            _, _, sequence, timestamp, theirs = RTP.unpack_from(packet)
            span = rtp.payload_span(packet)
            if theirs == ssrc and span is not None:
                found.append((sequence, timestamp, packet[slice(*span)]))
        return found

    def said(self, kind: type[Any]) -> list[Any]:
        """The RTCP messages of one kind."""
        return [message for message in self.messages if isinstance(message, kind)]


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until the condition holds; fails when it never does."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)
