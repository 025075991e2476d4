"""What the relay does with the RTCP of a leg, and the reports that it writes itself."""

from collections.abc import Iterable, Sequence

from signaling.media import budget, limits, rtcp, rtp
from signaling.media.downlink import Downlink
from signaling.media.leg import Leg
from signaling.media.rtp import nearest
from signaling.media.uplink import Uplink


def handle(leg: Leg, data: bytes, now: float) -> None:
    """Act on an authentic compound from `leg`; raises `MalformedRtcp` before acting on any."""
    nacks, estimate = limits.MAX_NACKS, None
    # Others are told of these: once for each datagram, or it would become hundreds.
    told: set[int] = set()
    for message in rtcp.parse(data):
        if isinstance(message, rtcp.SenderReport):
            if message.ssrc not in told:
                told.add(message.ssrc)
                _sender_report(leg, message, now)
        elif isinstance(message, rtcp.ReceptionReport):
            _reception(leg, message, now)
        elif isinstance(message, rtcp.Nack):
            _nack(leg, message.media_ssrc, message.lost[:nacks], now)
            nacks -= min(nacks, len(message.lost))
        elif isinstance(message, rtcp.KeyframeRequest):
            stream = leg.by_ssrc.get(message.media_ssrc)
            if stream is not None and stream.source is not None:
                stream.source.owner.ask_keyframe(stream.source, now)
        else:
            estimate = message
    if estimate is not None:
        _remb(leg, estimate, now)


def _sender_report(leg: Leg, report: rtcp.SenderReport, now: float) -> None:
    source = leg.up.get(report.ssrc)
    if source is None or source.retired:
        return
    source.last_sr = report.ntp >> 16 & 0xFFFFFFFF
    source.last_sr_at = now
    for stream in source.streams:
        if not stream.packets:
            continue
        stream.sr_middle, stream.sr_sent_at = source.last_sr, now
        timestamp = stream.shift_timestamp(report.timestamp)
        stream.owner.send_rtcp(
            rtcp.sender_report(stream.ssrc, report.ntp, timestamp, stream.packets, stream.octets)
        )


