"""One's own password, and one that an administrator gives in place of a forgotten one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .looks import Looking
from .meeting import CLINIC, Enter
from .people import PASSWORD, Clinician, Patient, catalogue

_CHIEF = "karin.sundborg"
_GIVEN = "tre glada grannar"
_OWN = "åtta röda hus"
_FORGETFUL = "maria.holmvik"


def _open_person(chief: Clinician, name: str) -> None:
    words = catalogue(chief.language)["admin.change_of"].replace("{name}", name)
    chief.page.get_by_role("button", name=words).click()


def test_a_forgotten_password_is_replaced_by_one_of_her_own(enter: Enter) -> None:
    doctor: Clinician = enter(Clinician, _FORGETFUL)
    doctor.arrive()
    doctor.go_on_duty(CLINIC, "Läkare")
    chief: Clinician = enter(Clinician, _CHIEF)
    chief.arrive()
    chief.page.get_by_label(chief.t("admin.search")).fill(_FORGETFUL)
    expect(chief.page.get_by_text(re.compile(_FORGETFUL))).to_have_count(1)
    _open_person(chief, "Maria Holmvik")
    chief.button("admin.give_password").click()
    box = chief.page.get_by_label(chief.t("admin.password_new"))
    expect(box).to_be_focused()
    box.fill("Sommar2026!")
    box.press("Enter")
    chief.sees("admin.problem.too_easy")
    box.fill(_GIVEN)
    box.press("Enter")
    chief.sees("admin.password_told")
    chief.sees("admin.is_given")

    # She is asked to log in where she is; the old one is no longer right, the given one not enough.
    expect(doctor.page.get_by_role("dialog", name=doctor.t("help.session.title"))).to_be_visible()
    doctor.log_in(PASSWORD)
    doctor.sees("help.login.failed")
    doctor.log_in(_GIVEN)
    doctor.heading("password.first.title").wait_for()
    doctor.page.reload()
    doctor.heading("password.first.title").wait_for()
    doctor.choose_password("fel lösenord", _OWN)
    doctor.sees("password.wrong")
    doctor.choose_password(_GIVEN, _GIVEN)
    doctor.sees("password.same")
    doctor.choose_password(_GIVEN, _OWN)
    # Back at work, on the shift that she had.
    doctor.heading("staff.queue.title").wait_for()
    doctor.button("staff.settings").click()
    expect(doctor.page.get_by_role("dialog")).to_be_visible()


def test_a_patient_changes_her_password_and_other_browsers_are_logged_out(enter: Enter) -> None:
    patient: Patient = enter(Patient, "gunvor")
    patient.arrive()
    elsewhere: Patient = enter(Patient, "gunvor")
    elsewhere.arrive()
    elsewhere.page.goto(f"{elsewhere.base}/mina-besok")
    elsewhere.heading("patient.visits.title").wait_for()
    patient.page.locator("header button[aria-expanded]").click()
    patient.link_to("common.nav.password").click()
    patient.heading("password.title").wait_for()
    patient.choose_password(PASSWORD, _OWN)
    patient.sees("password.done")
    patient.page.reload()
    patient.heading("password.title").wait_for()
    elsewhere.page.reload()
    elsewhere.heading("patient.login.title").wait_for()
    elsewhere.log_in(PASSWORD)
    elsewhere.sees("help.login.failed")
    elsewhere.log_in(_OWN)
    elsewhere.heading("patient.visits.title").wait_for()


@pytest.mark.once("about our markup and colours")
def test_the_pages_in_every_look(enter: Enter) -> None:
    doctor: Clinician = enter(Clinician, _FORGETFUL)
    with Looking() as look:
        doctor.arrive()
        doctor.button("staff.settings").click()
        doctor.link_to("common.nav.password").click()
        doctor.heading("password.title").wait_for()
        doctor.button("password.submit").click()
        doctor.sees("password.missing")
        look.at(doctor, "password of one's own, staff")
        chief: Clinician = enter(Clinician, _CHIEF)
        chief.arrive()
        chief.page.get_by_label(chief.t("admin.search")).fill(_FORGETFUL)
        expect(chief.page.get_by_text(re.compile(_FORGETFUL))).to_have_count(1)
        _open_person(chief, "Maria Holmvik")
        chief.button("admin.give_password").click()
        look.at(chief, "administration password")
        chief.page.get_by_label(chief.t("admin.password_new")).fill(_GIVEN)
        chief.page.keyboard.press("Enter")
        chief.sees("admin.password_told")
        look.at(chief, "administration password given")
        doctor.page.reload()
        doctor.log_in(_GIVEN)
        doctor.heading("password.first.title").wait_for()
        look.at(doctor, "password first")
        patient: Patient = enter(Patient, "gunvor")
        patient.arrive()
        patient.page.locator("header button[aria-expanded]").click()
        patient.link_to("common.nav.password").click()
        patient.heading("password.title").wait_for()
        look.at(patient, "password of one's own, patient")
