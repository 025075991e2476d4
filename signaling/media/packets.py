"""A packet's way through the relay.

`read` reads; RTP is opened in place, and for each leg that is sent it renumbered, stamped,
sealed and sent, all in one buffer. What is not RTP goes to `_other`: STUN binds an address to a
leg, DTLS goes to the leg's handshake, RTCP to `feedback`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from signaling.media import feedback, limits, rtp, stun
from signaling.media._aiortc_compat import PacketBuffer, srtp_protect, srtp_unprotect
from signaling.media.leg import Leg
from signaling.media.paths import Address, Path, Port, UdpPort
from signaling.media.rtcp import MalformedRtcp
from signaling.media.rtp import nearest
from signaling.media.uplink import Uplink


@dataclass(slots=True)
class Counters:
    """Since the worker started; packets unless said otherwise."""

    received: int = 0
    forwarded: int = 0
    bytes_forwarded: int = 0
    unknown: int = 0
    srtp_failures: int = 0
    not_sent: int = 0
    stun_answered: int = 0
    stun_unknown: int = 0
    stun_unauthentic: int = 0
    stun_malformed: int = 0
    stun_replayed: int = 0
    stun_too_many: int = 0
    over_limit: int = 0
    rtp_malformed: int = 0
    rtcp_malformed: int = 0
    rtx_restored: int = 0
    rtx_probes: int = 0


class PacketEngine:
    """Reads the sockets and forwards. `by_ufrag` is the relay's: it names the legs that exist."""

    def __init__(self, by_ufrag: dict[str, Leg], clock: Callable[[], float]) -> None:
        self.counters = Counters()
        self._by_ufrag = by_ufrag
        self._clock = clock
        self._buffer = PacketBuffer()

    def attach(self, port: UdpPort) -> None:
        """Read from a socket whenever something comes."""
        asyncio.get_running_loop().add_reader(port.sock.fileno(), self.read, port)

    def detach(self, port: UdpPort) -> None:
        """Read from it no more."""
        asyncio.get_running_loop().remove_reader(port.sock.fileno())

    def read(self, port: Port) -> None:
        """Forward what has come, at most a batch, then let the loop have its turn."""
        receive, paths, counters = port.sock.recvfrom_into, port.paths, self.counters
        view, cdata, length = self._buffer.view, self._buffer.cdata, self._buffer.length
        unpack, pack = rtp.NUMBERS.unpack_from, rtp.NUMBERS.pack_into
        rewrite = rtp.rewrite_extensions
        now = self._clock()
        stamp = rtp.send_time(now)
        for _ in range(limits.BATCH):
            try:
                size, address = receive(view, limits.DATAGRAM)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error for an earlier send
                continue
            counters.received += 1
            # RFC 7983 tells the protocols apart by the first byte, RFC 5761 RTCP by the second.
            if size < rtp.HEADER or not 127 < view[0] < 192 or 191 < view[1] < 224:
                self._other(port, bytes(view[:size]), address, now)
                continue
            path = paths.get(address)
            if path is None or (srtp := path.leg.srtp) is None:
                counters.unknown += 1
                continue
            leg = path.leg
            if size > leg.room and not leg.may_send(size, view[1] & 127):
                counters.over_limit += 1
                continue
            sequence, timestamp, ssrc = unpack(view, rtp.NUMBERS_AT)
            source = leg.up.get(ssrc)
            if source is None and not self._may_be_new(leg, ssrc, view[1] & 127):
                counters.not_sent += 1
                continue
            length[0] = size
            if srtp_unprotect(srtp.rx, cdata, length):
                counters.srtp_failures += 1
                continue
            # Now that it is known to be the leg's own: who claims its address takes none of it.
            leg.room -= size
            size = length[0]
            path.heard = leg.heard = now
            leg.counters.packets_in += 1
            number = rewrite(view, size, stamp)
            if number >= 0:
                arrivals = leg.arrivals
                arrivals.waiting.append((number, now))
                if now >= arrivals.due or len(arrivals.waiting) >= limits.MAX_ARRIVALS:
                    feedback.tell_arrivals(leg, now)
            elif number == rtp.MALFORMED:
                counters.rtp_malformed += 1
                continue
            payload_type = view[1] & 127
            if source is None:
                if payload_type == rtp.RTX:
                    leg.rtx_sources.add(ssrc)
                    self._repair(leg, ssrc, bytes(view[:size]), now)
                    continue
                source = leg.new_uplink(ssrc, payload_type, sequence, now)
            if source is None or source.retired or source.payload_type != payload_type:
                counters.not_sent += 1
                continue
            expected = source.highest + 1
            extended = source.arrived(sequence, timestamp, size, now)
            if extended > expected and payload_type == rtp.VP8:
                feedback.ask_missing(source, range(expected, extended), now)
            if source.waiting:
                self._begin(source, view, size, extended, timestamp, now)
            streams = source.streams
            if not streams:
                counters.not_sent += 1
            clear = b""
            if payload_type == rtp.VP8:
                clear = bytes(view[:size])
                source.keep(extended, clear)
            elif len(streams) > 1:
                clear = bytes(view[:size])
            spoilt = False
            for stream in streams:
                to = stream.owner
                if (sealer := to.srtp) is None or (way := to.path) is None:
                    counters.not_sent += 1
                    continue
                outgoing = stream.take(extended, timestamp, size, now)
                if outgoing is None:
                    counters.not_sent += 1
                    continue
                if spoilt:  # by sealing it for the one before
                    view[:size] = clear
                    length[0] = size
                spoilt = True
                pack(view, rtp.NUMBERS_AT, outgoing & 0xFFFF, stream.timestamp, stream.ssrc)
                if stream.copies:
                    stream.copy(outgoing, bytes(view[:size]))
                if srtp_protect(sealer.tx, cdata, length):
                    counters.srtp_failures += 1
                    continue
                try:
                    way.port.sock.sendto(view[: length[0]], way.address)
                except OSError:
                    to.counters.send_errors += 1
                    continue
                to.counters.packets_out += 1
                counters.forwarded += 1
                counters.bytes_forwarded += size

    def _may_be_new(self, leg: Leg, ssrc: int, payload_type: int) -> bool:
        """Whether a leg may send under an SSRC that has no uplink: each costs memory in libsrtp.

        Decided before the packet is opened, since that is what costs; a kind of packet that would
        get no uplink afterwards would not be counted.
        """
        if payload_type != rtp.RTX and payload_type not in rtp.CLOCK_RATES:
            return False
        if ssrc in leg.rtx_sources:
            return True
        return len(leg.up) + len(leg.rtx_sources) < limits.MAX_SOURCES

    def _begin(
        self,
        source: Uplink,
        packet: memoryview | bytearray,
        size: int,
        extended: int,
        timestamp: int,
        now: float,
    ) -> None:
        """Let the streams that wait for a source begin with this packet, if they can.

        Video begins with a keyframe: what came before it would be decoded on top of the source
        before, or not at all. It begins without one when none comes.
        """
        whole = source.payload_type != rtp.VP8 or rtp.starts_keyframe(packet, size)
        for stream in tuple(source.waiting):
            if stream.waits_since is None:
                stream.waits_since = now
                if not whole:
                    source.owner.ask_keyframe(source, now)
            if whole or now - stream.waits_since >= limits.KEYFRAME_PATIENCE:
                stream.attach(source, extended, timestamp, now)
        if source.waiting and now - source.keyframe_asked >= limits.KEYFRAME_AGAIN:
            source.owner.ask_keyframe(source, now)

    def _repair(self, leg: Leg, ssrc: int, packet: bytes, now: float) -> None:
        """A packet that was lost on its way up comes again: send it on as if it were late."""
        unwrapped = rtp.unwrap_rtx(packet, rtp.VP8)
        source = leg.repaired_by(ssrc)
        if unwrapped is None or source is None or source.retired:
            self.counters.rtx_probes += 1
            return
        number, restored = unwrapped
        _, timestamp, _ = rtp.NUMBERS.unpack_from(restored, rtp.NUMBERS_AT)
        # Not counted as arrived: the sender's reports are to show what its link loses.
        extended = nearest(number, source.highest)
        restored[2:4] = number.to_bytes(2, "big")
        if extended > source.highest - limits.CACHE:
            source.keep(extended, bytes(restored))
        if source.waiting:
            self._begin(source, restored, len(restored), extended, timestamp, now)
        sent = False
        for stream in source.streams:
            to = stream.owner
            if to.srtp is None:
                continue
            outgoing = stream.take(extended, timestamp, len(restored), now)
            if outgoing is None:
                continue
            numbers = (outgoing & 0xFFFF, stream.timestamp, stream.ssrc)
            rtp.NUMBERS.pack_into(restored, rtp.NUMBERS_AT, *numbers)
            clear = bytes(restored)
            if stream.copies:
                stream.copy(outgoing, clear)
            sealed = to.srtp.protect(clear)
            if sealed is not None:
                sent = True
                to.counters.packets_out += 1
                to.send(sealed)
        self.counters.rtx_restored += sent

    def _other(self, port: Port, data: bytes, address: Address, now: float) -> None:
        if not data:
            return
        first = data[0]
        if first < 4:
            self._check(port, data, address, now)
            return
        path = port.paths.get(address)
        if path is None:
            self.counters.unknown += 1
        elif 19 < first < 64 and path.leg.dtls is not None:
            path.leg.dtls.feed(data)
        elif 127 < first < 192 and len(data) > 1 and 191 < data[1] < 224:
            self._feedback(path, data, now)

    def _feedback(self, path: Path, data: bytes, now: float) -> None:
        leg = path.leg
        reporter = int.from_bytes(data[4:8], "big")
        if reporter not in leg.reporters and len(leg.reporters) >= limits.MAX_REPORTERS:
            self.counters.not_sent += 1
            return
        if leg.reports_left <= 0:
            self.counters.over_limit += 1
            return
        clear = leg.srtp.unprotect_rtcp(data) if leg.srtp is not None else None
        if clear is None:
            self.counters.srtp_failures += 1
            return
        leg.reporters.add(reporter)
        leg.reports_left -= 1
        path.heard = leg.heard = now
        try:
            feedback.handle(leg, clear, now)
        except MalformedRtcp:
            self.counters.rtcp_malformed += 1

    def _check(self, port: Port, data: bytes, address: Address, now: float) -> None:
        """A connectivity check: no leg, no answer, so that nobody can be flooded through us."""
        request = stun.parse_request(data)
        if request is None:
            self.counters.stun_malformed += 1
            return
        leg = self._by_ufrag.get(request.ufrag)
        if leg is None:
            self.counters.stun_unknown += 1
            return
        if leg.checks_left <= 0:
            self.counters.stun_too_many += 1
            return
        leg.checks_left -= 1
        old = leg.previous
        used = old if old is not None and old.ufrag == request.ufrag else leg.credentials
        password = used.password.encode()
        if not request.is_signed_with(password):
            self.counters.stun_unauthentic += 1
            return
        fresh = leg.checks.is_new(request.transaction_id)
        if not leg.may_have(port, address, fresh=fresh, now=now):
            self.counters.stun_replayed += 1
            return
        self.counters.stun_answered += 1
        nominated = request.nominated and fresh
        if old is not None and used is leg.credentials:
            # The first check of the restart ends the old generation and moves the leg.
            self._by_ufrag.pop(old.ufrag, None)
            leg.previous = None
            nominated = True
        if leg.checked(port, address, nominated=nominated, now=now) and leg.srtp is not None:
            leg.ask_video_keyframe(now)
            leg.ask_incoming_keyframes(now)
        try:
            port.sock.sendto(stun.success(request, *address[:2], password), address)
        except OSError:
            leg.counters.send_errors += 1
