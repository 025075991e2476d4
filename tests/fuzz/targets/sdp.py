"""Session descriptions that answer our offers."""

from random import Random

from typing_extensions import override

from signaling.media import sdp, slots
from signaling.media.errors import BadSdp
from tests.fuzz.harness import Target
from tests.fuzz.mutate import broken, broken_lines, broken_text, encode, noise

_DIGEST = ":".join(["AB"] * 32)
_COMMON = (
    "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:robo\r\n"
    "a=ice-pwd:robotrobotrobotrobotro\r\na=ice-options:trickle\r\n"
    f"a=fingerprint:sha-256 {_DIGEST}\r\na=setup:active\r\n"
)
_FIREFOX = f"a=fingerprint:sha-256 {_DIGEST}\r\na=setup:active\r\n"


def _whole(head: str, common: str, video: str, *, rejected: tuple[int, ...] = ()) -> str:
    """An answer to all of the offer's sections."""
    text = f"v=0\r\no=- 46117 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n{head}"
    for section in slots.ALL:
        formats = "111" if section.media == "audio" else video
        port = 0 if section.mid in rejected else 9
        text += (
            f"m={section.media} {port} UDP/TLS/RTP/SAVPF {formats}\r\n{common}"
            f"a=mid:{section.mid}\r\na=rtcp-mux\r\n"
            f"a={'sendonly' if section.up else 'recvonly'}\r\n"
        )
        ssrc = 1000 + 2 * section.mid
        if section.up and section.media == "video":
            text += f"a=ssrc-group:FID {ssrc} {ssrc + 1}\r\na=ssrc:{ssrc + 1} cname:robot\r\n"
        if section.up:
            text += f"a=ssrc:{ssrc} cname:robot\r\n"
    return text


# As browsers write them: Chromium's, one that takes no video, and Firefox's with its session lines.
ANSWERS = (
    _whole("a=group:BUNDLE 0 1 2\r\na=msid-semantic: WMS\r\n", _COMMON, "96 97"),
    _whole("", _COMMON, "96 97", rejected=(1, 2, 8, 9, 10, 11, 12, 13)),
    _whole(_FIREFOX, "", "96"),
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
        assert len(found.sections) == len(slots.ALL)
        assert any(section.accepted for section in found.sections)
        sent = [ssrc for section in found.sections for ssrc in (*section.ssrcs, *section.repairs)]
        assert len(sent) == len(set(sent)) <= 3 * 12
        assert not any(section.receives for section in found.sections[:3])
        return "read"
