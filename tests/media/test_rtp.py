"""RTP headers, the send-time stamp, and RTX."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket, unwrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtp
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


def test_the_stamp_is_where_aiortc_reads_it() -> None:
    raw = bytearray(packet())
    assert rtp.stamp(raw, len(raw), 0xABCDEF)
    read = RtpPacket.parse(bytes(raw), EXTENSIONS)
    assert read.extensions.abs_send_time == 0xABCDEF
    assert read.extensions.audio_level == (True, 30)
    assert read.payload == b"payload"


def test_no_stamp_where_there_is_no_room() -> None:
    raw = bytearray(packet(stamp=False))
    before = bytes(raw)
    assert not rtp.stamp(raw, len(raw), 1)
    assert raw == before


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
        rtp.stamp(raw, len(raw), 0xFFFFFF)
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
    rtp.stamp(raw, len(raw), 0xFFFFFF)
