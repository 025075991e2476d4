"""An administrator brings a doctor in and locks her out; and the pages in every look."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from server.kit.clock import utc_now

from .looks import Looking
from .meeting import CLINIC, Enter
from .people import Clinician, Patient

pytestmark = pytest.mark.once("about the server, and our markup and colours")

_CHIEF = "karin.sundborg"
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_NEW = {
    "name": "Ulla Ek",
    "username": "ulla.ek",
    "title": "Läkare",
    "password": "tre glada grannar",
}
_OWN = "åtta röda hus"


def _dialog(person: Clinician) -> Locator:
    return person.page.get_by_role("dialog")


def _make(chief: Clinician) -> Locator:
    """Add somebody new, by the keyboard alone; her dialog is open then."""
    chief.button("admin.new_person").press("Enter")
    for field, said in _NEW.items():
        box = _dialog(chief).get_by_label(chief.t(f"admin.field.{field}"), exact=True)
        box.fill(said)
    chief.page.keyboard.press("Enter")
    opened = chief.page.get_by_role("dialog", name=_NEW["name"])
    expect(opened).to_be_visible()
    return opened


def test_an_administrator_brings_a_doctor_in_and_locks_her_out(enter: Enter) -> None:
    chief: Clinician = enter(Clinician, _CHIEF)
    chief.arrive()
    chief.page.wait_for_url("**/personal/administration")
    chief.heading("admin.title").wait_for()
    # Who only administers is offered neither queue nor visits.
    expect(chief.link_to("staff.nav.queue")).to_have_count(0)
    opened = _make(chief)
    works = f"Läkare, {CLINIC}"
    opened.get_by_label(chief.t("admin.give_which")).select_option(label=works)
    chief.button("admin.give").press("Enter")
    expect(opened.get_by_role("button", name=f"Ta bort: {works}")).to_be_visible()

    doctor: Clinician = enter(Clinician, _NEW["username"])
    doctor.page.goto(doctor.base)
    doctor.log_in(_NEW["password"])
    # Whoever created the account knows that one.
    doctor.heading("password.first.title").wait_for()
    doctor.choose_password(_NEW["password"], _OWN)
    doctor.go_on_duty(CLINIC, "Läkare")
    expect(doctor.link_to("staff.nav.admin")).to_have_count(0)

    chief.button("admin.lock").press("Enter")
    chief.sees("admin.is_locked")
    # She is logged out where she is, and does not get in again.
    asked = doctor.page.get_by_role("dialog", name=doctor.t("help.session.title"))
    expect(asked).to_be_visible()
    doctor.log_in(_OWN)
    doctor.sees("help.login.failed")

    chief.page.keyboard.press("Escape")
    chief.link_to("admin.log").click()
    expect(chief.page.get_by_text(chief.t("admin.act.account.locked"))).to_be_visible()
    expect(chief.page.get_by_role("listitem").filter(has_text=_NEW["name"])).to_have_count(3)


def _far() -> str:
    return (utc_now() + timedelta(days=30)).date().isoformat()


def test_a_clinic_that_is_closed_for_a_day_says_so_to_patients(enter: Enter) -> None:
    chief: Clinician = enter(Clinician, _CHIEF)
    chief.arrive()
    chief.link_to("admin.clinics").click()
    card = chief.page.get_by_role("listitem").filter(has_text=CLINIC).first
    card.get_by_role("button", name=chief.t("admin.day_add")).press("Enter")
    opened = _dialog(chief)
    yesterday, today = (
        (utc_now().astimezone(_STOCKHOLM) - timedelta(days=days)).date().isoformat()
        for days in (1, 0)
    )
    opened.get_by_label(chief.t("admin.field.date")).fill(yesterday)
    chief.button("admin.save").press("Enter")
    chief.sees("admin.problem.day_passed")
    opened.get_by_label(chief.t("admin.field.date")).fill(today)
    opened.get_by_label(chief.t("admin.field.for")).select_option("doctor")
    chief.button("admin.save").press("Enter")
    expect(opened).to_have_count(0)
    expect(card.get_by_text(chief.t("admin.day_closed"))).to_be_visible()

    patient: Patient = enter(Patient, "samira")
    patient.arrive()
    patient.page.goto(f"{patient.base}/traffa")
    doctors = patient.page.get_by_role("region", name=patient.t("common.profession.doctor"))
    place = doctors.get_by_role("listitem").filter(has_text=CLINIC)
    expect(place.get_by_role("link")).to_have_count(0)

    card.get_by_role("button", name=re.compile("Ta bort")).first.press("Enter")
    expect(card.get_by_text(chief.t("admin.day_closed"))).to_have_count(0)
    patient.page.reload()
    expect(place.get_by_role("link")).to_be_visible()


def test_the_administration_in_every_look(enter: Enter) -> None:
    chief: Clinician = enter(Clinician, _CHIEF)
    page = chief.page
    with Looking() as look:
        chief.arrive()
        chief.heading("admin.title").wait_for()
        page.get_by_text(re.compile("maria.holmvik")).wait_for()
        look.at(chief, "administration staff")
        chief.button("admin.new_person").click()
        chief.button("admin.create").click()
        chief.sees("admin.needed")
        look.at(chief, "administration new person")
        page.keyboard.press("Escape")
        opened = _make(chief)
        look.at(chief, "administration person")
        opened.get_by_role("button", name=chief.t("common.close")).click()
        page.get_by_label(chief.t("admin.search")).fill("ingen alls")
        chief.sees("admin.nobody")
        look.at(chief, "administration nobody")
        chief.link_to("admin.clinics").click()
        chief.sees("admin.always")
        look.at(chief, "administration clinics")
        page.get_by_role("button", name=re.compile("Psykolog, Storgatans")).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        look.at(chief, "administration hours")
        page.keyboard.press("Escape")
        chief.button("admin.new_clinic").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        look.at(chief, "administration new clinic")
        page.keyboard.press("Escape")
        page.get_by_role("button", name=chief.t("admin.day_add")).first.click()
        page.get_by_label(chief.t("admin.day_closed_all")).uncheck(force=True)
        chief.button("admin.save").click()
        chief.sees("admin.needed")
        look.at(chief, "administration new day")
        page.get_by_label(chief.t("admin.field.date")).fill(_far())
        chief.button("admin.save").click()
        chief.sees("admin.day_words", hours="08:00–12:00")
        look.at(chief, "administration days")
        chief.link_to("admin.log").click()
        chief.sees("admin.act.account.created")
        look.at(chief, "administration log")
