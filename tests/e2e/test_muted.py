"""What is switched off is not sent at all; and a line on which nothing is sent is no lost one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .meeting import Enter, in_call
from .people import PATIENCE, Person
from .watching import ceases, connections, hears, not_told, received, sees_anew

_GONE = (
    "visit.away.title", "visit.waiting.title", "visit.left.title", "visit.picture_late.title",
    "visit.reconnecting.title", "visit.line.restoring.title",
)  # fmt: skip


def test_a_muted_microphone_sends_nothing_at_all(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    hears(clinician)
    patient.button("visit.control.mic").click()
    clinician.sees("visit.muted")
    before = received(clinician, "audio")
    patient.page.wait_for_timeout(3_000)
    assert received(clinician, "audio") == before
    patient.button("visit.control.mic").click()
    hears(clinician)
    assert patient.complaints == clinician.complaints == []


@pytest.mark.once("it is the relay that leaves out, and the page that says so, in every browser")
def test_a_hold_stops_everything_both_ways_until_the_call_goes_on(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    both: list[Person] = [patient, clinician]
    before = connections(patient)
    clinician.button("visit.control.more").first.click()
    clinician.button("visit.control.hold").last.click()
    clinician.sees("visit.holding.title")
    resume = clinician.button("visit.holding.resume")
    expect(resume).to_be_focused()
    patient.sees("visit.on_hold.title")
    patient.sees("visit.on_hold.text")
    for each in both:
        ceases(each, "audio")
        ceases(each, "video")
        not_told(each, *_GONE)
    # He loads the page again, and it does not switch on what he has paused.
    clinician.page.reload()
    expect(resume).to_be_visible(timeout=PATIENCE)
    patient.sees("visit.on_hold.title", PATIENCE)
    for each in both:
        ceases(each, "audio")
    resume.focus()
    clinician.page.keyboard.press("Enter")
    sees_anew(*both)
    for each in both:
        hears(each, PATIENCE)
        not_told(each, "visit.on_hold.title", "visit.holding.title")
    # And she, by a button in the bar.
    patient.button("visit.control.hold").first.click()
    clinician.sees("visit.on_hold.title")
    ceases(clinician, "video")
    patient.button("visit.holding.resume").click()
    expect(patient.page.locator("[data-page-heading]")).to_be_focused()
    sees_anew(*both)
    assert connections(patient) == before, "hers was the same all along"
    assert patient.complaints == clinician.complaints == []


def test_with_everything_off_nobody_is_gone(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    both: list[Person] = [patient, clinician]
    before = [connections(each) for each in both]
    for each in both:
        each.button("visit.control.mic").click()
        each.button("visit.control.camera").click()
    for each in both:
        each.sees("visit.camera_off.title")
        each.sees("visit.camera_off.silent")
    for _ in range(4):
        patient.page.wait_for_timeout(3_000)
        for each in both:
            not_told(each, *_GONE)
    for each in both:
        each.button("visit.control.mic").click()
        each.button("visit.control.camera").click()
    sees_anew(patient, clinician)
    for each in both:
        hears(each)
    assert [connections(each) for each in both] == before, "the connections were the same all along"
