"""Frames are the same however the stream was cut, and nothing long is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.framing import FrameBuffer, FrameTooLong, framed

MOST = 64


def drained(buffer: FrameBuffer, most: int = MOST) -> list[bytes]:
    view, found = bytearray(most), []
    while (size := buffer.next_into(view, most)) >= 0:
        found.append(bytes(view[:size]))
    return found


@pytest.mark.property
@given(st.lists(st.binary(max_size=MOST)), st.lists(st.integers(1, 40), min_size=1))
def test_where_a_stream_is_cut_does_not_matter(sent: list[bytes], cuts: list[int]) -> None:
    stream, buffer, found = b"".join(framed(each) for each in sent), FrameBuffer(), []
    turn = 0
    while stream:
        cut = cuts[turn % len(cuts)]
        turn += 1
        buffer.feed(stream[:cut])
        stream = stream[cut:]
        found += drained(buffer)
        assert len(buffer) < MOST + 2
    assert found == [each for each in sent if each]
    assert not len(buffer)


def test_a_frame_too_long_is_refused_before_it_has_come() -> None:
    buffer = FrameBuffer()
    buffer.feed(framed(b"fine") + (MOST + 1).to_bytes(2, "big"))
    view = bytearray(MOST)
    assert buffer.next_into(view, MOST) == 4
    with pytest.raises(FrameTooLong):
        buffer.next_into(view, MOST)
    with pytest.raises(FrameTooLong):
        buffer.next_into(view, MOST)


def test_the_longest_is_allowed() -> None:
    buffer = FrameBuffer()
    buffer.feed(framed(bytes(MOST)))
    assert drained(buffer) == [bytes(MOST)]
