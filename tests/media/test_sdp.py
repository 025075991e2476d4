"""Offers that aiortc understands, answers that it makes, and noise."""

import contextlib

import pytest
from aiortc import sdp as reference
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtp, sdp
from signaling.media.errors import BadSdp
from signaling.media.leg import new_credentials
from tests.media.peers import Robot

# Not all of Unicode: its tables take seconds to build.
CHARACTERS = st.characters(max_codepoint=0x2FF)
NOISE = st.text(CHARACTERS, max_size=20)
FINGERPRINT = sdp.Fingerprint("sha-256", ":".join(["AB"] * 32))


def make_offer(addresses: list[tuple[str, int]] | None = None) -> str:
    return sdp.offer(
        session=5,
        version=2,
        addresses=addresses or [("192.0.2.1", 4000), ("2001:db8::1", 4000)],
        credentials=new_credentials(),
        fingerprint=FINGERPRINT,
        streams=sdp.Streams(11, 22, 33),
    )


def test_the_offer_is_what_aiortc_reads() -> None:
    offer = reference.SessionDescription.parse(make_offer())
    assert str(offer.group[0]) == "BUNDLE 0 1"
    audio, video = offer.media
    assert (audio.rtp.muxId, video.rtp.muxId) == ("0", "1")
    assert [codec.payloadType for codec in audio.rtp.codecs] == [rtp.OPUS]
    assert [codec.mimeType for codec in video.rtp.codecs] == ["video/VP8", "video/rtx"]
    assert audio.rtp.codecs[0].parameters["useinbandfec"] == 1
    assert audio.rtp.codecs[0].parameters["usedtx"] == "1"
    assert video.ssrc_group[0].items == [22, 33]
    assert audio.dtls is not None
    assert audio.dtls.role == "auto"
    assert audio.ice is not None
    assert audio.ice.iceLite
    assert [c.ip for c in audio.ice_candidates] == ["192.0.2.1", "2001:db8::1"]
    assert audio.ice_candidates[0].priority > audio.ice_candidates[1].priority
    assert not any("sdes:mid" in h.uri for m in offer.media for h in m.rtp.headerExtensions)
    feedback = {(f.type, f.parameter) for f in video.rtp.codecs[0].rtcpFeedback}
    assert feedback == {
        ("goog-remb", None), ("transport-cc", None), ("nack", None), ("nack", "pli"),
        ("ccm", "fir"),
    }  # fmt: skip


def test_both_kinds_count_towards_the_senders_bitrate() -> None:
    for section in reference.SessionDescription.parse(make_offer()).media:
        extensions = {h.uri: h.id for h in section.rtp.headerExtensions}
        assert extensions[sdp.TRANSPORT_CC] == rtp.TRANSPORT_CC_ID
        assert extensions[sdp.ABS_SEND_TIME] == rtp.ABS_SEND_TIME_ID
        feedback = {f.type for f in section.rtp.codecs[0].rtcpFeedback}
        assert "transport-cc" in feedback


def test_ipv6_first_stands_in_the_connection_line() -> None:
    assert "c=IN IP6 2001:db8::1" in make_offer([("2001:db8::1", 4000)])


def good() -> str:
    return Robot(3, 4).take(make_offer())


async def test_an_answer_is_read() -> None:
    answer = sdp.parse_answer(good())
    assert answer.sections["audio"].accepted
    assert answer.sections["video"].rtx
    assert list(answer.sections["video"].repairs.values()) == [4]
    assert answer.fingerprints[0].algorithm == "sha-256"


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("v=0", "v=1"),
        ("setup:active", "setup:passive"),
        ("a=rtcp-mux\r\n", ""),
        ("a=mid:1", "a=mid:video"),
        ("m=video", "m=application"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 X"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
        ("m=audio", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nm=audio"),
    ],
)
async def test_what_the_relay_needs_is_refused_when_missing(change: str, to: str) -> None:
    text = good()
    assert change in text
    with pytest.raises(BadSdp):
        sdp.parse_answer(text.replace(change, to))


async def test_one_kind_may_be_rejected_but_not_both() -> None:
    text = good().replace("m=video 9", "m=video 0")
    answer = sdp.parse_answer(text)
    assert not answer.sections["video"].accepted
    with pytest.raises(BadSdp):
        sdp.parse_answer(text.replace("m=audio 9", "m=audio 0"))


@pytest.mark.parametrize(("direction", "receives"), [("recvonly", True), ("sendonly", False)])
async def test_directions_are_read(direction: str, receives: bool) -> None:
    answer = sdp.parse_answer(good().replace("a=sendrecv", f"a={direction}"))
    assert answer.sections["audio"].receives is receives


@pytest.mark.fuzz
@given(st.text(CHARACTERS, max_size=400))
def test_noise_is_refused(noise: str) -> None:
    with pytest.raises(BadSdp):
        sdp.parse_answer(noise)


@pytest.mark.fuzz
@given(st.data())
def test_bent_answers_raise_nothing_else(data: st.DataObject) -> None:
    lines = GOOD.split("\r\n")
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(["drop", "double", "noise", "insert", "swap"]))
        if how == "drop" and len(lines) > 1:
            del lines[at]
        elif how == "double":
            lines.insert(at, lines[at])
        elif how == "noise":
            cut = data.draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + data.draw(NOISE)
        elif how == "insert":
            lines.insert(at, data.draw(st.sampled_from(["m=", "a=", "a=ssrc-group:FID", "\u2028"])))
        else:
            lines[at], lines[0] = lines[0], lines[at]
    with contextlib.suppress(BadSdp):
        sdp.parse_answer("\r\n".join(lines))


def test_a_huge_answer_is_refused() -> None:
    with pytest.raises(BadSdp):
        sdp.parse_answer("v=0\r\n" * 50_000)


GOOD = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    f"a=fingerprint:sha-256 {FINGERPRINT.value}\r\na=setup:active\r\na=rtcp-mux\r\na=mid:0\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
    f"a=fingerprint:sha-256 {FINGERPRINT.value}\r\na=setup:active\r\na=rtcp-mux\r\na=mid:1\r\n"
    "a=ssrc-group:FID 1 2\r\n"
)
