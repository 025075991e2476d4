"""What is switched off is not sent at all; and a line on which nothing is sent is no lost one."""

from __future__ import annotations

from .meeting import Enter, in_call
from .people import Person
from .watching import connections, hears, not_told, received, sees_anew

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
