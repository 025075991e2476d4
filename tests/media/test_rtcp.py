"""RTCP against aiortc's reading of it, and against noise."""

import contextlib

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtcp

U32 = st.integers(0, 0xFFFFFFFF)


def test_noise_of_a_compound_changes_nothing_before_it_raises() -> None:
    with pytest.raises(rtcp.MalformedRtcp):
        rtcp.parse(rtcp.pli(7) + b"\x80\xce\x00\xff")


@pytest.mark.fuzz
@given(st.binary(max_size=300))
def test_noise_raises_only_its_own_error(noise: bytes) -> None:
    with contextlib.suppress(rtcp.MalformedRtcp):
        rtcp.parse(noise)


@pytest.mark.fuzz
@given(
    st.sampled_from([200, 201, 205, 206]), st.integers(0, 31), st.booleans(), st.binary(max_size=80)
)
def test_a_sound_header_around_noise_is_survived(
    kind: int, count: int, padded: bool, noise: bytes
) -> None:
    body = noise[: len(noise) // 4 * 4]
    head = bytes([0x80 | padded << 5 | count, kind]) + (len(body) // 4).to_bytes(2, "big")
    with contextlib.suppress(rtcp.MalformedRtcp):
        rtcp.parse(head + body)


@pytest.mark.property
@given(U32, st.sets(st.integers(0, 0xFFFF), min_size=1, max_size=200))
def test_nacks_come_back_as_they_were(ssrc: int, lost: set[int]) -> None:
    (message,) = rtcp.parse(rtcp.nack(ssrc, lost))
    assert isinstance(message, rtcp.Nack)
    assert message.media_ssrc == ssrc
    assert set(message.lost) == lost
    (theirs,) = RtcpPacket.parse(rtcp.nack(ssrc, lost))
    assert isinstance(theirs, RtcpRtpfbPacket)
    assert {number & 0xFFFF for number in theirs.lost} == lost


def test_a_nack_storm_is_cut() -> None:
    (message,) = rtcp.parse(rtcp.nack(1, range(5000)))
    assert isinstance(message, rtcp.Nack)
    assert len(message.lost) == 256


@pytest.mark.property
@given(st.integers(0, 1 << 80), st.lists(U32, max_size=10))
def test_estimates_keep_their_leading_bits(bitrate: int, ssrcs: list[int]) -> None:
    (message,) = rtcp.parse(rtcp.remb(bitrate, ssrcs))
    assert isinstance(message, rtcp.Remb)
    assert message.ssrcs == tuple(ssrcs)
    assert message.bitrate <= bitrate
    assert message.bitrate >= bitrate * 0.99 - 1
    (theirs,) = RtcpPacket.parse(rtcp.remb(bitrate, ssrcs))
    assert isinstance(theirs, RtcpPsfbPacket)
    assert unpack_remb_fci(theirs.fci)[0] == message.bitrate


def test_aiortcs_estimates_are_read() -> None:
    fci = pack_remb_fci(1_500_000, [5, 6])
    packet = RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=fci)
    (message,) = rtcp.parse(bytes(packet))
    assert isinstance(message, rtcp.Remb)
    assert message.ssrcs == (5, 6)


def test_reports_are_what_aiortc_reads() -> None:
    report = rtcp.ReceptionReport(7, 12, -3, 70_000, 5, 6, 8)
    (theirs,) = RtcpPacket.parse(rtcp.receiver_report([report]))
    assert isinstance(theirs, RtcpRrPacket)
    block = theirs.reports[0]
    assert (block.ssrc, block.fraction_lost, block.packets_lost) == (7, 12, -3)
    assert (block.highest_sequence, block.jitter, block.lsr, block.dlsr) == (70_000, 5, 6, 8)
    assert rtcp.parse(rtcp.receiver_report([report])) == [report]
    (sent,) = RtcpPacket.parse(rtcp.sender_report(9, 1 << 40, 3, 1 << 33, 5))
    assert isinstance(sent, RtcpSrPacket)
    assert (sent.sender_info.ntp_timestamp, sent.sender_info.packet_count) == (1 << 40, 0)


def test_keyframe_requests_of_both_kinds() -> None:
    assert rtcp.parse(rtcp.pli(9)) == [rtcp.KeyframeRequest(9)]
    fir = bytes.fromhex("84ce0004 00000001 00000000 00000009 01000000")
    assert rtcp.parse(fir) == [rtcp.KeyframeRequest(9)]
