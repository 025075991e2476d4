"""Whole days without a mouse: the patient's visit, the clinician's shift, and every dialog."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .crowd import joins
from .keyboard import focus_is_on, press, tab_to
from .meeting import CLINIC, REASON, Enter, in_call, on_duty, waiting
from .people import PASSWORD, Clinician, Patient, Person

pytestmark = [pytest.mark.needs("a person's keys"), pytest.mark.once("about our markup")]

_NAMES = {
    "astrid": "Astrid Lindeborg",
    "noah": "Noah Ekdalen",
    "samira": "Samira Haddadi",
    "bengt": "Bengt Åkerbrink",
    "linnea": "Linnea Öberghall",
}

_INSIDE = """() => document.activeElement === document.body
  || document.activeElement.closest('dialog') !== null"""


def log_in(person: Person) -> None:
    tab_to(person, person.t("help.login.username"))
    person.page.keyboard.type(person.username)
    tab_to(person, person.t("help.login.password"))
    person.page.keyboard.type(PASSWORD)
    person.page.keyboard.press("Enter")


def test_a_patient_from_the_start_page_to_the_summary(enter: Enter) -> None:
    patient: Patient = enter(Patient, "gunvor")
    page = patient.page
    page.goto(patient.base)
    press(patient, "start.meet")
    patient.heading("patient.choose.title").wait_for()
    part = page.get_by_role("region", name=patient.t("common.profession.doctor"))
    expect(part.get_by_role("link", name=re.compile(CLINIC))).to_be_visible()
    tab_to(patient, re.compile(CLINIC))
    page.keyboard.press("Enter")
    page.get_by_label(patient.t("help.login.username")).wait_for()
    log_in(patient)
    page.get_by_label(patient.t("patient.reason.label")).wait_for()
    tab_to(patient, patient.t("patient.reason.label"))
    page.keyboard.type("Yrsel när jag reser mig")
    press(patient, "common.continue")
    patient.heading("patient.channel.title").wait_for()
    focus_is_on(patient, patient.t("patient.channel.title"))
    tab_to(patient, re.compile("video|chat", re.IGNORECASE), role="radio")
    page.keyboard.press("ArrowDown")
    press(patient, "patient.join")
    page.wait_for_url("**/ko/*")
    focus_is_on(patient, patient.t("patient.queue.next"))

    clinician = on_duty(enter)
    clinician.take("Yrsel")
    patient.is_called()
    focus_is_on(patient, patient.t("patient.turn.title"))
    press(patient, "patient.turn.enter")
    page.wait_for_url("**/besok/*")
    focus_is_on(patient, re.compile("Maria Holmvik"))
    tab_to(patient, patient.t("visit.chat.label"))
    page.keyboard.type("God morgon")
    page.keyboard.press("Enter")
    clinician.reads("God morgon")
    clinician.note_box.fill("Blodtrycket tas om en vecka.")
    clinician.end()
    focus_is_on(patient, patient.t("visit.summary.ended.title"))
    press(patient, "visit.summary.find")
    patient.sees("patient.visit.conversation")
    focus_is_on(patient, re.compile("Besök hos läkare"))


def test_a_clinician_takes_five_patients_in_a_row(enter: Enter) -> None:
    first = waiting(enter, username="astrid", reason="Ärende 1")
    others = ("noah", "samira", "bengt", "linnea")
    crowd = [joins(enter, name, f"Ärende {number}") for number, name in enumerate(others, 2)]
    clinician: Clinician = enter(Clinician, "maria.holmvik")
    page = clinician.page
    page.goto(f"{clinician.base}/")
    page.get_by_label(clinician.t("help.login.username")).wait_for()
    log_in(clinician)
    clinician.button("staff.duty.go_on").wait_for()
    tab_to(clinician, re.compile("Läkare"), role="radio")
    expect(page.get_by_role("radio", name=re.compile(CLINIC))).not_to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile(CLINIC))).to_be_checked()
    press(clinician, "staff.duty.go_on")
    clinician.heading("staff.queue.title").wait_for()
    focus_is_on(clinician, clinician.t("staff.queue.title"))
    expect(clinician.row("Ärende 5")).to_be_visible()
    page.keyboard.press("n")
    for number, patient in enumerate([first, *crowd], 1):
        expect(page.get_by_text(f"Ärende {number}").first).to_be_visible()
        focus_is_on(clinician, re.compile(_NAMES[patient.username]))
        patient.go_in()
        clinician.sees("staff.identity.title")
        if number == 1:
            clinician.sees_picture()
            focus_is_on(clinician, re.compile(_NAMES[patient.username]))
        press(clinician, "staff.identity.confirm")
        focus_is_on(clinician, clinician.t("staff.identity.done"))
        tab_to(clinician, clinician.t("staff.note.label"))
        page.keyboard.type(f"Anteckning {number}")
        tab_to(clinician, clinician.t("staff.end.action"))
        page.keyboard.press("e")
        page.get_by_role("dialog", name=clinician.t("staff.end.title")).wait_for()
        press(clinician, "staff.end.action")
        clinician.button("staff.sign.action").first.wait_for()
        focus_is_on(clinician, re.compile(_NAMES[patient.username]))
        press(clinician, "staff.sign.and_next")
    # Nobody is left: the note is signed all the same, and why there is no next one is told.
    clinician.sees("staff.note.signed")
    clinician.sees("staff.problem.queue_empty")
    focus_is_on(clinician, re.compile(_NAMES["linnea"]))
    press(clinician, "staff.to_queue")
    focus_is_on(clinician, clinician.t("staff.queue.title"))
    clinician.sees("staff.queue.empty")


def test_escape_closes_a_dialog_and_focus_goes_back(enter: Enter) -> None:
    patient = waiting(enter)
    for key in ("patient.queue.channel_change", "patient.queue.test", "patient.queue.leave"):
        _opens_and_closes(patient, key)
    clinician = on_duty(enter)
    for key in ("staff.settings", "staff.duty.on"):
        _opens_and_closes(clinician, key)
    clinician.take(REASON)
    for key in ("staff.calling.no_answer", "staff.calling.no_show"):
        _opens_and_closes(clinician, key)
    # The call itself can't be waved away: it takes a yes, or its time runs out.
    patient.is_called()
    patient.page.keyboard.press("Escape")
    patient.page.keyboard.press("Escape")
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()
    _opens_and_closes(clinician, "staff.end.action")
    _opens_and_closes(clinician, "visit.control.more")
    _opens_and_closes(patient, "visit.control.devices")
    _opens_and_closes(patient, "visit.control.leave")


def _opens_and_closes(person: Person, key: str) -> None:
    dialog = person.page.get_by_role("dialog")
    expect(dialog, key).to_have_count(0)
    tab_to(person, person.t(key))
    person.page.keyboard.press("Enter")
    expect(dialog, key).to_be_visible()
    for _ in range(12):
        # Past its last button it is the browser's own turn, and then the dialog's again.
        assert person.page.evaluate(_INSIDE), key
        person.page.keyboard.press("Tab")
    person.page.keyboard.press("Escape")
    expect(dialog, key).to_have_count(0)
    focus_is_on(person, person.t(key))


def test_microphone_and_camera_by_one_key(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    microphone = patient.button("visit.control.mic")
    tab_to(patient, patient.t("visit.control.mic"))
    patient.page.keyboard.press("m")
    expect(microphone).to_have_attribute("aria-pressed", "false")
    clinician.sees("visit.muted")
    patient.page.keyboard.press("v")
    expect(patient.button("visit.control.camera")).to_have_attribute("aria-pressed", "false")
    patient.page.keyboard.press("m")
    expect(microphone).to_have_attribute("aria-pressed", "true")
