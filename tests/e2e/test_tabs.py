"""The same person in two tabs: one conversation, one place, one call, and never two."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .meeting import REASON, Enter, in_call, on_duty, waiting
from .people import Clinician, Patient, Person

pytestmark = pytest.mark.once("about whose turn it is, which the server says")


def test_a_second_tab_takes_the_call_over_and_gives_it_back(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    _over_and_back(patient, Patient("astrid", patient.context, patient.link), clinician)


def test_a_second_tab_of_the_clinician_too(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    clinician.note_box.fill("Skrivet i den första fliken")
    clinician.sees("staff.note.status.saved")
    other = Clinician("maria.holmvik", clinician.context, clinician.link)
    _over_and_back(clinician, other, patient)
    expect(other.note_box).to_have_value("Skrivet i den första fliken")
    # Ended in one, the visit is over in both, with the same note to sign.
    expect(clinician.note_box).to_be_visible()
    clinician.end()
    for tab in (clinician, other):
        box = tab.page.get_by_role("textbox", name=tab.t("staff.note.label"))
        expect(tab.button("staff.sign.action").first).to_be_visible()
        expect(box).to_have_value("Skrivet i den första fliken")
    patient.sees("visit.summary.ended.title")
    clinician.button("staff.sign.action").first.click()
    for tab in (clinician, other):
        tab.sees("staff.note.signed", timeout=30_000)


def _over_and_back(first: Person, second: Person, peer: Person) -> None:
    second.page.goto(first.page.url)
    second.sees_picture()
    first.sees("visit.replaced.title")
    peer.forget_pictures()
    peer.sees_picture()
    first.write("Från den första fliken")
    second.write("Från den andra fliken")
    for person in (first, second, peer):
        person.reads("Från den första fliken")
        person.reads("Från den andra fliken")
    first.button("visit.replaced.here").click()
    first.forget_pictures()
    first.sees_picture()
    second.sees("visit.replaced.title")
    peer.forget_pictures()
    peer.sees_picture()


def test_a_second_tab_in_the_queue(enter: Enter) -> None:
    first = waiting(enter)
    second = Patient("astrid", first.context, first.link)
    second.page.goto(first.page.url)
    for tab in (first, second):
        tab.sees("patient.queue.next")
    clinician = on_duty(enter)
    expect(clinician.row(REASON)).to_have_count(1)
    clinician.take(REASON)
    for tab in (first, second):
        tab.is_called()
    second.go_in()
    second.sees_picture()
    clinician.sees_picture()
    # The tab that nobody answered in rings no longer, and leads to the same visit.
    expect(first.heading("patient.turn.title")).to_have_count(0)
    first.page.goto(second.page.url)
    first.sees_picture()
    second.sees("visit.replaced.title")
