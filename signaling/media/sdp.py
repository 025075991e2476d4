"""The relay's offers and the peers' answers (RFC 8829, RFC 9429).

The server always offers, with the same payload types, extension ids and mids for everybody, so
that a packet can be forwarded without a look at what the other side negotiated.

There is no `sdes:mid` extension: a forwarded MID would outrank the SSRC at the receiver
(RFC 8843 section 9.2). Transport-wide congestion control is for what the peer sends: its numbers
end in the relay, which sends none, so that a receiver estimates by abs-send-time and says REMB.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from signaling.media import rtp
from signaling.media.errors import BadSdp
from signaling.media.limits import MAX_BITRATE, SDP_BYTES, START_BITRATE

AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
KINDS = ("audio", "video")
_PAYLOAD_TYPES = {"audio": rtp.OPUS, "video": rtp.VP8}
_VP8_BITRATES = (
    f"x-google-start-bitrate={START_BITRATE // 1000};x-google-max-bitrate={MAX_BITRATE // 1000}"
)
_VIDEO_FEEDBACK = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
_DIGESTS = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_M_LINE = re.compile(r"m=(\w+) (\d{1,5})(?:/\d+)? (\S+)((?: \S+)+)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One generation of ICE credentials (RFC 8445 section 5.3)."""

    ufrag: str
    password: str


@dataclass(frozen=True, slots=True)
class Streams:
    """The SSRCs that a leg is offered."""

    audio: int
    video: int
    video_rtx: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Of the peer's DTLS certificate; `value` as upper-case hex with colons."""

    algorithm: str
    value: str


@dataclass(slots=True)
class Section:
    """What a peer accepted of one media section."""

    kind: str
    accepted: bool = False
    rtx: bool = False
    receives: bool = True
    repairs: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the relay needs to know of an answer; `repairs` maps an RTX SSRC to its stream's."""

    fingerprints: tuple[Fingerprint, ...]
    sections: dict[str, Section]


def offer(
    *,
    session: int,
    version: int,
    addresses: Sequence[tuple[str, int]],
    credentials: Credentials,
    fingerprint: Fingerprint,
    streams: Streams,
) -> str:
    """The offer for one leg; `addresses` are the relay's own, best first."""
    host, port = addresses[0]
    transport = [
        f"c=IN IP{ip_address(host).version} {host}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *_candidates(addresses),
        "a=end-of-candidates",
        f"a=ice-ufrag:{credentials.ufrag}",
        f"a=ice-pwd:{credentials.password}",
        f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}",
        "a=setup:actpass",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=extmap:{rtp.ABS_SEND_TIME_ID} {ABS_SEND_TIME}",
        f"a=extmap:{rtp.TRANSPORT_CC_ID} {TRANSPORT_CC}",
    ]
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE 0 1",
        "a=msid-semantic: WMS peer",
        f"m=audio {port} UDP/TLS/RTP/SAVPF {rtp.OPUS}",
        *transport,
        "a=mid:0",
        f"a=extmap:{rtp.AUDIO_LEVEL_ID} {AUDIO_LEVEL}",
        "a=msid:peer audio",
        f"a=rtpmap:{rtp.OPUS} opus/48000/2",
        f"a=rtcp-fb:{rtp.OPUS} transport-cc",
        f"a=fmtp:{rtp.OPUS} minptime=10;useinbandfec=1;usedtx=1",
        f"a=ssrc:{streams.audio} cname:peer",
        f"a=ssrc:{streams.audio} msid:peer audio",
        f"m=video {port} UDP/TLS/RTP/SAVPF {rtp.VP8} {rtp.RTX}",
        *transport,
        "a=mid:1",
        "a=msid:peer video",
        f"a=rtpmap:{rtp.VP8} VP8/90000",
        *(f"a=rtcp-fb:{rtp.VP8} {kind}" for kind in _VIDEO_FEEDBACK),
        f"a=fmtp:{rtp.VP8} {_VP8_BITRATES}",
        f"a=rtpmap:{rtp.RTX} rtx/90000",
        f"a=fmtp:{rtp.RTX} apt={rtp.VP8}",
        f"a=ssrc-group:FID {streams.video} {streams.video_rtx}",
        *(
            f"a=ssrc:{ssrc} {attribute}"
            for ssrc in (streams.video, streams.video_rtx)
            for attribute in ("cname:peer", "msid:peer video")
        ),
    ]
    return "\r\n".join(lines) + "\r\n"


