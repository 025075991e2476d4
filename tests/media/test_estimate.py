"""When a receiver's estimate limits its sender."""

from signaling.media.estimate import Estimate
from signaling.media.limits import MAX_BITRATE


def test_a_still_picture_does_not_hold_its_sender_down() -> None:
    estimate = Estimate()
    assert estimate.heard(510_000, 520_000, 0) == MAX_BITRATE
    assert estimate.heard(560_000, 500_000, 1) == MAX_BITRATE
    assert estimate.heard(560_000, 500_000, 2) == MAX_BITRATE
    assert estimate.heard(600_000, 990_000, 3) == MAX_BITRATE, "it began to move"
    assert estimate.bitrate == 600_000


def test_a_word_above_all_that_is_sent_is_passed_on() -> None:
    assert Estimate().heard(3_700_000, 1_500_000, 0) == 3_700_000


def test_a_lowered_estimate_holds_until_nothing_was_lowered_for_long() -> None:
    estimate = Estimate()
    estimate.heard(1_700_000, 1_500_000, 0)
    assert estimate.heard(1_300_000, 1_500_000, 1) == 1_300_000
    assert estimate.heard(1_350_000, 1_300_000, 10) == 1_350_000
    assert estimate.heard(1_500_000, 1_400_000, 20.9) == 1_500_000
    assert estimate.heard(1_600_000, 1_500_000, 21) == MAX_BITRATE


def test_a_link_that_reaches_its_limit_again_and_again_stays_limited() -> None:
    estimate = Estimate()
    told = [
        estimate.heard(1_200_000 if second % 15 else 1_020_000, 1_200_000, second)
        for second in range(120)
    ]
    assert max(told[15:]) == 1_200_000


def test_an_estimate_far_below_a_face_is_not_forgotten() -> None:
    estimate = Estimate()
    estimate.heard(900_000, 800_000, 0)
    assert estimate.heard(400_000, 470_000, 1) == 400_000
    assert estimate.heard(400_000, 180_000, 100) == 400_000, "too little was sent to show more"
    assert estimate.heard(1_000_000, 900_000, 110) == MAX_BITRATE


def test_a_link_that_takes_far_less_than_is_sent_is_full() -> None:
    assert Estimate().heard(255_000, 830_000, 0) == 255_000


def test_loss_lowers_what_the_sender_is_told() -> None:
    estimate = Estimate()
    estimate.loss = 0.3
    assert estimate.heard(760_000, 750_000, 0) == 637_500
    estimate.loss = 0.0
    assert estimate.heard(760_000, 640_000, 1) == 760_000, "it was limited a moment ago"


def test_the_loss_of_a_poor_network_is_no_limit() -> None:
    estimate = Estimate()
    estimate.loss = 0.07
    assert estimate.heard(760_000, 750_000, 0) == MAX_BITRATE


def test_no_number_is_too_large() -> None:
    estimate = Estimate()
    estimate.heard(0x3FFFF << 63, 0.0, 0)
    assert estimate.bitrate is not None
    assert estimate.bitrate < 1 << 63
