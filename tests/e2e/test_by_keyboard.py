"""A visit by keyboard alone, and where the focus is when the call starts."""

from __future__ import annotations

import re

import pytest

from .meeting import CLINIC, Enter, in_visit, on_duty
from .people import Patient, Person

pytestmark = pytest.mark.once("about our markup")


def test_the_whole_visit_by_keyboard_alone(enter: Enter) -> None:
    patient: Patient = enter(Patient, "gunvor")
    page = patient.page
    page.goto(f"{patient.base}/logga-in")
    page.get_by_label(patient.t("help.login.username")).focus()
    page.keyboard.type("gunvor")
    page.keyboard.press("Tab")
    page.keyboard.type("vardrum")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/logga-in" not in url)
    page.goto(f"{patient.base}/traffa")
    # Tab goes through what is there; the clinics are still on their way.
    page.get_by_role("link", name=re.compile(CLINIC)).first.wait_for()
    _tab_to(patient, re.compile(CLINIC))
    page.keyboard.press("Enter")
    page.get_by_label(patient.t("patient.reason.label")).wait_for()
    _tab_to(patient, patient.t("patient.reason.label"))
    page.keyboard.type("Yrsel när jag reser mig")
    _tab_to(patient, patient.t("common.continue"))
    page.keyboard.press("Enter")
    patient.heading("patient.channel.title").wait_for()
    _tab_to(patient, re.compile("video|chat", re.IGNORECASE), role="radio")
    page.keyboard.press("ArrowDown")
    _tab_to(patient, patient.t("patient.join"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ko/*")

    clinician = on_duty(enter)
    clinician.row("Yrsel").wait_for()
    clinician.page.locator("body").press("n")
    clinician.page.wait_for_url("**/personal/besok/*")
    patient.is_called()
    _tab_to(patient, patient.t("patient.turn.enter"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/besok/*")
    _tab_to(patient, patient.t("visit.chat.label"))
    page.keyboard.type("God morgon")
    page.keyboard.press("Enter")
    clinician.reads("God morgon")


def _tab_to(person: Person, name: re.Pattern[str], role: str | None = None, most: int = 60) -> None:
    """Press Tab until what has this name is focused, as somebody without a mouse does."""
    for _ in range(most):
        person.page.keyboard.press("Tab")
        focused: dict[str, str] = person.page.evaluate(
            """() => {
              const it = document.activeElement;
              const labels = [...(it.labels ?? [])].map((label) => label.innerText).join(' ');
              const own = it.innerText || it.value || '';
              const name = it.getAttribute('aria-label') || labels || own;
              return { name, role: it.getAttribute('role') || it.type || it.tagName };
            }"""
        )
        if name.search(focused["name"]) and (role is None or focused["role"] == role):
            return
    raise AssertionError(f"nothing called {name.pattern} is reached by Tab")


def test_focus_and_words_when_the_call_starts(enter: Enter) -> None:
    patient, _ = in_visit(enter)
    patient.sees_picture()
    focused = patient.page.evaluate("() => document.activeElement.innerText")
    assert "Maria Holmvik" in focused
