"""A screen is shown beside the camera, one at a time, and ends however it is ended."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .browsers import Kind, the_other
from .meeting import Enter, in_call
from .people import PATIENCE, Person
from .screens import is_sent, screen_of, sees_screen, share, stop_in_the_bar
from .watching import hears, not_told, sees_anew

_CLINICIAN, _PATIENT = "Maria Holmvik", "Astrid Lindeborg"


def _face(viewer: Person) -> Locator:
    """The other's own picture."""
    return viewer.page.locator("figure video").first


def _larger(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a is not None
    assert b is not None
    return a["width"] * a["height"] > 2 * b["width"] * b["height"]


def test_a_screen_beside_the_camera(enter: Enter, kind: Kind) -> None:
    patient, clinician = in_call(enter, browser=kind, clinician_how={"browser": the_other(kind)})
    _face(patient).evaluate("(video) => { video.dataset.since = 'the start'; }")

    share(clinician)
    screen = sees_screen(patient, _CLINICIAN)
    face = patient.page.get_by_role("figure").filter(has_text="Läkare")
    assert _larger(screen, face), "what is shown is large, who shows it beside"
    sees_anew(patient, clinician)
    hears(patient)

    # Who is large is the viewer's own choice.
    pin = face.get_by_role("button", name=patient.t("people.pin.one", name=_CLINICIAN))
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "true")
    assert _larger(face, screen)
    pin.click()
    patient.button("people.layout").first.click()
    patient.page.get_by_role("radio", name=patient.t("people.layout.pip")).check(force=True)
    patient.page.keyboard.press("Escape")
    assert _larger(screen, face)

    # One screen at a time: who shares next takes over, and the first is told.
    share(patient)
    taken = sees_screen(clinician, _PATIENT)
    clinician.sees("visit.notice.screen_taken")
    not_told(clinician, "visit.screen.sharing")
    assert not is_sent(clinician)
    expect(screen_of(patient, _CLINICIAN)).to_have_count(0)

    # It ends from the browser's own bar as it ends from the page; the faces were there all along.
    stop_in_the_bar(patient)
    expect(taken).to_have_count(0, timeout=PATIENCE)
    not_told(patient, "visit.screen.sharing")
    assert not is_sent(patient)
    sees_anew(patient, clinician)
    assert _face(patient).get_attribute("data-since") == "the start", "the element stayed"

    # The layout is remembered, and a screen ends with the call.
    share(clinician)
    sees_screen(patient, _CLINICIAN)
    clinician.end()
    patient.sees("visit.summary.ended.title")
    assert not is_sent(clinician)
    assert patient.page.evaluate("() => localStorage.getItem('vardrum.call.layout')") == "pip"
    assert patient.complaints == clinician.complaints == []
