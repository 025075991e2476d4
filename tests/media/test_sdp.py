"""Offers that aiortc understands, answers that it makes, and noise."""

import contextlib

import pytest
from aiortc import sdp as reference
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtp, sdp, slots
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
        streams={
            section.mid: sdp.Stream(1000 + section.mid, 2000 + section.mid)
            if section.media == "video"
            else sdp.Stream(1000 + section.mid)
            for section in slots.DOWN
        },
    )


def test_the_offer_is_what_aiortc_reads() -> None:
    offer = reference.SessionDescription.parse(make_offer())
    assert str(offer.group[0]) == f"BUNDLE {' '.join(str(n) for n in range(14))}"
    assert [media.rtp.muxId for media in offer.media] == [str(n) for n in range(14)]
    assert [media.kind for media in offer.media] == (
        ["audio", "video", "video"] + ["audio"] * 5 + ["video"] * 5 + ["video"]
    )
    assert [media.direction for media in offer.media] == ["recvonly"] * 3 + ["sendonly"] * 11
    audio, camera = offer.media[:2]
    assert audio.dtls is not None
    assert audio.dtls.role == "auto"
    assert audio.ice is not None
    assert audio.ice.iceLite
    assert [c.ip for c in audio.ice_candidates] == ["192.0.2.1", "2001:db8::1"]
    assert audio.ice_candidates[0].priority > audio.ice_candidates[1].priority
    assert audio.rtp.codecs[0].parameters["useinbandfec"] == 1
    assert audio.rtp.codecs[0].parameters["usedtx"] == "1"
    feedback = {(f.type, f.parameter) for f in camera.rtp.codecs[0].rtcpFeedback}
    assert feedback == {
        ("goog-remb", None), ("transport-cc", None), ("nack", None), ("nack", "pli"),
        ("ccm", "fir"),
    }  # fmt: skip
    for media in offer.media:
        wanted = ["audio/opus"] if media.kind == "audio" else ["video/VP8", "video/rtx"]
        assert [codec.mimeType for codec in media.rtp.codecs] == wanted
        extensions = {h.uri: h.id for h in media.rtp.headerExtensions}
        assert not any("sdes:mid" in uri for uri in extensions)
        assert extensions[sdp.ABS_SEND_TIME] == rtp.ABS_SEND_TIME_ID
    for section in slots.DOWN:
        media = offer.media[section.mid]
        assert media.msid == f"{section.stream} {section.media}"
        assert media.ssrc[0].ssrc == 1000 + section.mid
        if section.media == "video":
            assert media.ssrc_group[0].items == [1000 + section.mid, 2000 + section.mid]


def test_what_is_sent_counts_towards_the_senders_bitrate_and_what_is_received_does_not() -> None:
    offer = reference.SessionDescription.parse(make_offer())
    for section, media in zip(slots.ALL, offer.media, strict=True):
        extensions = {h.uri: h.id for h in media.rtp.headerExtensions}
        wanted = rtp.TRANSPORT_CC_ID if section.up else None
        assert extensions.get(sdp.TRANSPORT_CC) == wanted
        feedback = {f.type for f in media.rtp.codecs[0].rtcpFeedback}
        assert ("transport-cc" in feedback) is section.up


def test_ipv6_first_stands_in_the_connection_line() -> None:
    assert "c=IN IP6 2001:db8::1" in make_offer([("2001:db8::1", 4000)])


def good() -> str:
    return Robot(3, 4).take(make_offer())


async def test_an_answer_is_read() -> None:
    robot = Robot(3, 4)
    answer = sdp.parse_answer(robot.take(make_offer()))
    assert all(section.accepted for section in answer.sections)
    assert answer.fingerprints[0].algorithm == "sha-256"
    audio, camera, screen, *down = answer.sections
    assert (audio.ssrcs, audio.rtx, audio.repairs) == ((3,), False, {})
    assert (camera.ssrcs, camera.rtx, camera.repairs) == ((4,), True, {robot.video_rtx: 4})
    assert screen.ssrcs == (robot.screen,)
    assert screen.repairs == {robot.screen_rtx: robot.screen}
    assert all(section.receives and not section.ssrcs for section in down)
    assert not any(section.receives for section in (audio, camera, screen))


async def test_nothing_may_be_sent_twice_under_one_ssrc() -> None:
    robot = Robot(3, 4)
    robot.screen = robot.video
    with pytest.raises(BadSdp):
        sdp.parse_answer(robot.take(make_offer()))


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
    assert [section.accepted for section in answer.sections] == [
        section.media == "audio" for section in slots.ALL
    ]
    with pytest.raises(BadSdp):
        sdp.parse_answer(text.replace("m=audio 9", "m=audio 0"))


@pytest.mark.parametrize(
    ("direction", "receives"),
    [("recvonly", True), ("sendrecv", True), ("sendonly", False), ("inactive", False)],
)
async def test_directions_are_read(direction: str, *, receives: bool) -> None:
    answer = sdp.parse_answer(good().replace("a=recvonly", f"a={direction}"))
    assert {answer.sections[section.mid].receives for section in slots.DOWN} == {receives}


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


def _bare(section: slots.Section) -> str:
    formats = "111" if section.media == "audio" else "96 97"
    return (
        f"m={section.media} 9 UDP/TLS/RTP/SAVPF {formats}\r\na=fingerprint:sha-256 "
        f"{FINGERPRINT.value}\r\na=setup:active\r\na=rtcp-mux\r\na=mid:{section.mid}\r\n"
    )


GOOD = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    + "".join(_bare(section) for section in slots.ALL)
    + "a=ssrc-group:FID 1 2\r\n"
)
