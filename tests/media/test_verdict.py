"""The word for a line: what makes it, and that it neither flickers nor comes from one break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.verdict import (
    BETTER_AFTER,
    FRESH,
    GOOD,
    WORSE_AFTER,
    Judge,
    Verdict,
    judged,
)


class Line:
    """One leg's line, a second at a time."""

    def __init__(self) -> None:
        self.judge = Judge()
        self.now = 100.0
        self.expected = self.came = self.sent = self.told = 0
        self.judge.arrived(0, 0, self.now)

    def second(self, up: float = 0.0, down: float | None = None, packets: int = 100) -> str:
        """A second in which these parts are lost; `down` None: no report came."""
        self.now += 1
        self.expected += packets
        self.came += packets - round(up * packets)
        self.sent += packets
        self.judge.arrived(self.expected, self.came, self.now)
        if down is not None:
            since = self.sent - self.told
            self.told = self.sent
            self.judge.reported(since, since - round(down * since), self.now)
        self.judge.weigh(None, self.now)
        return self.judge.verdict.word


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ((None, None, None, None), GOOD),
        ((0.03, 0.03, 0.3, 500_000.0), GOOD),
        ((0.05, 0.0, None, None), Verdict("weak", "loss", "up")),
        ((0.05, 0.2, None, None), Verdict("bad", "loss", "down")),
        ((0.2, 0.2, 2.0, 1.0), Verdict("bad", "loss", "both")),
        ((None, None, 0.5, None), Verdict("weak", "delay", "both")),
        ((0.05, None, 1.0, None), Verdict("bad", "delay", "both")),
        ((None, None, None, 90_000.0), Verdict("bad", "bandwidth", "down")),
        ((None, None, None, 120_000.0), Verdict("weak", "bandwidth", "down")),
    ],
)
def test_what_makes_the_word(told: tuple[float | None, ...], verdict: Verdict) -> None:
    assert judged(*told) == verdict


def test_it_is_said_after_seconds_that_agree_and_taken_back_later() -> None:
    line = Line()
    words = [line.second(up=0.2) for _ in range(WORSE_AFTER)]
    assert words == ["good"] * (WORSE_AFTER - 1) + ["bad"]
    assert line.judge.verdict == Verdict("bad", "loss", "up")
    words = [line.second() for _ in range(BETTER_AFTER)]
    assert words == ["bad"] * (BETTER_AFTER - 1) + ["good"]
    assert line.judge.verdict == GOOD


def test_it_is_no_worse_than_all_that_speaks_for_it() -> None:
    line = Line()
    for loss in (0.5, 0.05, 0.5):
        line.second(up=loss)
    assert line.judge.verdict.word == "weak"


def test_another_reason_takes_its_time() -> None:
    line = Line()
    for _ in range(WORSE_AFTER):
        line.second(up=0.2)
    for _ in range(BETTER_AFTER):
        assert line.judge.verdict.way == "up"
        line.second(down=0.2)
    assert line.judge.verdict == Verdict("bad", "loss", "down")


def test_one_report_of_a_short_break_is_no_poor_line() -> None:
    line = Line()
    line.second(down=0.0)
    line.second(down=0.6)
    for _ in range(int(FRESH) + 3):
        assert line.second() == "good", "it stands on one report, however long that is the latest"
    line.second(down=0.6)
    line.second()
    line.second()
    assert line.second(down=0.6) == "bad", "two agree"


def test_a_lost_second_of_a_silent_microphone_is_no_news() -> None:
    line = Line()
    for _ in range(4):
        assert line.second(up=0.5, packets=2) == "good"
    for _ in range(40):
        line.second(up=0.5, packets=2)
    assert line.judge.verdict.word == "bad", "but so many are"


def test_when_nothing_is_known_the_word_is_taken_back() -> None:
    line = Line()
    for _ in range(5):
        line.second(up=0.3)
    assert line.judge.verdict.word == "bad"
    for _ in range(int(FRESH) + BETTER_AFTER):
        line.second(packets=0)
    assert line.judge.verdict == GOOD


@given(st.lists(st.sampled_from([0.0, 0.03, 0.05, 0.1, 0.2, 0.6]), max_size=60))
def test_it_never_changes_twice_within_what_it_takes(losses: list[float]) -> None:
    line = Line()
    changed, before, streak = 0, "good", 0
    for at, loss in enumerate(losses, 1):
        word = line.second(up=loss)
        limit = judged(loss, None, None, None).word
        streak = 0 if limit == before else streak + 1
        if word != before:
            assert at - changed >= WORSE_AFTER
            assert streak >= WORSE_AFTER
            if word == "good":
                assert at - changed >= BETTER_AFTER
            changed, before, streak = at, word, 0
