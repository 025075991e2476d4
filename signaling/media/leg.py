"""One peer's connection: its credentials, its paths, its streams, its state."""

import secrets
import string
from collections.abc import Callable

from signaling.media import limits, rtcp, rtp, slots, stun
from signaling.media._aiortc_compat import DtlsSession, Srtp
from signaling.media.arrivals import Arrivals
from signaling.media.budget import Budget
from signaling.media.downlink import Downlink
from signaling.media.errors import BadSdp
from signaling.media.estimate import Estimate
from signaling.media.paths import Address, Path, Port
from signaling.media.quality import LegCounters, LegQuality
from signaling.media.sdp import Answer, Credentials, Fingerprint, pick_streams
from signaling.media.seats import Seats
from signaling.media.states import LegState, check_move
from signaling.media.uplink import Uplink
from signaling.media.verdict import Judge

_ICE_CHARS = string.ascii_letters + string.digits


def new_credentials() -> Credentials:
    """Far above the 24 and 128 bits of RFC 8445 section 5.3: a ufrag also routes here."""
    return Credentials(
        "".join(secrets.choice(_ICE_CHARS) for _ in range(12)),
        "".join(secrets.choice(_ICE_CHARS) for _ in range(32)),
    )


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
        self.streams = pick_streams()
        self.down = {
            mid: Downlink(self, stream.ssrc, _PAYLOAD_TYPES[stream.rtx is not None], stream.rtx)
            for mid, stream in self.streams.items()
        }
        self.by_ssrc = {stream.ssrc: stream for stream in self.down.values()}
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
        self.checks_left = limits.MAX_CHECKS
        self.reports_left = limits.MAX_REPORTS
        # Octets that may come before more are granted.
        self.room = limits.UPLINK_BURST
        self.seats = Seats()
        # Told of each new uplink while the leg is in a visit.
        self.on_uplink: Callable[[Uplink], None] | None = None
        self.media = (False, False)
        self.arrivals = Arrivals()
        self.estimate = Estimate()
        self.budget = Budget()
        # Who signs: its picture goes before the others'.
        self.preferred = False
        self.judge = Judge()
        # What the person wants to be sent, as was last said.
        self.pictures_wanted = True
        self.on_hold = False
        self.reported_at = now
        self.forwarded_octets = 0
        self.resent_octets = 0
        self.forwarded_bitrate = 0.0
        self.counters = LegCounters()
        self.quality = LegQuality()
        self._on_state = on_state

    def to(self, state: LegState, now: float) -> None:
        """The one door into each state."""
        if state is self.state:
            return
        check_move(self.state, state)
        self.state = state
        self.since = now
        self.quality.moved(state, now)
        self._on_state(self)

    def let_go(self) -> None:
        """Part what it is made of, each of which knows the leg, when the leg is over.

        A leg holds a megabyte. As a ring that only the garbage collector opens, scores of legs
        that are gone would lie there until it looks.
        """
        for source in self.up.values():
            source.retire()
        for stream in self.down.values():
            stream.detach()
        for parts in (self.up, self.down, self.by_ssrc):
            parts.clear()
        self.on_uplink = self.dtls = self.srtp = None

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
        for mid, stream in self.down.items():
            if not answer.sections[mid].rtx:
                # Without RTX a lost packet is sent again as it was, byte for byte.
                stream.rtx_ssrc = None
            if not answer.sections[mid].receives:
                stream.detach()

    def restart(self, now: float) -> None:
        """New ICE credentials; the old ones work until a check proves the new."""
        if self.previous is None:
            self.previous = self.credentials
        self.credentials = new_credentials()
        self.version += 1
        if self.state is LegState.DISCONNECTED:
            self.since = now

    def receives(self, mid: int) -> bool:
        """Whether the peer takes what is sent in this section."""
        if self.on_hold or (not self.pictures_wanted and slots.is_camera(mid)):
            return False
        return self.answer is not None and self.answer.sections[mid].receives

    # -- paths --------------------------------------------------------------------------------

    def may_have(self, port: Port, address: Address, *, fresh: bool, now: float) -> bool:
        """Whether an authenticated check may make this address the leg's, if it is not already.

        Not when the check was seen before: whoever captured it would draw the media to himself, or
        onto somebody else. Not when the address is another leg's that lives: it was made up. A TCP
        connection stays whose it is.
        """
        path = port.paths.get(address)
        if path is None:
            return fresh
        if path.leg is self:
            return True
        silent = now - path.heard > limits.PATH_SILENT_AFTER
        return fresh and silent and port.transport == "udp"

    def checked(self, port: Port, address: Address, *, nominated: bool, now: float) -> bool:
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
            path.port.left()
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
        """As `ask_keyframe`, for whatever video this leg sends to anybody."""
        for source in self.up.values():
            if source.payload_type == rtp.VP8 and (source.streams or source.waiting):
                self.ask_keyframe(source, now)

    def ask_incoming_keyframes(self, now: float) -> None:
        """Ask whoever sends this leg a picture for a whole one."""
        for stream in self.down.values():
            source = stream.source or stream.awaited
            if source is not None and source.payload_type == rtp.VP8:
                source.owner.ask_keyframe(source, now)

    # -- receiving ----------------------------------------------------------------------------

    def new_uplink(self, ssrc: int, payload_type: int, sequence: int, now: float) -> Uplink | None:
        """A stream that was not seen before takes over from the one in its section before it."""
        if payload_type not in rtp.CLOCK_RATES or len(self.up) >= limits.MAX_SOURCES:
            return None
        section = self._section_of(ssrc, payload_type)
        for other in self.live(section):
            other.retire()
        source = Uplink(self, section, ssrc, payload_type, sequence + (1 << 16))
        source.heard = now
        self.up[ssrc] = source
        if self.on_uplink is not None:
            self.on_uplink(source)
        return source

    def may_send(self, size: int, payload_type: int) -> bool:
        """Whether a packet may come although there is no room: sound does, for a while longer."""
        return payload_type == rtp.OPUS and self.room + limits.UPLINK_RESERVE >= size

    def grant(self, seconds: float) -> None:
        """Time has passed: more may come."""
        granted = int(limits.UPLINK_BITRATE / 8 * seconds)
        self.room = min(self.room + granted, limits.UPLINK_BURST)
        self.checks_left, self.reports_left = limits.MAX_CHECKS, limits.MAX_REPORTS

    def _section_of(self, ssrc: int, payload_type: int) -> int:
        """Camera and screen look alike: the answer says which SSRC is the screen's."""
        if payload_type == rtp.OPUS:
            return slots.AUDIO
        answer = self.answer
        is_screen = answer is not None and ssrc in answer.sections[slots.SCREEN].ssrcs
        return slots.SCREEN if is_screen else slots.CAMERA

    def video_streams(self) -> list[Downlink]:
        """The pictures that this leg is sent."""
        return [d for d in self.down.values() if d.source is not None and d.payload_type == rtp.VP8]

    def live(self, section: int) -> list[Uplink]:
        """The stream of a section, if there is one."""
        return [u for u in self.up.values() if u.section == section and not u.retired]

    def repaired_by(self, rtx_ssrc: int) -> Uplink | None:
        """The stream that an RTX stream repairs: as the answer says, else the camera's."""
        for section in self.answer.sections if self.answer is not None else ():
            primary = section.repairs.get(rtx_ssrc)
            if primary is not None:
                source = self.up.get(primary)
                return source if source is not None and source.payload_type == rtp.VP8 else None
        return next(iter(self.live(slots.CAMERA)), None)

    def flowing(self, now: float) -> tuple[bool, bool]:
        """Whether sound and the camera's picture came within the last second."""
        live = {u.section for u in self.up.values() if now - u.heard < limits.MEDIA_WINDOW}
        return slots.AUDIO in live, slots.CAMERA in live


def _heard(path: Path) -> float:
    return path.heard


_PAYLOAD_TYPES = {False: rtp.OPUS, True: rtp.VP8}
