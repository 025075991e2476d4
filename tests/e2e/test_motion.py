"""Nothing moves for who has asked for that, and elsewhere something does."""

from __future__ import annotations

import pytest

from .looks import DESK, PHONE
from .meeting import REASON, Enter, on_duty, waiting
from .people import Patient, Person

pytestmark = pytest.mark.once("about our style sheets")

_MOVING = """() => document.getAnimations()
  .filter((each) => each.playState === 'running')
  .filter((each) => each.effect.getComputedTiming().activeDuration > 1)
  .map((each) => each.animationName ?? each.transitionProperty)"""


#: Something that turns for ever, by a style sheet that knows nothing of the rule against it.
_TURNING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@keyframes turning { to { rotate: 1turn } }
    main { animation: turning 1s infinite }`);
  document.adoptedStyleSheets.push(sheet);
}"""


def moving(person: Person) -> list[str]:
    """The animations and transitions that run now."""
    names: list[str] = person.page.evaluate(_MOVING)
    return names


def test_whatever_moves_is_seen_to_move_and_to_stop(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    patient.page.goto(patient.base)
    patient.heading("start.title").wait_for()
    patient.page.evaluate(_TURNING)
    patient.page.wait_for_function(f"() => ({_MOVING})().includes('turning')")
    patient.page.emulate_media(reduced_motion="reduce")
    patient.page.wait_for_function(f"() => ({_MOVING})().length === 0")


def still(*people: Person) -> None:
    """Nothing moves for them, on a phone or at a desk."""
    for person in people:
        for width in (DESK, PHONE):
            person.page.set_viewport_size({"width": width, "height": 800})
            assert moving(person) == []


def test_nothing_moves_for_who_asked_for_that(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    for person in (patient, clinician):
        person.page.emulate_media(reduced_motion="reduce")
    clinician.take(REASON)
    patient.is_called()
    still(patient, clinician)
    patient.go_in()
    still(patient, clinician)
    patient.sees_picture()
    clinician.sees_picture()
    patient.link.cut_media()
    patient.sees("visit.reconnecting.title", timeout=30_000)
    still(patient, clinician)
