"""The relay's offers and the peers' answers (RFC 8829, RFC 9429).

The server always offers, with the same payload types, extension ids and mids for everybody, so
that a packet can be forwarded without a look at what the other side negotiated.

There is no `sdes:mid` extension: a forwarded MID would outrank the SSRC at the receiver
(RFC 8843 section 9.2). Transport-wide congestion control is for what the peer sends: its numbers
end in the relay, which sends none, so that a receiver estimates by abs-send-time and says REMB.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from signaling.media import rtp, slots
from signaling.media.errors import BadSdp
from signaling.media.limits import MAX_BITRATE, SDP_BYTES, START_BITRATE

AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_PAYLOAD_TYPES = {"audio": rtp.OPUS, "video": rtp.VP8}
_VP8_BITRATES = (
    f"x-google-start-bitrate={START_BITRATE // 1000};x-google-max-bitrate={MAX_BITRATE // 1000}"
)
_VIDEO_FEEDBACK = ("goog-remb", "ccm fir", "nack", "nack pli")
_DIGESTS = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_FID = re.compile(r"a=ssrc-group:FID (\d{1,10}) (\d{1,10})\s*", re.ASCII)
_SSRC = re.compile(r"a=ssrc:(\d{1,10}) ", re.ASCII)
# In one section; a browser names one stream and its RTX stream.
_MOST_SSRCS = 4
_M_LINE = re.compile(r"m=(\w+) (\d{1,5})(?:/\d+)? (\S+)((?: \S+)+)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One generation of ICE credentials (RFC 8445 section 5.3)."""

    ufrag: str
    password: str


@dataclass(frozen=True, slots=True)
class Stream:
    """The SSRCs of one section that a leg is offered; `rtx` for video only."""

    ssrc: int
    rtx: int | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Of the peer's DTLS certificate; `value` as upper-case hex with colons."""

    algorithm: str
    value: str


@dataclass(slots=True)
class Section:
    """What a peer accepted of one media section; `ssrcs` is what it will send there."""

    accepted: bool = False
    rtx: bool = False
    receives: bool = False
    ssrcs: tuple[int, ...] = ()
    # From an RTX stream to the stream that it repairs.
    repairs: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the relay needs to know of an answer; the sections are in the order of their mids."""

    fingerprints: tuple[Fingerprint, ...]
    sections: tuple[Section, ...]


def offer(
    *,
    session: int,
    version: int,
    addresses: Sequence[tuple[str, int]],
    credentials: Credentials,
    fingerprint: Fingerprint,
    streams: Mapping[int, Stream],
    tcp: Sequence[tuple[str, int]] = (),
) -> str:
    """The offer for one leg.

    `addresses` are the relay's own for UDP, best first, `tcp` those where it takes connections;
    `streams` by mid.
    """
    host, port = addresses[0]
    transport = [
        f"c=IN IP{ip_address(host).version} {host}",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{credentials.ufrag}",
        f"a=ice-pwd:{credentials.password}",
        f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}",
        "a=setup:actpass",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=extmap:{rtp.ABS_SEND_TIME_ID} {ABS_SEND_TIME}",
    ]
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(str(section.mid) for section in slots.ALL)}",
        "a=msid-semantic: WMS *",
    ]
    for section in slots.ALL:
        formats = (rtp.OPUS,) if section.media == "audio" else (rtp.VP8, rtp.RTX)
        lines += [
            f"m={section.media} {port} UDP/TLS/RTP/SAVPF {' '.join(map(str, formats))}",
            *transport,
            f"a=mid:{section.mid}",
            f"a={'recvonly' if section.up else 'sendonly'}",
            *(_AUDIO if section.media == "audio" else _VIDEO),
            *(_counted(formats[0]) if section.up else _sent(section, streams[section.mid])),
        ]
        # All are bundled with the first; aiortc's peers look for candidates in the last.
        if section in (slots.ALL[0], slots.ALL[-1]):
            lines += [*_candidates(addresses, tcp), "a=end-of-candidates"]
    return "\r\n".join(lines) + "\r\n"


_AUDIO = (
    f"a=extmap:{rtp.AUDIO_LEVEL_ID} {AUDIO_LEVEL}",
    f"a=rtpmap:{rtp.OPUS} opus/48000/2",
    f"a=fmtp:{rtp.OPUS} minptime=10;useinbandfec=1;usedtx=1",
)
_VIDEO = (
    f"a=rtpmap:{rtp.VP8} VP8/90000",
    *(f"a=rtcp-fb:{rtp.VP8} {kind}" for kind in _VIDEO_FEEDBACK),
    f"a=fmtp:{rtp.VP8} {_VP8_BITRATES}",
    f"a=rtpmap:{rtp.RTX} rtx/90000",
    f"a=fmtp:{rtp.RTX} apt={rtp.VP8}",
)


def _counted(payload_type: int) -> list[str]:
    """What a peer sends bears its transport-wide number; what it is sent never does."""
    return [
        f"a=extmap:{rtp.TRANSPORT_CC_ID} {TRANSPORT_CC}",
        f"a=rtcp-fb:{payload_type} transport-cc",
    ]


def _sent(section: slots.Section, stream: Stream) -> list[str]:
    """Under which SSRCs the relay sends in a section."""
    msid = f"msid:{section.stream} {section.media}"
    group = [] if stream.rtx is None else [f"a=ssrc-group:FID {stream.ssrc} {stream.rtx}"]
    return [
        f"a={msid}",
        *group,
        *(
            f"a=ssrc:{ssrc} {attribute}"
            for ssrc in (stream.ssrc, stream.rtx)
            if ssrc is not None
            for attribute in (f"cname:{section.stream}", msid)
        ),
    ]


def _candidates(udp: Sequence[tuple[str, int]], tcp: Sequence[tuple[str, int]]) -> list[str]:
    """Host candidates in the order given, TCP after UDP and before whatever a TURN server relays.

    Priorities are those of RFC 8445 section 5.1.2.1 and, for TCP, of RFC 6544 section 4.2: the
    direction is passive, for browsers only open connections.
    """
    datagrams = [
        f"a=candidate:{i + 1} 1 udp {(126 << 24) + ((65535 - i) << 8) + 255} {host} {port} typ host"
        for i, (host, port) in enumerate(udp)
    ]
    streams = [
        f"a=candidate:{len(udp) + i + 1} 1 tcp "
        f"{(90 << 24) + (((4 << 13) + 8191 - i) << 8) + 255} {host} {port} typ host tcptype passive"
        for i, (host, port) in enumerate(tcp)
    ]
    return [*datagrams, *streams]


def parse_answer(text: str) -> Answer:
    """Read a peer's answer; raises `BadSdp` with a reason that a developer understands."""
    if len(text) > SDP_BYTES:
        raise BadSdp("the answer is too long")
    session, *media = _split(text)
    if not session or session[0].strip() != "v=0":
        raise BadSdp("not a session description")
    if len(media) != len(slots.ALL):
        raise BadSdp(f"expected {len(slots.ALL)} media sections, got {len(media)}")
    sections = tuple(_section(ours, lines) for ours, lines in zip(slots.ALL, media, strict=True))
    live = [lines for section, lines in zip(sections, media, strict=True) if section.accepted]
    if not live:
        raise BadSdp("neither audio nor video was accepted")
    for lines in live:
        # Passive would make the relay the DTLS client: not needed by any browser (RFC 8842).
        if (_value(lines, "setup") or _value(session, "setup")) != "active":
            raise BadSdp("the answer must be a=setup:active")
    sent = [ssrc for section in sections for ssrc in (*section.ssrcs, *section.repairs)]
    if len(sent) != len(set(sent)):
        raise BadSdp("two sections send under one SSRC")
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


