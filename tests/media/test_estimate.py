"""What a sender is told of its receiver's estimate."""

from signaling.media.estimate import Estimate
from signaling.media.limits import START_BITRATE


def test_a_still_picture_does_not_hold_its_sender_down() -> None:
    estimate = Estimate()
    assert estimate.heard(510_000, 520_000) == START_BITRATE
    assert estimate.heard(560_000, 500_000) == START_BITRATE
    assert estimate.heard(560_000, 500_000) == START_BITRATE
    assert estimate.heard(600_000, 990_000) == START_BITRATE, "it began to move"
    assert estimate.bitrate == 600_000


def test_above_the_start_the_receivers_word_is_passed_on() -> None:
    estimate = Estimate()
    assert estimate.heard(1_700_000, 1_500_000) == 1_700_000
    assert estimate.heard(1_300_000, 1_500_000) == 1_300_000


def test_a_lowered_estimate_holds_until_it_has_climbed_past_the_start() -> None:
    estimate = Estimate()
    estimate.heard(900_000, 800_000)
    assert estimate.heard(400_000, 470_000) == 400_000
    assert estimate.heard(430_000, 400_000) == 430_000
    assert estimate.heard(1_100_000, 900_000) == 1_100_000
    assert estimate.heard(1_090_000, 500_000) == 1_090_000
    assert not estimate.congested


def test_a_link_that_takes_far_less_than_is_sent_is_full() -> None:
    estimate = Estimate()
    assert estimate.heard(255_000, 830_000) == 255_000


def test_loss_lowers_what_the_sender_is_told() -> None:
    estimate = Estimate()
    estimate.loss = 0.3
    assert estimate.heard(760_000, 750_000) == 637_500
    estimate.loss = 0.0
    assert estimate.heard(760_000, 640_000) == 760_000, "it was congested: no floor for now"


def test_no_number_is_too_large() -> None:
    estimate = Estimate()
    estimate.heard(0x3FFFF << 63, 0.0)
    assert estimate.bitrate is not None
    assert estimate.bitrate < 1 << 63
