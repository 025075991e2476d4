"""One peer's connection: its credentials, its paths, its streams, its state."""

import secrets
import socket
import string
from collections.abc import Callable
from dataclasses import dataclass

from signaling.media import limits, rtcp, rtp, stun
from signaling.media._aiortc_compat import DtlsSession, Srtp
from signaling.media.arrivals import Arrivals
from signaling.media.errors import BadSdp
from signaling.media.estimate import Estimate
from signaling.media.route import Downlink, Uplink
from signaling.media.sdp import Answer, Credentials, Fingerprint, Streams
from signaling.media.states import LegState, check_move

Address = tuple[str, int] | tuple[str, int, int, int]
_ICE_CHARS = string.ascii_letters + string.digits
_KINDS = {rtp.OPUS: "audio", rtp.VP8: "video"}


def new_credentials() -> Credentials:
    """Far above the 24 and 128 bits of RFC 8445 section 5.3: a ufrag also routes here."""
    return Credentials(
        "".join(secrets.choice(_ICE_CHARS) for _ in range(12)),
        "".join(secrets.choice(_ICE_CHARS) for _ in range(32)),
    )


class UdpPort:
    """One announced address: its socket, and the leg behind each address that proved itself."""

    __slots__ = ("host", "number", "paths", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.host, self.number = sock.getsockname()[:2]
        self.paths: dict[Address, Path] = {}


@dataclass(slots=True, eq=False)
class Path:
    """A way to a peer: a validated remote address on one of the relay's sockets."""

    port: UdpPort
    address: Address
    leg: "Leg"
    heard: float


@dataclass(slots=True)
class LegCounters:
    """Since the leg was opened."""

    packets_in: int = 0
    packets_out: int = 0
    send_errors: int = 0
    nack_hits: int = 0
    nack_upstream: int = 0
    keyframes_asked: int = 0


class Leg:
    """A peer's connection. Knows no socket loop and no visit: the relay joins legs."""

    def __init__(
        self,
        leg_id: str,
        visit_id: str,
        participant: str,
        now: float,
        on_state: Callable[["Leg"], None],
    ) -> None:
        self.id = leg_id
        self.visit_id = visit_id
        self.participant = participant
        self.state = LegState.NEW
        self.since = now
        self.heard = now
        self.session = secrets.randbelow(1 << 62)
        self.version = 1
        self.credentials = new_credentials()
        self.previous: Credentials | None = None
        self.streams = _pick_streams()
        self.down = {
            rtp.OPUS: Downlink(self.streams.audio, rtp.OPUS),
            rtp.VP8: Downlink(self.streams.video, rtp.VP8, self.streams.video_rtx),
        }
        self.up: dict[int, Uplink] = {}
        self.rtx_sources: set[int] = set()
        # Under which SSRCs its RTCP came: these, too, cost memory in libsrtp.
        self.reporters: set[int] = set()
        self.answer: Answer | None = None
        self.dtls: DtlsSession | None = None
        self.srtp: Srtp | None = None
        self.path: Path | None = None
        self.paths: list[Path] = []
        self.checks = stun.Seen()
        self.peer: Leg | None = None
        self.media = (False, False)
        self.arrivals = Arrivals()
        self.estimate = Estimate()
        self.reported_at = now
        self.forwarded_octets = 0
        self.resent_octets = 0
        self.forwarded_bitrate = 0.0
        self.counters = LegCounters()
        self._on_state = on_state

    def to(self, state: LegState, now: float) -> None:
        """The one door into each state."""
        if state is self.state:
            return
        check_move(self.state, state)
        self.state = state
        self.since = now
        self._on_state(self)

    # -- signalling ---------------------------------------------------------------------------

    def take_answer(self, answer: Answer) -> tuple[Fingerprint, ...] | None:
        """Accept an answer; the fingerprints when DTLS is to begin, None when it goes on.

        After an ICE restart the DTLS session stays, so the certificate must be the same
        (RFC 8842 section 4: another one would ask for a new association).
        """
        if self.answer is not None:
            if set(answer.fingerprints) != set(self.answer.fingerprints):
                raise BadSdp("the certificate changed: open a new leg")
            self._accept(answer)
            return None
        self._accept(answer)
        return answer.fingerprints

    def _accept(self, answer: Answer) -> None:
        self.answer = answer
        if not answer.sections["video"].rtx:
            # Without RTX a lost packet is sent again as it was, byte for byte.
            self.down[rtp.VP8].rtx_ssrc = None

    def restart(self, now: float) -> None:
        """New ICE credentials; the old ones work until a check proves the new."""
        if self.previous is None:
            self.previous = self.credentials
        self.credentials = new_credentials()
        self.version += 1
        if self.state is LegState.DISCONNECTED:
            self.since = now

    def receives(self, payload_type: int) -> bool:
        """Whether the peer takes this kind of stream."""
        return self.answer is not None and (
            (section := self.answer.sections[_KINDS[payload_type]]).accepted and section.receives
        )

    # -- paths --------------------------------------------------------------------------------

    def may_have(self, port: UdpPort, address: Address, *, fresh: bool, now: float) -> bool:
        """Whether an authenticated check may make this address the leg's, if it is not already.

        Not when the check was seen before: whoever captured it would draw the media to himself, or
        onto somebody else. Not when the address is another leg's that lives: it was made up.
        """
        path = port.paths.get(address)
        if path is None:
            return fresh
        if path.leg is self:
            return True
        return fresh and now - path.heard > limits.PATH_SILENT_AFTER

    def checked(self, port: UdpPort, address: Address, *, nominated: bool, now: float) -> bool:
        """An authenticated check came: remember its path. Returns whether the leg moved to it.

        A nomination moves the leg at once; so does a check from elsewhere when the path in use
        has gone silent, because not every client nominates again after its address changed.
        """
        self.heard = now
        path = port.paths.get(address)
        if path is None or path.leg is not self:
            if path is not None:
                path.leg.forget(path)
            path = Path(port, address, self, now)
            port.paths[address] = path
            self.paths.append(path)
            if len(self.paths) > limits.MAX_PATHS:
                self.forget(min((p for p in self.paths if p is not self.path), key=_heard))
        path.heard = now
        current = self.path
        if current is path:
            return False
        if nominated or current is None or now - current.heard > limits.PATH_SILENT_AFTER:
            self.path = path
            return True
        return False

    def forget(self, path: Path) -> None:
        """Drop a path; what comes from there is noise again."""
        if path in self.paths:
            self.paths.remove(path)
        if path.port.paths.get(path.address) is path:
            del path.port.paths[path.address]
        if self.path is path:
            self.path = max(self.paths, key=_heard, default=None)

    # -- sending ------------------------------------------------------------------------------

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Send a sealed datagram on the path in use; what the network refuses is lost."""
        path = self.path
        if path is None:
            return
        try:
            path.port.sock.sendto(data, path.address)
        except OSError:  # full buffer, no route, refused: media does not wait
            self.counters.send_errors += 1

    def send_rtcp(self, packet: bytes) -> None:
        """Seal and send an RTCP compound."""
        if self.srtp is not None:
            sealed = self.srtp.protect_rtcp(packet)
            if sealed is not None:
                self.send(sealed)

    def ask_keyframe(self, source: Uplink, now: float) -> None:
        """Ask this leg's peer for a keyframe, soon if it was asked only just now."""
        if now - source.keyframe_asked < limits.KEYFRAME_INTERVAL:
            source.keyframe_wanted = True
            return
        source.keyframe_asked = now
        source.keyframe_wanted = False
        self.counters.keyframes_asked += 1
        self.send_rtcp(rtcp.pli(source.ssrc))

    def ask_video_keyframe(self, now: float) -> None:
        """As `ask_keyframe`, for whatever video this leg sends now."""
        for source in self.up.values():
            if source.payload_type == rtp.VP8 and not source.retired:
                self.ask_keyframe(source, now)

    # -- receiving ----------------------------------------------------------------------------

    def new_uplink(self, ssrc: int, payload_type: int, sequence: int, now: float) -> Uplink | None:
        """A stream that was not seen before takes over from the one of its kind before it."""
        if payload_type not in self.down or len(self.up) >= limits.MAX_SOURCES:
            return None
        for other in self.up.values():
            if other.payload_type == payload_type:
                other.retired = True
        source = Uplink(ssrc, payload_type, rtp.CLOCK_RATES[payload_type], sequence + (1 << 16))
        source.heard = now
        self.up[ssrc] = source
        return source

    def repaired_by(self, rtx_ssrc: int) -> Uplink | None:
        """The stream that an RTX stream repairs: as the answer says, else the video there is."""
        if self.answer is not None:
            primary = self.answer.sections["video"].repairs.get(rtx_ssrc)
            if primary is not None:
                source = self.up.get(primary)
                return source if source is not None and source.payload_type == rtp.VP8 else None
        live = (u for u in self.up.values() if u.payload_type == rtp.VP8 and not u.retired)
        return next(live, None)

    def flowing(self, now: float) -> tuple[bool, bool]:
        """Whether audio and video came within the last second."""
        live = {u.payload_type for u in self.up.values() if now - u.heard < limits.MEDIA_WINDOW}
        return rtp.OPUS in live, rtp.VP8 in live


def _heard(path: Path) -> float:
    return path.heard


def _pick_streams() -> Streams:
    """Three random SSRCs that differ, and are not the relay's own."""
    picked: set[int] = set()
    while len(picked) < 3:
        picked.add(secrets.randbelow((1 << 32) - 2) + 2)
    audio, video, rtx = picked
    return Streams(audio, video, rtx)