def _reception(leg: Leg, report: rtcp.ReceptionReport, now: float) -> None:
    stream = leg.by_ssrc.get(report.ssrc)
    if stream is None:
        return
    stream.jitter = report.jitter
    if stream.packets:
        # The report's own fraction also counts what some sender's link lost, which never left.
        sent, came = stream.arrived(report.highest & 0xFFFF, report.packets_lost)
        if sent:
            stream.fraction_lost = min(255, (sent - came << 8) // sent)
        leg.quality.reported(sent, came)
        leg.judge.reported(sent, came, now)
    if stream.payload_type == rtp.VP8:
        # The worst of what is sent just now: what is not keeps its last word.
        live = (d for d in leg.video_streams() if now - d.sent_at < limits.LIVE_WINDOW)
        leg.estimate.loss = max((d.fraction_lost for d in live), default=0) / 256
    if report.last_sr and report.last_sr == stream.sr_middle:
        stream.round_trip = max(0.0, now - stream.sr_sent_at - report.delay / 65536)
        leg.judge.took(stream.round_trip, now)


def _nack(leg: Leg, media_ssrc: int, lost: Sequence[int], now: float) -> None:
    """Send again what is in the cache; ask the sender for the rest."""
    stream = leg.by_ssrc.get(media_ssrc)
    if stream is None or leg.srtp is None or stream.payload_type != rtp.VP8:
        return
    missing: list[int] = []
    numbers = [nearest(sequence, stream.highest) for sequence in lost]
    numbers = [outgoing for outgoing in numbers if outgoing > stream.given_up]
    if sum(map(stream.lacked_long, numbers)) >= limits.OUTAGE_LOST and stream.source is not None:
        stream.given_up = stream.highest
        stream.source.owner.ask_keyframe(stream.source, now)
        return
    for outgoing in numbers:
        if stream.holds(outgoing):
            if leg.resent_octets < _resend_budget(leg) and stream.may_resend(outgoing, now):
                _resend(leg, stream, outgoing, now)
        elif (extended := stream.upstream_number(outgoing)) is not None:
            missing.append(extended)
    if missing and stream.source is not None:
        _nack_upstream(stream.source, missing, now)


def _resend_budget(leg: Leg) -> float:
    """Octets that may be resent between two reports."""
    known = leg.estimate.bitrate
    bitrate = limits.START_BITRATE if known is None else min(known, limits.MAX_BITRATE)
    return bitrate / 8 * limits.RESEND_PART * limits.REPORT_INTERVAL


def _resend(leg: Leg, stream: Downlink, outgoing: int, now: float) -> None:
    packet = stream.again(outgoing, rtp.send_time(now))
    sealed = leg.srtp.protect(packet) if packet is not None and leg.srtp is not None else None
    if packet is not None and sealed is not None:
        leg.resent_octets += len(packet)
        leg.counters.nack_hits += 1
        leg.send(sealed)


def ask_missing(source: Uplink, missing: range, now: float) -> None:
    """Ask for what a sender's link has just lost, a trip sooner than its receivers could.

    Once: should it be lost again, they ask. A gap that no repair can fill waits for a keyframe, and
    after an outage one is asked for at once: it is there before the repairs of seconds could be.
    """
    if missing.stop == source.whole_from:
        source.owner.ask_keyframe(source, now)
    elif source.streams and len(missing) <= limits.MAX_NACKS:
        _nack_upstream(source, missing, now)


def _nack_upstream(source: Uplink, missing: Iterable[int], now: float) -> None:
    """Ask a sender for what never came; those who miss the same ask for it once."""
    asked = source.nacked
    # What was asked for is on its way for a round trip: the receivers, too, ask meanwhile.
    trips = (stream.round_trip for stream in source.owner.video_streams())
    trip = min((each for each in trips if each is not None), default=0.0)
    pause = min(max(trip, limits.NACK_UPSTREAM_INTERVAL), limits.RESEND_INTERVAL[2])
    since = source.whole_from
    wanted = [n for n in missing if n >= since and now - asked.get(n, -1e9) >= pause]
    if not wanted:
        return
    if len(asked) > limits.CACHE:
        source.nacked = asked = {}
    asked.update(dict.fromkeys(wanted, now))
    source.owner.counters.nack_upstream += len(wanted)
    source.owner.send_rtcp(rtcp.nack(source.ssrc, (n & 0xFFFF for n in wanted)))


def _remb(leg: Leg, message: rtcp.Remb, now: float) -> None:
    """A receiver's estimate: those who send to it share what it says."""
    leg.budget.allowed = leg.estimate.heard(message.bitrate, leg.forwarded_bitrate, now)
    senders = {
        id(stream.source.owner): stream.source.owner
        for stream in leg.down.values()
        if stream.source is not None
    }
    for sender in senders.values():
        budget.tell(sender, now)


def report(leg: Leg, now: float) -> float:
    """Once a second: tell the sender how its streams arrive, and note how much it is sent.

    The seconds since the report before; 0 when it is not time yet.
    """
    passed = now - leg.reported_at
    if leg.srtp is None or passed < limits.REPORT_INTERVAL:
        return 0.0
    leg.reported_at = now
    octets = sum(stream.octets for stream in leg.down.values())
    leg.forwarded_bitrate = (octets - leg.forwarded_octets) * 8 / passed
    leg.forwarded_octets = octets
    leg.resent_octets = 0
    for stream in leg.video_streams():
        stream.second()
    blocks = [
        source.report(now)
        for source in leg.up.values()
        if not source.retired and now - source.heard < 5 * limits.REPORT_INTERVAL
    ]
    # Also about nothing: it shows a peer that is muted, and sends nothing, that the line is alive.
    leg.send_rtcp(rtcp.receiver_report(blocks))
    return passed


def tell_arrivals(leg: Leg, now: float) -> None:
    """Tell a sender which of its packets came, and when, if it is time and any did."""
    arrivals = leg.arrivals
    if not arrivals.waiting:
        return
    arrivals.due = now + limits.ARRIVALS_INTERVAL
    # About any stream of its: the numbers count them all.
    about = next((source.ssrc for source in leg.up.values() if not source.retired), None)
    if about is None:  # probes alone, so far
        del arrivals.waiting[: 1 - limits.MAX_ARRIVALS]
    else:
        leg.send_rtcp(arrivals.tell(about))


def serve_waiting_keyframes(leg: Leg, now: float) -> None:
    """Ask for the keyframes that came too soon after the one before."""
    for source in leg.up.values():
        if source.keyframe_wanted and not source.retired:
            leg.ask_keyframe(source, now)