def _section(ours: slots.Section, lines: list[str]) -> Section:
    match = _M_LINE.fullmatch(lines[0])
    if match is None or match[1] != ours.media:
        raise BadSdp(f"media section {ours.mid} is not {ours.media}")
    section = Section()
    formats = match[4].split()
    if match[2] == "0" or str(_PAYLOAD_TYPES[ours.media]) not in formats:
        return section
    if _value(lines, "mid") != str(ours.mid):
        raise BadSdp(f"media section {ours.mid} has another mid")
    if match[3] != "UDP/TLS/RTP/SAVPF" or "a=rtcp-mux" not in lines:
        raise BadSdp("only DTLS-SRTP with rtcp-mux is supported")
    section.accepted = True
    section.rtx = ours.media == "video" and str(rtp.RTX) in formats
    section.receives = not ours.up and not {"a=sendonly", "a=inactive"} & set(lines)
    if ours.up:
        _read_ssrcs(section, lines)
    return section


def _read_ssrcs(section: Section, lines: list[str]) -> None:
    """Browsers tell camera and screen apart by nothing else: both are VP8 without a MID."""
    found: dict[int, None] = {}
    for line in lines:
        if group := _FID.fullmatch(line):
            if len(section.repairs) < _MOST_SSRCS:
                section.repairs[int(group[2])] = int(group[1])
        elif (named := _SSRC.match(line)) and len(found) < 2 * _MOST_SSRCS:
            found[int(named[1])] = None
    section.ssrcs = tuple(ssrc for ssrc in found if ssrc not in section.repairs)


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


def pick_streams() -> dict[int, Stream]:
    """Random SSRCs that differ, and are not the relay's own, for every section by mid."""
    wanted = sum(1 + (section.media == "video") for section in slots.DOWN)
    picked: set[int] = set()
    while len(picked) < wanted:
        picked.add(secrets.randbelow((1 << 32) - 2) + 2)
    return {
        section.mid: Stream(picked.pop(), picked.pop() if section.media == "video" else None)
        for section in slots.DOWN
    }