def _candidates(addresses: Sequence[tuple[str, int]]) -> list[str]:
    """Host candidates in the order given (priorities as RFC 8445 section 5.1.2.1)."""
    return [
        f"a=candidate:{i + 1} 1 udp {(126 << 24) + ((65535 - i) << 8) + 255} {host} {port} typ host"
        for i, (host, port) in enumerate(addresses)
    ]


def parse_answer(text: str) -> Answer:
    """Read a peer's answer; raises `BadSdp` with a reason that a developer understands."""
    if len(text) > SDP_BYTES:
        raise BadSdp("the answer is too long")
    session, *media = _split(text)
    if not session or session[0].strip() != "v=0":
        raise BadSdp("not a session description")
    if len(media) != len(KINDS):
        raise BadSdp(f"expected {len(KINDS)} media sections, got {len(media)}")
    sections = {
        kind: _section(kind, str(index), lines)
        for index, (kind, lines) in enumerate(zip(KINDS, media, strict=True))
    }
    if not any(section.accepted for section in sections.values()):
        raise BadSdp("neither audio nor video was accepted")
    live = [lines for kind, lines in zip(KINDS, media, strict=True) if sections[kind].accepted]
    for lines in live:
        # Passive would make the relay the DTLS client: not needed by any browser (RFC 8842).
        if (_value(lines, "setup") or _value(session, "setup")) != "active":
            raise BadSdp("the answer must be a=setup:active")
    return Answer(_fingerprints([*session, *(line for lines in live for line in lines)]), sections)


def _split(text: str) -> list[list[str]]:
    """The session's lines, then those of each media section."""
    groups: list[list[str]] = [[]]
    # Not `splitlines`: it also breaks at form feeds and at Unicode's separators.
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            groups.append([])
        if line:
            groups[-1].append(line)
    return groups


def _section(kind: str, mid: str, lines: list[str]) -> Section:
    match = _M_LINE.fullmatch(lines[0])
    if match is None or match[1] != kind:
        raise BadSdp(f"media section {mid} is not {kind}")
    section = Section(kind)
    formats = match[4].split()
    if match[2] == "0" or str(_PAYLOAD_TYPES[kind]) not in formats:
        return section
    if _value(lines, "mid") != mid:
        raise BadSdp(f"media section {mid} has another mid")
    if match[3] != "UDP/TLS/RTP/SAVPF" or "a=rtcp-mux" not in lines:
        raise BadSdp("only DTLS-SRTP with rtcp-mux is supported")
    section.accepted = True
    section.rtx = kind == "video" and str(rtp.RTX) in formats
    section.receives = not {"a=sendonly", "a=inactive"} & set(lines)
    for line in lines:
        group = re.fullmatch(r"a=ssrc-group:FID (\d{1,10}) (\d{1,10})\s*", line, re.ASCII)
        if group and len(section.repairs) < 8:
            section.repairs[int(group[2])] = int(group[1])
    return section


def _value(lines: list[str], name: str) -> str | None:
    prefix = f"a={name}:"
    return next((line[len(prefix) :].strip() for line in lines if line.startswith(prefix)), None)


def _fingerprints(lines: list[str]) -> tuple[Fingerprint, ...]:
    found: dict[Fingerprint, None] = {}
    for line in lines:
        if not line.startswith("a=fingerprint:"):
            continue
        algorithm, _, value = line[len("a=fingerprint:") :].strip().partition(" ")
        size = _DIGESTS.get(algorithm.lower())
        if size is None:
            continue
        value = value.upper()
        if not re.fullmatch(rf"([0-9A-F]{{2}}:){{{size - 1}}}[0-9A-F]{{2}}", value):
            raise BadSdp("malformed certificate fingerprint")
        found[Fingerprint(algorithm.lower(), value)] = None
    if not found:
        raise BadSdp("no usable certificate fingerprint")
    if len(found) > 4:
        raise BadSdp("too many certificate fingerprints")
    return tuple(found)
