"""The only importer of what aiortc and pylibsrtp keep private.

aiortc does the DTLS handshake over a transport that only looks like its own; then libsrtp's
sessions are taken from it and called directly, because its per-packet path would parse and copy.
`tests/media/test_aiortc_compat.py` says what broke when the pinned minor version moves on.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

# Not from the package: a worker has it without what it gathers (`signaling/worker/no_codecs.py`).
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    State,
)
from pylibsrtp._binding import ffi, lib

from server.kit.tasks import spawn
from signaling.media import limits
from signaling.media.paths import Path
from signaling.media.sdp import Fingerprint

# (session, buffer, length) -> 0 or libsrtp's error; works in place.
SrtpCall = Callable[[Any, Any, Any], int]
srtp_protect: Final[SrtpCall] = lib.srtp_protect
srtp_unprotect: Final[SrtpCall] = lib.srtp_unprotect

# Room that protecting needs behind a packet: the largest tag, MKI and SRTCP index.
_TRAILER = 4 + 16 + 128


class PacketBuffer:
    """Memory that libsrtp works on in place, and Python sees through a view.

    There is room behind the largest datagram: ciphers differ from leg to leg, so that a packet may
    leave with a longer tag than it came with.
    """

    __slots__ = ("cdata", "length", "view")

    def __init__(self) -> None:
        self.cdata = ffi.new("unsigned char[]", limits.DATAGRAM + _TRAILER)
        self.length = ffi.new("int *")
        self.view = memoryview(ffi.buffer(self.cdata)).cast("B")


class Srtp:
    """Both directions of one leg's SRTP. `rx` and `tx` are for the raw calls above."""

    __slots__ = ("_keep", "_scratch", "rx", "tx")

    def __init__(self, transport: RTCDtlsTransport, scratch: PacketBuffer) -> None:
        received, sent = transport._rx_srtp, transport._tx_srtp
        self._keep = (received, sent)  # they free the C sessions when collected
        self.rx = received._srtp[0]
        self.tx = sent._srtp[0]
        self._scratch = scratch

    def protect(self, packet: bytes | bytearray) -> bytes | None:
        """The packet sealed; None when libsrtp refuses it."""
        return self._run(lib.srtp_protect, self.tx, packet)

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """The RTCP compound sealed; None when libsrtp refuses it."""
        return self._run(lib.srtp_protect_rtcp, self.tx, packet)

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """The RTCP compound in the clear; None unless it is authentic and new."""
        return self._run(lib.srtp_unprotect_rtcp, self.rx, packet)

    def _run(self, call: SrtpCall, session: Any, packet: bytes | bytearray) -> bytes | None:
        buffer, size = self._scratch, len(packet)
        if size > limits.DATAGRAM:
            return None
        buffer.view[:size] = packet
        buffer.length[0] = size
        if call(session, buffer.cdata, buffer.length):
            return None
        return bytes(buffer.view[: buffer.length[0]])


def make_certificate() -> RTCCertificate:
    """A fresh self-signed certificate; one serves a whole worker."""
    return RTCCertificate.generateCertificate()


def fingerprint_of(certificate: RTCCertificate) -> Fingerprint:
    """Its SHA-256 fingerprint, for the offer."""
    found = next(f for f in certificate.getFingerprints() if f.algorithm == "sha-256")
    return Fingerprint(found.algorithm, found.value)


def _nowhere(_: bytes) -> None:
    """Where a pipe ends that was unplugged."""


class _Pipe:
    """What `RTCDtlsTransport` uses of an ICE transport, and no more."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._out = send
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(limits.MAX_WAITING_DTLS)
        self._closed = False

    async def _recv(self) -> bytes:
        if self._closed:
            raise ConnectionError("the leg is closed")
        return await self.waiting.get()

    def close(self) -> None:
        """Let nothing wait here any more.

        Cancelling the handshake is not enough: `asyncio.wait_for`, in which it waits, swallows a
        cancellation that comes together with a datagram (Python 3.11), and the task would live on.
        """
        self._closed = True

    def lead(self, send: Callable[[bytes], None]) -> None:
        """Send by another way from now on."""
        self._out = send

    async def _send(self, data: bytes) -> None:
        self._out(data)


class DtlsSession:
    """The server's side of one DTLS-SRTP session."""

    def __init__(
        self,
        certificate: RTCCertificate,
        send: Callable[[bytes], None],
        *,
        on_ready: Callable[[Srtp], None],
        on_ended: Callable[[str], None],
        scratch: PacketBuffer,
    ) -> None:
        self._pipe = _Pipe(send)
        self._transport = RTCDtlsTransport(self._pipe, [certificate])  # type: ignore[arg-type]
        self._transport._set_role("server")
        self._transport.on("statechange", self._changed)
        self._on_ready = on_ready
        self._on_ended = on_ended
        self._scratch = scratch
        self._task: asyncio.Task[None] | None = None
        self._over = False

    def feed(self, data: bytes) -> None:
        """Take a datagram; it waits for `start`, and falls away when too many wait."""
        if not self._over and not self._pipe.waiting.full():
            self._pipe.waiting.put_nowait(data)

    def start(self, fingerprints: Sequence[Fingerprint]) -> None:
        """Begin the handshake with a peer whose certificate has one of these fingerprints."""
        if self._task is None and not self._over:
            parameters = RTCDtlsParameters(
                fingerprints=[RTCDtlsFingerprint(f.algorithm, f.value) for f in fingerprints]
            )
            self._task = spawn(self._transport.start(parameters), "dtls.handshake")
            self._task.add_done_callback(self._started)

    def stop(self, way: Path | None = None) -> None:
        """End the session and tell the peer, if there is a way; no callback comes any more."""
        if self._over:  # by itself
            self._let_go()
            return
        self._over = True
        self._pipe.close()
        # The goodbye leaves with the loop's next turn, when the leg has no way any more.
        self._pipe.lead(way.send if way is not None else _nowhere)
        if self._task is not None:
            self._task.cancel()
            self._task = None
            spawn(self._transport.stop(), "dtls.stop").add_done_callback(self._let_go)
        else:
            self._let_go()

    def _let_go(self, _: object = None) -> None:
        # It knows this session, and by its pipe the leg, which know it: no reason to stay alive.
        self._transport.remove_all_listeners()
        self._pipe.lead(_nowhere)

    def _changed(self) -> None:
        if self._over:
            return
        if self._transport._state is State.CONNECTED:
            self._on_ready(Srtp(self._transport, self._scratch))
        elif self._transport._state in (State.FAILED, State.CLOSED):
            self._end(self._transport.state)

    def _started(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None and not self._over:
            self._end("failed")

    def _end(self, how: str) -> None:
        self._over = True
        self._on_ended(how)
