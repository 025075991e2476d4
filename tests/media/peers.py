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

from signaling.media import rtcp, rtp, slots, stun
from tests.media.told import Told, read

RTP = struct.Struct("!BBHLL")
# A VP8 payload descriptor and the first bytes of a frame, with which a robot's payloads begin.
KEY, DELTA = b"\x10\x00key:", b"\x10\x01delta:"


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
    """Where an offer says that the relay listens, best first: its first section and its last."""
    found = re.findall(r"a=candidate:\d+ 1 udp \d+ (\S+) (\d+) typ host", offer)
    assert found
    assert found[: len(found) // 2] == found[len(found) // 2 :]
    return [(host, int(port)) for host, port in found[: len(found) // 2]]


def given(offer: str) -> dict[int, tuple[int, int | None]]:
    """The SSRC and the RTX SSRC of every section in which the relay sends, by mid."""
    found = {}
    for section in offer.split("\r\nm=")[1:]:
        ssrcs = list(dict.fromkeys(re.findall(r"a=ssrc:(\d+) ", section)))
        if ssrcs:
            rtx = int(ssrcs[1]) if len(ssrcs) > 1 else None
            found[int(pick(section, r"a=mid:(\d+)"))] = int(ssrcs[0]), rtx
    return found


class Robot:
    """A peer with sound, camera and screen that counts all it gets."""

    def __init__(self, audio: int = 0, video: int = 0, *, rtx: bool = True) -> None:
        self.audio = audio or secrets.randbelow(1 << 31) + 2
        self.video = video or secrets.randbelow(1 << 31) + 2
        self.video_rtx = secrets.randbelow(1 << 31) + 2
        self.screen = secrets.randbelow(1 << 31) + 2
        self.screen_rtx = secrets.randbelow(1 << 31) + 2
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
        self.given = given(offer)
        # Of the first slot: between two there is no other.
        self.given_audio, _ = self.given[slots.audio_mid(0)]
        self.given_video, rtx = self.given[slots.video_mid(0)]
        assert rtx is not None
        self.given_rtx = rtx
        return self.answer()

    def answer(self) -> str:
        digest = next(
            f.value for f in self._certificate.getFingerprints() if f.algorithm == "sha-256"
        )
        common = (
            "c=IN IP4 0.0.0.0\r\na=ice-ufrag:robo\r\na=ice-pwd:robotrobotrobotrobotro\r\n"
            f"a=fingerprint:sha-256 {digest}\r\na=setup:active\r\na=rtcp-mux\r\n"
        )
        formats = "96 97" if self.rtx else "96"
        sent = {
            slots.AUDIO: f"a=ssrc:{self.audio} cname:robot\r\n",
            slots.CAMERA: _named(self.video, self.video_rtx),
            slots.SCREEN: _named(self.screen, self.screen_rtx),
        }
        text = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE "
            f"{' '.join(str(section.mid) for section in slots.ALL)}\r\n"
        )
        for section in slots.ALL:
            audio = section.media == "audio"
            text += (
                f"m={section.media} 9 UDP/TLS/RTP/SAVPF {'111' if audio else formats}\r\n{common}"
                f"a={'sendonly' if section.up else 'recvonly'}\r\na=mid:{section.mid}\r\n"
                f"a=rtpmap:{'111 opus/48000/2' if audio else '96 VP8/90000'}\r\n"
                f"{sent.get(section.mid, '')}"
            )
        return text

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
        self,
        sequence: int,
        payload: bytes = b"vp8 frame",
        *,
        key: bool = True,
        ssrc: int = 0,
        number: int | None = None,
    ) -> bytes:
        """As a browser makes it; `number` is the transport-wide one."""
        extension = bytes([rtp.ABS_SEND_TIME_ID << 4 | 2, 0, 0, 0])
        if number is not None:
            extension += bytes([rtp.TRANSPORT_CC_ID << 4 | 1, *number.to_bytes(2, "big"), 0])
        extension = b"\xbe\xde" + (len(extension) // 4).to_bytes(2, "big") + extension
        numbers = (sequence & 0xFFFF, sequence * 3000 & 0xFFFFFFFF, ssrc or self.video)
        return RTP.pack(0x90, rtp.VP8, *numbers) + extension + (KEY if key else DELTA) + payload

    def send_video(self, sequence: int, payload: bytes = b"vp8 frame", *, key: bool = True) -> None:
        self.send_rtp(self.video_packet(sequence, payload, key=key))

    def send_screen(self, sequence: int, payload: bytes = b"a table", *, key: bool = True) -> None:
        self.send_rtp(self.video_packet(sequence, payload, key=key, ssrc=self.screen))

    def got(self, ssrc: int) -> list[tuple[int, int, bytes]]:
        """Sequence, timestamp and payload of what came under an SSRC."""
        found = []
        for packet in self.packets:
            _, _, sequence, timestamp, theirs = RTP.unpack_from(packet)
            span = rtp.payload_span(packet)
            if theirs == ssrc and span is not None:
                payload = packet[slice(*span)].replace(KEY, b"", 1).replace(DELTA, b"", 1)
                found.append((sequence, timestamp, payload))
        return found

    def heard(self, slot: int) -> list[tuple[int, int, bytes]]:
        """As `got`, of the sound in one slot."""
        return self.got(self.given[slots.audio_mid(slot)][0])

    def saw(self, slot: int) -> list[tuple[int, int, bytes]]:
        """As `got`, of the picture in one slot."""
        return self.got(self.given[slots.video_mid(slot)][0])

    def saw_screen(self) -> list[tuple[int, int, bytes]]:
        """As `got`, of the screen that is shared."""
        return self.got(self.given[slots.SCREEN_MID][0])

    def said(self, kind: type[Any]) -> list[Any]:
        """The RTCP messages of one kind."""
        return [message for message in self.messages if isinstance(message, kind)]


def _named(ssrc: int, rtx: int) -> str:
    names = "".join(f"a=ssrc:{each} cname:robot\r\n" for each in (ssrc, rtx))
    return f"a=ssrc-group:FID {ssrc} {rtx}\r\n{names}"


async def until(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until the condition holds; fails when it never does."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)
