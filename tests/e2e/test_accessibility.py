"""axe finds nothing on any page, in both languages; and both journeys work by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .meeting import CLINIC, REASON, Enter, in_call, in_visit, on_duty, waiting
from .people import Clinician, Patient, Person

AXE = Path(__file__).resolve().parents[2] / "web-client/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

#: Language, width and colour scheme: each page is seen in both languages, wide and narrow.
LOOKS = [
    pytest.param("sv", 1280, "light", id="sv-desktop-light"),
    pytest.param("en", 390, "dark", id="en-phone-dark"),
]

#: Words that are fading away have no contrast worth measuring: wait until what moves has arrived.
_SETTLED = """() => Promise.all(
  document.getAnimations()
    .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity)
    .map((each) => each.finished.catch(() => undefined))
).then(() => undefined)"""


def speak(person: Person, language: str) -> None:
    """Switch by the one control that is on every page."""
    person.language = language
    if person.page.locator("html").get_attribute("lang") != language:
        person.page.get_by_role("button", name=re.compile("English|Svenska")).first.click()
    expect(person.page.locator("html")).to_have_attribute("lang", language)


def check(person: Person, where: str) -> None:
    """What axe finds on the page as it is now: nothing; and nothing hangs over the edge."""
    page = person.page
    page.wait_for_load_state("networkidle")
    page.locator("h1").first.wait_for()
    page.evaluate(_SETTLED)
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "async (tags) => (await axe.run(document, { runOnly: tags })).violations.map((v) => ({"
        " rule: v.id, what: v.help, nodes: v.nodes.map((n) => n.target.join(' ')) }))",
        _RULES,
    )
    assert found == [], f"{where}: {found}"
    overhang = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overhang <= 0, f"{where} is {overhang} px wider than the screen"
    assert page.title().strip() != "", where


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_axe_on_the_pages_before_the_visit(
    enter: Enter, language: str, width: int, scheme: str
) -> None:
    patient: Patient = enter(Patient, "astrid", width=width, scheme=scheme)
    patient.page.goto(patient.base)
    speak(patient, language)
    patient.heading("start.title").wait_for()
    check(patient, "start")
    patient.page.goto(f"{patient.base}/logga-in")
    patient.page.get_by_label(patient.t("help.login.username")).wait_for()
    check(patient, "login")
    patient.log_in("fel")
    patient.sees("help.login.failed")
    check(patient, "login refused")
    patient.log_in()
    patient.page.wait_for_url(lambda url: "/logga-in" not in url)
    patient.page.goto(f"{patient.base}/mina-besok")
    patient.sees("patient.visits.empty")
    check(patient, "no visits yet")

    steps: dict[str, Callable[[], None]] = {
        "choose": lambda: patient.heading("patient.choose.title").wait_for(),
        "reason": lambda: _choose(patient),
        "channel": lambda: _reason(patient),
        "equipment": lambda: patient.button("common.continue").click(),
        "equipment open": lambda: patient.button("patient.check.start").click(),
        "queue": lambda: _join(patient),
    }
    patient.page.goto(f"{patient.base}/traffa")
    for where, step in steps.items():
        step()
        check(patient, where)
    patient.button("patient.queue.leave").click()
    patient.page.get_by_role("alertdialog").or_(patient.page.get_by_role("dialog")).wait_for()
    check(patient, "leave question")
    patient.page.goto(f"{patient.base}/finns-inte")
    patient.sees("common.not_found.title")
    check(patient, "not found")


def _choose(patient: Patient) -> None:
    part = patient.page.get_by_role("region", name=patient.t("common.profession.doctor"))
    part.get_by_role("link", name=re.compile(CLINIC)).click()
    patient.page.get_by_label(patient.t("patient.reason.label")).wait_for()


def _reason(patient: Patient) -> None:
    patient.page.get_by_label(patient.t("patient.reason.label")).fill(REASON)
    patient.button("common.continue").click()
    patient.heading("patient.channel.title").wait_for()


def _join(patient: Patient) -> None:
    patient.button("patient.join").click()
    patient.page.wait_for_url("**/ko/*")
    patient.sees("patient.queue.next")


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_axe_on_the_visit_of_both(enter: Enter, language: str, width: int, scheme: str) -> None:
    patient = waiting(enter, width=width, scheme=scheme)
    speak(patient, language)
    clinician: Clinician = enter(Clinician, "maria.holmvik", width=width, scheme=scheme)
    clinician.page.goto(f"{clinician.base}/")
    clinician.page.get_by_label(clinician.t("help.login.username")).wait_for()
    speak(clinician, language)
    check(clinician, "staff login")
    clinician.log_in()
    clinician.button("staff.duty.go_on").wait_for()
    check(clinician, "off duty")
    profession = clinician.t("common.profession.doctor").pattern
    clinician.go_on_duty(CLINIC, profession)
    expect(clinician.page.get_by_text(REASON).first).to_be_visible()
    check(clinician, "queue")
    clinician.button("staff.take_next").first.click()
    clinician.page.wait_for_url("**/personal/besok/*")
    check(clinician, "called, waiting")

    patient.is_called()
    check(patient, "your turn")
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()
    patient.write("Hej")
    clinician.reads("Hej")
    check(patient, "in the call")
    check(clinician, "in the call, staff")
    clinician.note_box.fill("Anteckning")
    clinician.end()
    clinician.button("staff.sign.action").first.wait_for()
    check(clinician, "wrap-up")
    clinician.button("staff.sign.action").first.click()
    clinician.sees("staff.note.signed")
    check(clinician, "signed")
    patient.sees("visit.summary.ended.title")
    check(patient, "summary")
    patient.link_to("visit.summary.find").click()
    patient.sees("patient.visit.note")
    check(patient, "my visit")
    patient.page.goto(f"{patient.base}/mina-besok")
    patient.sees("patient.visits.lead")
    check(patient, "my visits")
    clinician.page.goto(f"{clinician.base}/personal/mina-besok")
    clinician.sees("staff.mine.earlier")
    check(clinician, "staff's visits")


def test_axe_while_reconnecting_and_in_the_chat(enter: Enter) -> None:
    patient, clinician = in_call(enter, width=390)
    patient.link.cut_media()
    patient.sees("visit.reconnecting.title", timeout=30_000)
    check(patient, "reconnecting")
    patient.sees("visit.chat.mode.connection_lost.you", timeout=90_000)
    check(patient, "chat took over")
    check(clinician, "chat took over, staff")


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
