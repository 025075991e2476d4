"""Where the focus is, that it is seen there, and that nothing takes it away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from .crowd import joins
from .keyboard import focus_is_on, press, tab_to
from .looks import DESK, PHONE
from .meeting import CLINIC, REASON, Enter, in_call, on_duty, waiting
from .people import Patient, Person

pytestmark = [pytest.mark.needs("a person's keys"), pytest.mark.once("about our markup")]

_STOP = """() => {
  const it = document.activeElement;
  if (it === null || it === document.body) return null;
  for (const each of it.getAnimations({ subtree: true }))
    if (each.effect.getComputedTiming().endTime !== Infinity) each.finish();
  const style = getComputedStyle(it);
  // The cards of a choice show the focus of the radio inside them.
  const frame = it.type === 'radio' ? getComputedStyle(it.closest('label')) : style;
  const seen = [style, frame].some((each) =>
    each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) >= 2);
  const box = it.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.15], [0.5, 0.85]];
  const shows = points.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top !== null && (it.contains(top) || top.contains(it));
  });
  const name = it.getAttribute('aria-label') ?? it.innerText ?? it.name;
  return { name: `${it.tagName} ${name}`.slice(0, 60), seen, shows };
}"""

#: Tab goes on from where the focus was last; this is before everything.
_FROM_THE_TOP = """() => {
  window.scrollTo(0, 0);
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
}"""


def walk(person: Person, most: int = 90) -> list[dict[str, Any]]:
    """Tab through the page once; each stop, whether it shows that it is focused, and is seen."""
    page = person.page
    page.evaluate(_FROM_THE_TOP)
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None:
            break
        stops.append(stop)
    return stops


def shows_every_focus(person: Person, where: str) -> None:
    for width in (PHONE, DESK):
        person.page.set_viewport_size({"width": width, "height": 800})
        stops = walk(person)
        assert len(stops) >= 3, f"{where}, {width}: {stops}"
        assert [stop["name"] for stop in stops if not stop["seen"]] == [], f"{where}, {width}"
        assert [stop["name"] for stop in stops if not stop["shows"]] == [], f"{where}, {width}"


def test_focus_is_seen_at_every_stop(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    patient.page.goto(patient.base)
    patient.heading("start.title").wait_for()
    shows_every_focus(patient, "start")
    patient.page.goto(f"{patient.base}/logga-in")
    patient.page.get_by_label(patient.t("help.login.username")).wait_for()
    shows_every_focus(patient, "login")
    patient.log_in()
    patient.page.wait_for_url(lambda url: "/logga-in" not in url)
    patient.ask_for(CLINIC, "doctor", REASON)
    shows_every_focus(patient, "queue")
    clinician = on_duty(enter)
    expect(clinician.row(REASON)).to_be_visible()
    shows_every_focus(clinician, "staff queue")


def test_focus_is_seen_in_the_call(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    shows_every_focus(patient, "call")
    shows_every_focus(clinician, "staff call")


def test_the_first_stop_leads_past_the_header(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    patient.page.goto(patient.base)
    patient.heading("start.title").wait_for()
    joins(enter, "noah", REASON)
    clinician = on_duty(enter)
    expect(clinician.row(REASON)).to_be_visible()
    for person in (patient, clinician):
        page = person.page
        page.evaluate(_FROM_THE_TOP)
        page.keyboard.press("Tab")
        focus_is_on(person, person.t("common.skip"))
        expect(page.get_by_text(person.t("common.skip"))).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.matches('main')")
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_every_new_page_is_read_from_its_heading(enter: Enter) -> None:
    patient = waiting(enter)
    page = patient.page
    heading = page.locator("h1:focus")
    expect(heading).to_have_text(patient.t("patient.queue.next"))
    patient.button("patient.queue.leave").click()
    patient.button("patient.queue.leave_confirm").click()
    expect(heading).to_have_text(patient.t("patient.queue.left_title"))
    expect(page).to_have_title(patient.t("patient.queue.left_title"))
    patient.link_to("patient.queue.again").click()
    expect(heading).to_have_text(patient.t("patient.reason.title"))
    page.get_by_label(patient.t("patient.reason.label")).fill("Igen")
    patient.button("common.continue").click()
    expect(heading).to_have_text(patient.t("patient.channel.title"))
    page.go_back()
    expect(heading).to_have_text(patient.t("patient.reason.title"))
    page.goto(f"{patient.base}/traffa")
    patient.heading("patient.choose.title").wait_for()
    # What the browser itself has just opened and read is left alone.
    expect(heading).to_have_count(0)


def test_a_missing_word_is_led_to(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    page = patient.page
    page.goto(f"{patient.base}/logga-in")
    page.get_by_label(patient.t("help.login.username")).wait_for()
    patient.button("help.login.submit").last.click()
    field = page.locator(":focus")
    expect(field).to_have_attribute("name", "username")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(patient.t("help.login.username_missing"))
    field.fill("astrid")
    patient.button("help.login.submit").last.click()
    expect(field).to_have_attribute("name", "password")


def test_reconnecting_leaves_the_focus_alone(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    for person in (patient, clinician):
        focus_is_on(person, re.compile("Maria Holmvik" if person is patient else "Astrid"))
        tab_to(person, person.t("visit.control.mic"))
        person.link.cut_media()
    for person in (patient, clinician):
        person.button("visit.reconnecting.chat").wait_for(timeout=60_000)
        focus_is_on(person, person.t("visit.control.mic"))
        person.link.restore()
    for person in (patient, clinician):
        expect(person.button("visit.reconnecting.chat")).to_have_count(0, timeout=60_000)
        focus_is_on(person, person.t("visit.control.mic"))


def test_the_queue_stands_still_under_the_focus(enter: Enter) -> None:
    first = joins(enter, "astrid", "Ärende 1")
    joins(enter, "noah", "Ärende 2")
    clinician = on_duty(enter)
    page = clinician.page
    rows = page.get_by_role("row").filter(has_text="Ärende")
    expect(rows).to_have_count(2)
    button = clinician.row("Ärende 2").get_by_role("button", name=clinician.t("staff.take_this"))
    button.focus()
    place = button.bounding_box()
    for number, name in enumerate(("samira", "bengt", "linnea"), 3):
        joins(enter, name, f"Ärende {number}")
    first.leave_queue()
    new = page.get_by_role("button", name="3 nya i kön")
    expect(new).to_be_visible()
    # Who left is grey where she stood, who came waits behind a button, and nobody moved.
    expect(clinician.row("Ärende 1")).to_contain_text(clinician.t("staff.state.gone"))
    expect(rows).to_have_count(2)
    expect(button).to_be_focused()
    assert place is not None
    assert button.bounding_box() == place
    # Back past the first row's button. It is still there when one comes to it.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    focus_is_on(clinician, re.compile("3 nya i kön"))
    page.keyboard.press("Enter")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("Ärende 2")
    expect(new).to_have_count(0)
    # On from the top of the table.
    tab_to(clinician, clinician.t("staff.take_this"))
    expect(button).to_be_focused()


def test_a_queue_that_empties_keeps_the_focus(enter: Enter) -> None:
    only = joins(enter, "astrid", REASON)
    clinician = on_duty(enter)
    expect(clinician.row(REASON)).to_be_visible()
    tab_to(clinician, clinician.t("staff.take_next"))
    only.leave_queue()
    clinician.sees("staff.queue.empty")
    expect(clinician.button("staff.take_next")).to_be_disabled()
    focus_is_on(clinician, clinician.t("staff.take_next"))
    # It is no dead end either: who presses it hears why nothing comes.
    clinician.page.keyboard.press("Enter")
    clinician.sees("staff.problem.queue_empty")
    focus_is_on(clinician, clinician.t("staff.take_next"))


def test_a_panel_over_the_call_gives_the_focus_back(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    # High, it slides in above the controls; low, it covers them.
    for height in (844, 560):
        for person in (patient, clinician):
            person.page.set_viewport_size({"width": PHONE, "height": height})
            _opens_the_chat_and_comes_back(person)
        _opens_the_panel_and_comes_back(clinician)
    # What is asked by a key is asked in sight, also while the panel that it belongs to is closed.
    clinician.page.keyboard.press("e")
    question = clinician.page.get_by_role("dialog", name=clinician.t("staff.end.title"))
    expect(question).to_be_visible()
    clinician.page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    focus_is_on(clinician, clinician.t("visit.control.panel"))


def _opens_the_chat_and_comes_back(person: Person) -> None:
    press(person, "visit.control.chat")
    focus_is_on(person, person.t("visit.chat.label"))
    person.page.keyboard.press("Escape")
    focus_is_on(person, person.t("visit.control.chat"))
    press(person, "visit.control.chat")
    press(person, "visit.chat.close")
    focus_is_on(person, person.t("visit.control.chat"))


def _opens_the_panel_and_comes_back(clinician: Person) -> None:
    press(clinician, "visit.control.panel")
    focus_is_on(clinician, clinician.t("visit.panel"))
    tab_to(clinician, clinician.t("staff.note.label"))
    clinician.page.keyboard.press("Escape")
    focus_is_on(clinician, clinician.t("visit.control.panel"))


def test_what_goes_away_with_the_picture_leaves_the_focus_on_the_name(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    press(patient, "visit.control.camera")
    patient.page.set_viewport_size({"width": DESK, "height": 800})
    press(patient, "visit.control.text")
    patient.sees("visit.chat.mode.chosen.you")
    focus_is_on(patient, re.compile("Maria Holmvik"))
    clinician.sees("visit.chat.mode.chosen.other")
    focus_is_on(clinician, re.compile("Astrid Lindeborg"))
