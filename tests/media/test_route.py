"""The numbering of a receiver's stream: the security invariant, walked at random."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import rtp
from signaling.media.limits import CACHE
from signaling.media.route import Downlink, Uplink, nearest


def uplink(sequence: int, ssrc: int = 1) -> Uplink:
    return Uplink(ssrc, rtp.VP8, 90_000, sequence + (1 << 16))


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
    stream = Downlink(100, rtp.VP8, 101)
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
        outgoing = stream.number(extended)
        if outgoing is not None:
            assert outgoing not in used
            assert outgoing > max(used, default=-1) - CACHE
            used.add(outgoing)
            stream.sent(outgoing, 0, b"packet", float(now))


@pytest.mark.property
@given(st.lists(st.integers(0, 1 << 31), min_size=2, max_size=6), st.floats(0.05, 30))
def test_timestamps_rise_across_sources(stamps: list[int], gap: float) -> None:
    stream = Downlink(100, rtp.VP8, 101)
    last: int | None = None
    for index, stamp in enumerate(stamps):
        source = uplink(index * 7, ssrc=index + 2)
        now = index * gap
        stream.attach(source, source.highest, stamp, now)
        outgoing = stream.number(source.highest)
        assert outgoing is not None
        shifted = stream.shift_timestamp(stamp)
        stream.sent(outgoing, shifted, None, now)
        if last is not None:
            ahead = (shifted - last) & 0xFFFFFFFF
            assert ahead >= 3000
            assert abs(ahead - max(gap * 90_000, 3000)) < 2
        last = shifted


def test_the_cache_forgets_what_is_old() -> None:
    stream = Downlink(100, rtp.VP8, 101)
    source = uplink(0)
    stream.attach(source, source.highest, 0, 0.0)
    numbers = []
    for n in range(CACHE + 10):
        outgoing = stream.number(source.arrived(n, 0, 1, 0.0))
        assert outgoing is not None
        stream.sent(outgoing, 0, b"%d" % n, 0.0)
        numbers.append(outgoing)
    assert stream.lookup(numbers[0] & 0xFFFF)[1] is None
    assert stream.lookup(numbers[-1] & 0xFFFF) == (numbers[-1], b"%d" % (CACHE + 9))
    assert stream.upstream_number(numbers[0]) is None
    assert stream.may_resend(numbers[-1], 1.0)
    assert not stream.may_resend(numbers[-1], 1.001)
    assert not stream.may_resend(numbers[-1], 1.09), "the usual round trip"
    stream.round_trip = 0.04
    assert not stream.may_resend(numbers[-1], 1.03)


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
