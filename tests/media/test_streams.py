"""The numbering of a receiver's stream: the security invariant, walked at random."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtp, slots
from signaling.media.downlink import Downlink
from signaling.media.leg import Leg
from signaling.media.limits import CACHE
from signaling.media.rtp import nearest
from signaling.media.uplink import Uplink
from tests.media.peers import RTP


def leg() -> Leg:
    return Leg("leg", "visit", "patient", 0.0, lambda leg: None)


SENDER, RECEIVER = leg(), leg()


def uplink(sequence: int, ssrc: int = 1) -> Uplink:
    return Uplink(SENDER, slots.CAMERA, ssrc, rtp.VP8, sequence + (1 << 16))


def downlink(rtx: int | None = 101) -> Downlink:
    return Downlink(RECEIVER, 100, rtp.VP8, rtx)


@pytest.mark.property
@given(st.integers(0, 1 << 40), st.integers(-0x8000, 0x7FFF))
def test_the_nearest_number_is_found(reference: int, off: int) -> None:
    assert nearest((reference + off) & 0xFFFF, reference) == reference + off


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("packet"), st.integers(-700, 700)),
        st.tuples(st.just("repair"), st.integers(-700, 0)),
        st.tuples(st.just("switch"), st.integers(0, 0xFFFF)),
        st.tuples(st.just("jump"), st.integers(0, 0x7FFF)),
    ),
    max_size=150,
)


@pytest.mark.property
@given(STEPS, st.integers(0, 0xFFFF))
def test_no_number_is_ever_used_twice(steps: list[tuple[str, int]], start: int) -> None:
    stream = downlink()
    source = uplink(start)
    stream.attach(source, source.highest, 0, 0.0)
    used: set[int] = set()
    for now, (kind, by) in enumerate(steps):
        if kind == "switch":
            source = uplink(by, ssrc=now + 2)
            stream.attach(source, source.highest, 0, float(now))
            assert stream.source is source
            continue
        if kind == "repair":
            extended = nearest(source.highest + by & 0xFFFF, source.highest)
        else:
            extended = source.arrived((source.highest + by) & 0xFFFF, 0, 100, float(now))
        outgoing = stream.take(extended, 0, 100, float(now))
        if outgoing is not None:
            assert outgoing not in used
            assert outgoing > max(used, default=-1) - CACHE
            used.add(outgoing)


@pytest.mark.property
@given(st.lists(st.integers(0, 1 << 31), min_size=2, max_size=6), st.floats(0.05, 30))
def test_timestamps_rise_across_sources(stamps: list[int], gap: float) -> None:
    stream = downlink()
    last: int | None = None
    for index, stamp in enumerate(stamps):
        source = uplink(index * 7, ssrc=index + 2)
        now = index * gap
        stream.attach(source, source.highest, stamp, now)
        assert stream.take(source.highest, stamp, 100, now) is not None
        shifted = stream.timestamp
        assert shifted == stream.shift_timestamp(stamp)
        if last is not None:
            ahead = (shifted - last) & 0xFFFFFFFF
            assert ahead >= 3000
            assert abs(ahead - max(gap * 90_000, 3000)) < 2
        last = shifted


def packet(number: int) -> bytes:
    head = RTP.pack(0x80, rtp.VP8, number & 0xFFFF, number * 3000, 1)
    return head + b"packet %d" % number


def test_what_is_old_is_forgotten() -> None:
    stream = downlink()
    source = uplink(0)
    stream.attach(source, source.highest, 0, 0.0)
    numbers = []
    for n in range(CACHE + 10):
        extended = source.arrived(n, 0, 1, 0.0)
        source.keep(extended, packet(n))
        outgoing = stream.take(extended, 0, 1, 0.0)
        assert outgoing is not None
        numbers.append(outgoing)
    assert not stream.holds(numbers[0])
    assert stream.again(numbers[0], 0) is None
    assert stream.upstream_number(numbers[0]) is None
    again = stream.again(numbers[-1], 0)
    assert again is not None
    assert again[12:] == (numbers[-1] & 0xFFFF).to_bytes(2, "big") + packet(CACHE + 9)[12:]
    assert RTP.unpack_from(again)[4] == 101
    assert stream.may_resend(numbers[-1], 1.0)
    assert not stream.may_resend(numbers[-1], 1.001)
    assert not stream.may_resend(numbers[-1], 1.09), "the usual round trip"
    stream.round_trip = 0.04
    assert not stream.may_resend(numbers[-1], 1.03)


def test_without_rtx_what_is_sent_again_is_what_left() -> None:
    stream, source = downlink(None), uplink(0)
    stream.attach(source, source.highest, 0, 0.0)
    source.keep(source.highest, packet(0))
    outgoing = stream.take(source.highest, 0, 1, 0.0)
    assert outgoing is not None
    assert stream.copies
    stream.copy(outgoing, b"as it left")
    assert stream.again(outgoing, 12345) == b"as it left"
    assert stream.again(outgoing + 1, 12345) is None


def test_a_source_that_leaves_takes_its_packets_along() -> None:
    stream, source, successor = downlink(), uplink(0), uplink(7, ssrc=2)
    stream.attach(source, source.highest, 0, 0.0)
    source.keep(source.highest, packet(0))
    outgoing = stream.take(source.highest, 0, 1, 0.0)
    assert outgoing is not None
    assert stream.holds(outgoing)
    stream.follow(successor)
    assert not source.streams
    assert successor.waiting == [stream]
    assert not stream.holds(outgoing)
    stream.attach(successor, successor.highest, 0, 1.0)
    assert not successor.waiting
    assert stream.take(successor.highest, 0, 1, 1.0) == outgoing + 1
    assert not stream.holds(outgoing), "that number was the other source's"


def test_reports_count_loss_and_jitter() -> None:
    source = uplink(10)
    for n, now in ((10, 0.0), (11, 0.033), (13, 0.110), (14, 0.133)):
        source.arrived(n, n * 3000, 100, now)
    report = source.report(1.0)
    assert report.packets_lost == 1
    assert report.fraction_lost == 256 // 5
    assert report.highest == (1 << 16) + 14
    assert report.jitter > 0
    assert source.report(2.0).fraction_lost == 0


def test_what_an_outage_took_is_no_loss() -> None:
    source = uplink(10)
    for n, now in ((10, 0.0), (11, 0.033), (90, 3.0), (92, 3.06)):
        source.arrived(n, n * 3000, 100, now)
    report = source.report(4.0)
    assert report.packets_lost == 1, "the one after it"
    assert report.fraction_lost == 256 // 5
    assert source.whole_from == (1 << 16) + 90
    # A screen at rest sends so seldom that a single one may be missing after as long.
    source.arrived(94, 94 * 3000, 100, 5.0)
    assert source.report(6.0).packets_lost == 2
    assert source.whole_from == (1 << 16) + 90


def test_a_report_tells_of_what_left_alone_and_of_nothing_once_that_is_forgotten() -> None:
    source, stream = uplink(0), downlink()
    stream.attach(source, source.highest, 0, 0.0)
    first = source.highest
    for step in range(2 * CACHE):
        if step != 5:  # never came
            assert stream.take(first + step, step * 3000, 100, 0.0) is not None
    began = stream.highest - 2 * CACHE + 1
    assert stream.arrived(began & 0xFFFF, 0) == (0, 0), "the first one is what others begin from"
    # One that never left, and one that was lost on the way.
    recent = stream.highest - 10
    stream.reported = (recent, 1)
    assert stream.arrived(stream.highest & 0xFFFF, 2) == (10, 9)
    stream.reported = (began, 0)
    assert stream.arrived(stream.highest & 0xFFFF, 2) == (0, 0)
