"""RTP headers and their extensions, and RTX."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket, unwrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtp
from signaling.media.limits import MAX_EXTENSION_WORDS
from signaling.media.sdp import ABS_SEND_TIME, AUDIO_LEVEL

EXTENSIONS = HeaderExtensionsMap()
EXTENSIONS.configure(
    RTCRtpParameters(
        headerExtensions=[
            RTCRtpHeaderExtensionParameters(id=rtp.ABS_SEND_TIME_ID, uri=ABS_SEND_TIME),
            RTCRtpHeaderExtensionParameters(id=rtp.AUDIO_LEVEL_ID, uri=AUDIO_LEVEL),
        ]
    )
)


def packet(payload: bytes = b"payload", *, padding: int = 0, stamp: bool = True) -> bytes:
    made = RtpPacket(payload_type=rtp.VP8, marker=1, sequence_number=77, timestamp=5, ssrc=9)
    made.payload = payload
    made.padding_size = padding
    made.csrc = [1, 2]
    made.extensions = HeaderExtensions(
        abs_send_time=0x111111 if stamp else None, audio_level=(True, 30)
    )
    return made.serialize(EXTENSIONS)


def rewritten(raw: bytearray, time: int = 0xABCDEF) -> int:
    return rtp.rewrite_extensions(raw, len(raw), time)


def test_the_stamp_is_where_aiortc_reads_it() -> None:
    raw = bytearray(packet())
    assert rewritten(raw) == rtp.UNNUMBERED
    read = RtpPacket.parse(bytes(raw), EXTENSIONS)
    assert read.extensions.abs_send_time == 0xABCDEF
    assert read.extensions.audio_level == (True, 30)
    assert read.payload == b"payload"


def test_no_stamp_where_there_is_no_room() -> None:
    raw = bytearray(packet(stamp=False))
    before = bytes(raw)
    assert rewritten(raw) == rtp.UNNUMBERED
    assert raw == before


def with_extensions(elements: bytes, *, profile: int = 0xBEDE, words: int | None = None) -> bytes:
    elements += bytes(-len(elements) % 4)
    told = len(elements) // 4 if words is None else words
    head = packet()[:12]
    return (
        bytes([0x90])
        + head[1:]
        + profile.to_bytes(2, "big")
        + told.to_bytes(2, "big")
        + elements
        + b"payload"
    )


LEVEL, STAMP, NUMBER = bytes([0x10, 30]), bytes([0x32, 1, 2, 3]), bytes([0x51, 0xAB, 0xCD])


@pytest.mark.parametrize(
    "elements", [STAMP + NUMBER, NUMBER + STAMP, LEVEL + b"\0" + NUMBER + STAMP]
)
def test_the_transport_wide_number_ends_here(elements: bytes) -> None:
    raw = bytearray(with_extensions(elements))
    assert rewritten(raw, 0x010203) == 0xABCD
    assert raw == with_extensions(elements.replace(NUMBER, bytes(3)))
    assert rewritten(raw) == rtp.UNNUMBERED


def test_what_was_not_offered_is_not_passed_on() -> None:
    raw = bytearray(with_extensions(bytes([0x41]) + b"1!" + bytes([0xE2]) + b"???" + STAMP))
    assert rewritten(raw, 0x010203) == rtp.UNNUMBERED
    assert raw == with_extensions(bytes(7) + STAMP)


@pytest.mark.parametrize(
    "nonsense",
    [
        with_extensions(STAMP, words=4),
        with_extensions(STAMP, words=0xFFFF),
        with_extensions(STAMP, words=0x0100),
        with_extensions(bytes(4 * MAX_EXTENSION_WORDS + 4)),
        with_extensions(bytes([0x32, 1, 2, 3]), profile=0x1000),
        with_extensions(bytes([0x33, 1, 2, 3])),
        with_extensions(bytes([0x0F, 1, 2, 3])),
        with_extensions(STAMP + bytes([0xF0, 0])),
        packet()[:12],
    ],
)
def test_extensions_that_no_browser_sends_are_refused(nonsense: bytes) -> None:
    assert rewritten(bytearray(nonsense)) == rtp.MALFORMED


def test_send_time_wraps_at_64_seconds() -> None:
    assert rtp.send_time(1.0) == 1 << 18
    assert rtp.send_time(65.0) == rtp.send_time(1.0)


@pytest.mark.parametrize("padding", [0, 8])
def test_rtx_there_and_back(padding: int) -> None:
    original = packet(padding=padding)
    wrapped = rtp.wrap_rtx(original, 1234, 42)
    assert wrapped is not None
    theirs = RtpPacket.parse(bytes(wrapped), EXTENSIONS)
    assert (theirs.ssrc, theirs.sequence_number, theirs.payload_type) == (1234, 42, rtp.RTX)
    plain = unwrap_rtx(theirs, payload_type=rtp.VP8, ssrc=9)
    assert (plain.sequence_number, plain.payload, plain.marker) == (77, b"payload", 1)
    unwrapped = rtp.unwrap_rtx(bytes(wrapped), rtp.VP8)
    assert unwrapped is not None
    number, restored = unwrapped
    restored[2:4], restored[8:12] = original[2:4], original[8:12]
    assert number == 77
    assert restored == packet()


@pytest.mark.fuzz
@given(st.binary(max_size=80), st.integers(0, 255))
def test_noise_is_survived(noise: bytes, first: int) -> None:
    raw = bytearray(bytes([first]) + noise)
    if len(raw) >= rtp.HEADER:
        before = bytes(raw)
        rewritten(raw)
        assert len(raw) == len(before)
    rtp.payload_span(bytes(raw))
    rtp.wrap_rtx(bytes(raw), 1, 2)
    rtp.unwrap_rtx(bytes(raw), rtp.VP8)


@pytest.mark.fuzz
@given(st.binary(max_size=40), st.integers(0, 12))
def test_extensions_of_noise_are_survived(noise: bytes, words: int) -> None:
    raw = bytearray(packet()[:12])
    raw[0] = 0x90
    raw += b"\xbe\xde" + words.to_bytes(2, "big") + noise
    rewritten(raw)
    assert raw[16 + 4 * words :] == noise[4 * words :]
