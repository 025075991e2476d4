"""A network that loses every twentieth packet: the picture stays, and stays good."""

from __future__ import annotations

from typing import Any

import pytest

from .flow import GRAINY_CAMERA, Flow, flows, frozen
from .meeting import Enter, in_call

_LOSS = 0.05
_STRETCH = 6_000
_TRIES = 4


def _faults(before: Flow, sender: Flow, receiver: Flow, *, lossy: bool) -> list[str]:
    """What a stretch of `sender`'s video lacks; `before` is the sender's without loss."""
    found = []
    if sender.frame_size < 0.6 * before.frame_size:
        found.append(f"the picture became poor: {sender.frame_size:.0f} of {before.frame_size:.0f}")
    if receiver.asked_whole:
        found.append(f"{receiver.asked_whole} pictures lost a part for good")
    if receiver.frames < 0.8 * sender.frames_sent - 3:
        found.append(f"{receiver.frames} of {sender.frames_sent} frames came")
    if frozen(sender, receiver) > 0.5:
        found.append(f"it stood still for {frozen(sender, receiver):.2f} s")
    if receiver.lost > receiver.asked_again + 2:
        found.append(f"{receiver.lost} packets lost, {receiver.asked_again} asked for again")
    if lossy and not receiver.asked_again:
        found.append("nothing was lost")
    return found


@pytest.mark.parametrize("ways", [("up",), ("down",), ("up", "down")], ids="-".join)
def test_five_percent_of_loss_cost_no_picture(enter: Enter, ways: tuple[str, ...]) -> None:
    def grainy(*who: Any, **how: Any) -> Any:
        person = enter(*who, **how)
        person.context.add_init_script(GRAINY_CAMERA)
        return person

    patient, clinician = in_call(grainy)
    both = [patient, clinician]
    flows(both, _STRETCH)  # a browser begins low and climbs
    before = flows(both, _STRETCH)
    patient.link.lose(**dict.fromkeys(ways, _LOSS))
    faults: list[list[str]] = []
    # A busy machine looks like a poor network now and then, but five packets of a hundred are lost
    # in every stretch: what does not hold against that holds in none of them.
    while len(faults) < _TRIES:
        hers, his = flows(both, _STRETCH)
        faults.append(
            _faults(before[0], hers, his, lossy="up" in ways)
            + _faults(before[1], his, hers, lossy="down" in ways)
        )
        if not faults[-1]:
            return
    raise AssertionError(faults)
