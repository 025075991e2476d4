"""Whose picture goes before the others' on a thin link: people who sign keep theirs longest."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media import budget, limits, rtcp, rtp, slots
from signaling.media.budget import Budget, Held, Shares
from signaling.media.errors import NoSuchLeg
from signaling.media.leg import Leg
from tests.media.conftest import Lab
from tests.media.peers import Robot, until

FLOOR, SIGNED = limits.FLOOR, limits.SIGNED


def receiver(allowed: int | None, *, signed: int, others: int, screen: bool = False) -> Leg:
    """Somebody who is sent so many pictures. A screen is a signer's own."""

    def stream(section: int, *, preferred: bool) -> Any:
        source = SimpleNamespace(
            section=section, heard=0.0, owner=SimpleNamespace(preferred=preferred)
        )
        return SimpleNamespace(payload_type=rtp.VP8, source=source)

    pictures = [stream(slots.CAMERA, preferred=n < signed) for n in range(signed + others)]
    pictures += [stream(slots.SCREEN, preferred=True)] * screen
    down = dict(enumerate(pictures))
    return cast("Leg", SimpleNamespace(down=down, budget=SimpleNamespace(allowed=allowed)))


@pytest.mark.parametrize(
    ("allowed", "signed", "others", "expected"),
    [
        (1_200_000, 0, 3, Shares(None, 400_000)),
        (3_000_000, 1, 2, Shares(1_000_000, 1_000_000)),
        (1_000_000, 1, 2, Shares(SIGNED, 200_000)),
        (500_000, 1, 2, Shares(500_000, 0)),
        (900_000, 2, 1, Shares(450_000, 0)),
        (400_000, 1, 0, Shares(400_000, None)),
    ],
)
def test_who_signs_gets_what_signing_takes_before_the_others_get_anything(
    allowed: int, signed: int, others: int, expected: Shares
) -> None:
    assert budget.shares(receiver(allowed, signed=signed, others=others), 0.0) == expected


def test_a_signers_screen_is_as_any_screen() -> None:
    found = budget.shares(receiver(700_000, signed=1, others=0, screen=True), 0.0)
    assert found == Shares(SIGNED, 100_000)
    assert budget.shares(receiver(None, signed=1, others=1), 0.0) is None


@given(allowed=st.integers(0, 10_000_000), signed=st.integers(0, 5), others=st.integers(0, 5))
def test_a_link_is_never_promised_twice_and_the_signed_never_get_less(
    allowed: int, signed: int, others: int
) -> None:
    found = budget.shares(receiver(allowed, signed=signed, others=others), 0.0)
    assert found is not None
    spent = signed * (found.preferred or 0) + others * (found.others or 0)
    assert spent <= allowed + 1
    if found.preferred is not None and found.others is not None:
        assert found.preferred + 1 >= found.others > -1


class Receiver:
    """A budget whose shares are given to it, half a second after half a second."""

    def __init__(self) -> None:
        self.budget, self.now = Budget(), 0.0
        self.seen: list[Held] = [Held.NONE]

    def passes(self, seconds: float, shares: Shares | None, *, crowded: bool = True) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.5
            if self.budget.review(shares, self.now, crowded=crowded):
                assert self.budget.held is not self.seen[-1], "a change that is none"
                self.seen.append(self.budget.held)


def test_the_others_go_first_the_signed_last_and_they_come_back_the_other_way() -> None:
    them = Receiver()
    them.passes(limits.THIN_FOR + 1, Shares(SIGNED, FLOOR / 2))
    assert them.seen == [Held.NONE, Held.OTHERS]
    them.passes(5, Shares(SIGNED, None))
    assert them.seen[-1:] == [Held.OTHERS], "what is left suffices for who signs"
    them.passes(limits.THIN_FOR + 1, Shares(FLOOR / 2, None))
    assert them.seen[-1:] == [Held.ALL]
    while them.budget.held:
        them.passes(1, None)
    assert them.seen == [Held.NONE, Held.OTHERS, Held.ALL, Held.OTHERS, Held.NONE]


