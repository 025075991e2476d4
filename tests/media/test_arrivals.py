"""Transport-wide feedback: what is built tells exactly what arrived, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import limits
from signaling.media.arrivals import Arrivals
from tests.media.told import Told, read

#: Whole ticks, so that a time survives the way through seconds.
TICK = 1 / 4096


def told(arrivals: Arrivals, *came: tuple[int, float]) -> list[Told]:
    arrivals.waiting += came
    return read(arrivals.tell(7))


def ticks(at: float) -> int:
    return int(at * 4000)


STEPS = st.lists(
    st.one_of(
        st.tuples(
            # How far from the highest number so far: in order, after loss, late, twice.
            st.one_of(st.just(1), st.just(1), st.integers(-40, 40), st.integers(-40, 3000)),
            st.one_of(st.integers(0, 100), st.integers(0, 8000)),
        ),
        st.none(),
    ),
    max_size=120,
)


@pytest.mark.property
@given(STEPS, st.integers(0, 0xFFFF), st.integers(0, 1 << 30))
def test_what_is_told_is_what_arrived(
    steps: list[tuple[int, int] | None], first: int, began: int
) -> None:
    arrivals = Arrivals()
    highest, now = first + (1 << 20), began
    expected: int | None = None
    waiting: dict[int, int] = {}
    messages = told_at = 0
    for step in [*steps, None]:
        if step is not None:
            highest_before, now = highest, now + step[1]
            number = highest_before + step[0]
            highest = max(highest, number)
            arrivals.waiting.append((number & 0xFFFF, now * TICK))
            waiting.setdefault(number, ticks(now * TICK))
            continue
        compound = arrivals.tell(7)
        assert not arrivals.waiting
        assert len(compound) <= 1200, "one datagram"
        found = read(compound)
        assert [each.number for each in found] == [
            (messages + index) & 0xFF for index in range(len(found))
        ]
        messages += len(found)
        if not waiting:
            assert not found
            continue
        start = min(waiting) if expected is None else expected
        if (
            min(waiting) >= start + limits.OUTAGE_LOST
            and waiting[min(waiting)] - told_at >= limits.OUTAGE * 4000
        ):
            start = min(waiting)  # what an outage took is not spoken of
        told_at = max(waiting.values())
        late = sorted(n for n in waiting if n < start)[-limits.MAX_ARRIVALS_APART :]
        fresh = [n for n in waiting if n >= start]
        lost = set(range(start, max(fresh, default=start))) - set(fresh)
        assert sorted(n for each in found for n in each.lost) == sorted(n & 0xFFFF for n in lost)
        received = [arrival for each in found for arrival in each.received]
        assert dict(received) == {n & 0xFFFF: waiting[n] for n in (*late, *fresh)}
        assert len(received) == len(late) + len(fresh), "each once"
        expected = max(start, max(waiting) + 1)
        waiting.clear()


def test_a_picture_without_loss_is_one_short_message() -> None:
    arrivals = Arrivals()
    arrivals.waiting = [(65_530 + n & 0xFFFF, 5 + n / 1000) for n in range(20)]
    compound = arrivals.tell(7)
    assert len(compound) == 4 + 8 + 8 + 2 + 20 + 2
    (message,) = read(compound)
    assert message.media_ssrc == 7
    assert [number for number, _ in message.arrivals] == [(65_530 + n) & 0xFFFF for n in range(20)]
    assert not message.lost
    assert read(arrivals.tell(7)) == []


def test_loss_between_two_messages_is_told() -> None:
    arrivals = Arrivals()
    told(arrivals, (10, 1.0), (11, 1.0))
    (message,) = told(arrivals, (14, 1.1))
    assert message.lost == [12, 13]


def test_what_an_outage_took_is_not_told_as_loss() -> None:
    arrivals = Arrivals()
    told(arrivals, (10, 1.0), (11, 1.0))
    (message,) = told(arrivals, (90, 4.0))
    assert message.arrivals == ((90, ticks(4.0)),)
    (message,) = told(arrivals, (92, 4.1))
    assert message.lost == [91], "that is a loss again"


def test_a_late_packet_calls_nothing_lost_twice() -> None:
    arrivals = Arrivals()
    told(arrivals, (10, 1.0), (14, 1.0))
    late, fresh = told(arrivals, (12, 1.01), (15, 1.02))
    assert late.arrivals == ((12, ticks(1.01)),)
    assert fresh.arrivals == ((15, ticks(1.02)),)


def test_packets_out_of_order_go_back_in_time() -> None:
    (message,) = told(Arrivals(), (2, 9.5), (1, 9.75), (3, 9.875))
    assert message.arrivals == ((1, 39_000), (2, 38_000), (3, 39_500))


def test_half_a_minute_of_silence_has_no_room_in_a_delta() -> None:
    first, second = told(Arrivals(), (1, 1.0), (4, 31.0))
    assert first.arrivals == ((1, 4000),)
    assert second.arrivals == ((2, None), (3, None), (4, 124_000))


def test_a_sender_that_begins_anew_has_lost_nothing() -> None:
    arrivals = Arrivals()
    told(arrivals, (1, 1.0))
    (message,) = told(arrivals, (limits.MAX_ARRIVALS_GAP + 3, 1.1))
    assert message.arrivals == ((limits.MAX_ARRIVALS_GAP + 3, 4400),)


def test_numbers_made_up_to_fill_the_link_fill_one_datagram() -> None:
    arrivals = Arrivals()
    numbers = [n * limits.MAX_ARRIVALS_GAP & 0xFFFF for n in range(limits.MAX_ARRIVALS)]
    told(arrivals, (0, 1.0))
    arrivals.waiting = [(number, 2.0 + 9 * n) for n, number in enumerate(numbers)]
    assert 0 < len(arrivals.tell(7)) <= 1200
    arrivals.waiting = [(number, 2000.0) for number in reversed(numbers)]
    assert 0 < len(arrivals.tell(7)) <= 1200


def test_time_wraps_after_twelve_days_of_uptime() -> None:
    """24 bits of 64 ms; browsers unwrap them as they do sequence numbers."""
    wrap = (1 << 24) * 64 / 1000
    (message,) = told(Arrivals(), (1, wrap + 1))
    assert message.arrivals == ((1, 4000),)
