"""Session descriptions that answer our offers."""

from random import Random

from typing_extensions import override

from signaling.media import sdp
from signaling.media.errors import BadSdp
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, broken_lines, broken_text, encode, noise

_DIGEST = ":".join(["AB"] * 32)
_COMMON = (
    "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:robo\r\n"
    "a=ice-pwd:robotrobotrobotrobotro\r\na=ice-options:trickle\r\n"
    f"a=fingerprint:sha-256 {_DIGEST}\r\na=setup:active\r\n"
)
# As browsers write them: Chromium's, one that takes no video, and Firefox's with its session lines.
ANSWERS = (
    "v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "a=msid-semantic: WMS\r\n"
    f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{_COMMON}a=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=ssrc:1001 cname:robot\r\n"
    f"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n{_COMMON}a=mid:1\r\na=sendrecv\r\na=rtcp-mux\r\n"
    "a=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\n"
    "a=fmtp:97 apt=96\r\na=ssrc-group:FID 1002 1003\r\na=ssrc:1002 cname:robot\r\n",
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{_COMMON}a=mid:0\r\na=rtcp-mux\r\n"
    "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\na=inactive\r\n",
    f"v=0\r\no=mozilla 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 {_DIGEST}\r\n"
    "a=setup:active\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-mux\r\na=recvonly\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtcp-mux\r\na=sendonly\r\n",
)


def answer(rng: Random) -> str:
    """A browser's answer with something wrong in it, or nearly none."""
    whole = rng.choice(ANSWERS)
    match rng.randrange(5):
        case 0:
            return broken_text(rng, whole)
        case 1:
            raw = broken(rng, whole.encode(), [each.encode() for each in ANSWERS])
            return raw.decode("latin-1")
        case _:
            return broken_lines(rng, whole, ANSWERS)


class Sdp(Target):
    """`parse_answer` gives an `Answer` or raises `BadSdp`."""

    name = "sdp"
    reaches = frozenset({"read", "refused"})

    @override
    def prepare(self) -> None:
        for each in ANSWERS:
            assert sdp.parse_answer(each).fingerprints[0].value == _DIGEST

    @override
    def make(self, rng: Random) -> bytes:
        match rng.randrange(20):
            case 0:
                return noise(rng, 5000)
            case 1:  # huge in each of the ways that lines allow
                line = rng.choice(ANSWERS[0].splitlines()) + "\r\n"
                return encode(ANSWERS[0] + line * rng.choice((10, 400)))
            case _:
                return encode(answer(rng))

    @override
    async def take(self, data: bytes) -> str:
        try:
            found = sdp.parse_answer(data.decode("utf-8", "surrogateescape"))
        except BadSdp as refused:
            return "refused" if refused.detail else "without a word"
        assert 1 <= len(found.fingerprints) <= 4
        assert set(found.sections) == {"audio", "video"}
        assert any(section.accepted for section in found.sections.values())
        assert all(len(section.repairs) <= 8 for section in found.sections.values())
        return "read"
