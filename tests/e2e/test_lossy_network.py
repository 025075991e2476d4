"""A network that loses packets: with few the picture stays good; with many less is proposed."""

from __future__ import annotations

from typing import Any

import pytest

from .flow import GRAINY_CAMERA, Flow, flows, frozen
from .meeting import Enter, in_call
from .people import PATIENCE, Person
from .watching import ceases, hears, not_told, sees_anew

_LOSS = 0.05
_STRETCH = 6_000
_TRIES = 4


def _faults(before: Flow, sender: Flow, receiver: Flow, *, lossy: bool) -> list[str]:
    """What a stretch of `sender`'s video lacks; `before` is the sender's without loss."""
    found = []
    if sender.worth < 0.6 * before.worth:
        found.append(f"the bitrate fell: {sender.worth:.0f} of {before.worth:.0f} octets a frame")
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


@pytest.mark.once("the relay judges and the ladder decides alike in every browser")
def test_a_poor_line_is_named_to_both_and_the_ladder_leads_down_and_up(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    hers = {"whose": "Astrid Lindeborgs"}
    for each in (patient, clinician):
        each.sees("visit.quality.both", PATIENCE)
    patient.link.lose(down=0.3)
    clinician.sees("visit.quality.other", PATIENCE, word=_word(clinician, "bad"), **hers)
    patient.sees("visit.quality.own", PATIENCE, word=_word(patient, "bad"))
    patient.sees("visit.ladder.sound.title", PATIENCE)
    patient.sees("visit.ladder.why.loss.down")
    # It is her line and her choice: he is asked nothing, and she has lost nothing yet.
    not_told(clinician, "visit.ladder.sound.title")
    patient.button("visit.ladder.sound.yes").click()
    patient.sees("visit.pictures_off.title")
    clinician.sees("visit.no_pictures")
    ceases(patient, "video")
    # Nobody looks: his picture is not even made, though his camera is on.
    ceases(clinician, "video", out=True)
    hears(patient, PATIENCE)
    sees_anew(clinician)
    patient.link.lose()
    clinician.sees("visit.quality.both", 2 * PATIENCE)
    patient.sees("visit.ladder.video.title", 2 * PATIENCE)
    patient.sees("visit.ladder.video.why")
    patient.button("visit.ladder.video.yes").click()
    sees_anew(patient, clinician)
    for each in (patient, clinician):
        not_told(each, "visit.no_pictures", "visit.pictures_off.title", "visit.ladder.video.title")
        assert each.complaints == []


def _word(person: Person, word: str) -> str:
    """As the page says it in the midst of a line."""
    return person.t(f"visit.quality.{word}").pattern