def test_where_nobody_signs_all_go_at_once_as_before() -> None:
    them = Receiver()
    them.passes(limits.THIN_FOR + 1, Shares(None, FLOOR / 2))
    assert them.seen == [Held.NONE, Held.ALL]
    them.passes(limits.HELD_FOR[0] + 1, None)
    assert them.seen == [Held.NONE, Held.ALL, Held.NONE]


def test_between_two_nothing_is_held_back_and_what_was_comes_at_once() -> None:
    them = Receiver()
    them.passes(10, Shares(FLOOR / 2, None), crowded=False)
    assert them.seen == [Held.NONE]
    them.passes(limits.THIN_FOR + 1, Shares(FLOOR / 2, 0))
    assert them.seen[-1:] == [Held.OTHERS]
    them.passes(0.5, None, crowded=False)
    assert them.seen[-1:] == [Held.NONE]


async def crowd(lab: Lab) -> list[Robot]:
    people = [await lab.join(who, who) for who in ("anna", "bo", "cia")]
    lab.relay.prefer("anna", on=True)
    return people


async def test_a_thin_link_keeps_the_picture_of_who_signs(lab: Lab) -> None:
    """Anna signs. Cia's link carries one picture: it is Anna's, in every order of things."""
    anna, bo, cia = await crowd(lab)
    lab.clock.stop()
    number = 0

    def all_send() -> None:
        nonlocal number
        number += 1
        for robot in (anna, bo, cia):
            robot.send_video(number)

    async def thin() -> None:
        """Time passes on a link that is full."""
        for _ in range(8):
            lab.clock.ahead += 0.5
            all_send()
            await asyncio.sleep(0.15)

    all_send()
    await until(lambda: cia.saw(0) and cia.saw(1))
    for bitrate in (700_000, 400_000, 390_000):
        cia.send_rtcp(rtcp.remb(bitrate, [cia.given_video]))
    await until(lambda: anna.said(rtcp.Remb) and anna.said(rtcp.Remb)[-1].bitrate == 390_000)
    await until(lambda: bo.said(rtcp.Remb)[-1].bitrate == FLOOR)
    await thin()
    await until(lambda: lab.relay.seen("cia").held)
    assert not lab.relay.seen("cia").preferred_held
    signed, spoken = len(cia.saw(0)), len(cia.saw(1))
    all_send()
    await until(lambda: len(cia.saw(0)) == signed + 1)
    assert len(cia.saw(1)) == spoken, "bo's is spared"
    assert len(bo.saw(0)) == len(bo.saw(1)) == number, "and nobody else loses anything"
    # Bo signs too, then Anna no longer does.
    lab.relay.prefer("bo", on=True)
    all_send()
    await until(lambda: len(cia.saw(1)) == spoken + 1)
    lab.relay.prefer("anna", on=False)
    seen = len(cia.saw(0))
    all_send()
    await until(lambda: len(cia.saw(1)) == spoken + 2)
    assert len(cia.saw(0)) == seen
    lab.relay.prefer("bo", on=False)
    lab.relay.prefer("anna", on=True)
    # Thinner still: now Anna's goes as well, and comes back first.
    all_send()
    await until(lambda: len(cia.saw(0)) == seen + 1)
    for bitrate in (90_000, 80_000, 79_000):
        cia.send_rtcp(rtcp.remb(bitrate, [cia.given_video]))
    await until(lambda: anna.said(rtcp.Remb)[-1].bitrate == FLOOR)
    await thin()
    await until(lambda: lab.relay.seen("cia").preferred_held)


async def test_nobody_prefers_a_leg_that_is_not_there(lab: Lab) -> None:
    with pytest.raises(NoSuchLeg):
        lab.relay.prefer("nobody", on=True)
