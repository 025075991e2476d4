"""The same visit from Firefox to Chromium and the other way: what one sends, the other shows.

The browser that a test is named by is the patient's here; the clinician has the other.
"""

from __future__ import annotations

from playwright.sync_api import expect

from .browsers import Kind, the_other
from .meeting import Enter, in_call, in_visit
from .people import Clinician, Patient, Person
from .watching import sees_anew


def _call(enter: Enter, kind: Kind) -> tuple[Patient, Clinician]:
    patient, clinician = in_call(enter, browser=kind, clinician_how={"browser": the_other(kind)})
    agents = [each.page.evaluate("navigator.userAgent") for each in (patient, clinician)]
    assert ["Firefox" in agent for agent in agents] == [kind == "firefox", kind != "firefox"]
    return patient, clinician


def test_pictures_words_and_muting_go_both_ways(enter: Enter, kind: Kind) -> None:
    patient, clinician = _call(enter, kind)
    patient.write("Hör du mig?")
    clinician.reads("Hör du mig?")
    clinician.write("Ja, bra!")
    patient.reads("Ja, bra!")
    for one, other in ((patient, clinician), (clinician, patient)):
        one.button("visit.control.mic").click()
        other.sees("visit.muted")
        one.button("visit.control.mic").click()
        expect(
            other.page.get_by_text(other.t("visit.muted")).locator("visible=true")
        ).to_have_count(0)
        one.button("visit.control.camera").click()
        other.sees("visit.camera_off.title")
        one.button("visit.control.camera").click()
        other.forget_pictures()
        other.sees_picture()
    assert patient.complaints == clinician.complaints == []


def test_media_back_after_three_seconds(enter: Enter, kind: Kind) -> None:
    patient, clinician = _call(enter, kind)
    both: list[Person] = [patient, clinician]
    for lost in both:
        lost.link.cut_media()
        lost.page.wait_for_timeout(3_000)
        lost.link.restore()
        sees_anew(*both)


def test_a_reload_on_either_side(enter: Enter, kind: Kind) -> None:
    patient, clinician = _call(enter, kind)
    for one, other in ((patient, clinician), (clinician, patient)):
        one.page.reload()
        one.sees_picture()
        other.forget_pictures()
        other.sees_picture()


def test_chat_first_then_video(enter: Enter, kind: Kind) -> None:
    patient, clinician = in_visit(
        enter, channel="chat", browser=kind, clinician_how={"browser": the_other(kind)}
    )
    clinician.button("visit.video.start").click()
    explained = patient.button("visit.explain.go")
    expect(explained.or_(patient.page.locator("video")).first).to_be_visible()
    if explained.is_visible():
        explained.click()
    patient.sees_picture()
    clinician.sees_picture()
