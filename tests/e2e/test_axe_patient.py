"""The patient's pages in every state and look: axe finds nothing, and nothing is lost."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Route, expect

from .looks import Looking, fetched, speak
from .meeting import CLINIC, REASON, Enter, on_duty, waiting
from .people import PATIENCE, Patient, Person

pytestmark = pytest.mark.once(
    "about our markup and colours; every look of every state takes minutes"
)

_CLOSED = {
    "type": "about:blank",
    "title": "closed",
    "status": 409,
    "code": "queue.closed",
    "detail": "",
    "next_opening": "2030-01-07T07:00:00Z",
}
_THROTTLED = {"type": "about:blank", "title": "wait", "status": 429, "code": "login.throttled"}


def _choose(patient: Patient) -> None:
    patient.page.goto(f"{patient.base}/traffa")
    part = patient.page.get_by_role("region", name=patient.t("common.profession.doctor"))
    part.get_by_role("link", name=re.compile(CLINIC)).click()
    patient.page.get_by_label(patient.t("patient.reason.label")).wait_for()


def _to_equipment(patient: Patient) -> None:
    _choose(patient)
    patient.page.get_by_label(patient.t("patient.reason.label")).fill(REASON)
    patient.button("common.continue").click()
    patient.heading("patient.channel.title").wait_for()
    patient.button("common.continue").click()
    patient.button("patient.check.start").wait_for()


def _answer(route: Route, body: object, status: int = 200) -> None:
    kind = "application/json" if status == 200 else "application/problem+json"
    route.fulfill(status=status, body=json.dumps(body), content_type=kind)


def _confirm(person: Person, key: str) -> None:
    person.page.get_by_role("dialog").get_by_role("button", name=person.t(key)).click()


def _with_one_closed(route: Route) -> None:
    """The real clinics, but the first of them has closed for today."""
    answer = fetched(route)
    for service in answer["clinics"][0]["services"]:
        service |= {"open": False, "next_opening": _CLOSED["next_opening"], "closes_at": None}
    _answer(route, answer)


def test_before_and_around_the_login(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    page = patient.page
    with Looking() as look:
        page.goto(patient.base)
        patient.heading("start.title").wait_for()
        look.at(patient, "start")
        page.goto(f"{patient.base}/logga-in")
        page.get_by_label(patient.t("help.login.username")).wait_for()
        look.at(patient, "login")
        patient.button("help.login.submit").last.click()
        patient.sees("help.login.username_missing")
        look.at(patient, "login empty")
        patient.log_in("fel")
        patient.sees("help.login.failed")
        look.at(patient, "login refused")
        page.route("**/patient/session", lambda route: _answer(route, _THROTTLED, 429))
        patient.log_in("fel")
        page.get_by_text("för många försök").wait_for()
        look.at(patient, "login throttled")
        page.goto(f"{patient.base}/finns-inte")
        patient.sees("common.not_found.title")
        look.at(patient, "not found")
        page.route("**/api/v1/clinics", lambda route: _answer(route, {"status": 500}, 500))
        page.goto(f"{patient.base}/traffa")
        patient.sees("help.error.unknown.title", timeout=30_000)
        look.at(patient, "server error")


@pytest.mark.needs("a loudspeaker")
def test_on_the_way_to_the_queue(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    page = patient.page
    patient.arrive()
    with Looking() as look:
        page.goto(f"{patient.base}/mina-besok")
        patient.sees("patient.visits.empty")
        look.at(patient, "no visits yet")
        page.goto(patient.base)
        patient.heading("start.title").wait_for()
        look.at(patient, "start, logged in")
        page.goto(f"{patient.base}/traffa")
        patient.heading("patient.choose.title").wait_for()
        look.at(patient, "choose")
        _choose(patient)
        patient.button("common.continue").click()
        patient.sees("patient.reason.missing")
        look.at(patient, "reason missing")
        page.get_by_label(patient.t("patient.reason.label")).fill(REASON)
        look.at(patient, "reason")
        patient.button("common.continue").click()
        patient.heading("patient.channel.title").wait_for()
        page.get_by_role("radio", name=patient.t("needs.signs")).check(force=True)
        look.at(patient, "channel")
        patient.button("common.continue").click()
        patient.button("patient.check.start").wait_for()
        look.at(patient, "equipment")
        patient.button("patient.check.start").click()
        patient.sees("patient.check.camera_ok")
        patient.button("patient.check.play").click()
        patient.sees("patient.check.playing")
        patient.button("patient.check.heard_yes").click()
        patient.sees("patient.check.speaker_ok")
        patient.sees("patient.check.transport_udp", timeout=PATIENCE)
        look.at(patient, "equipment works")
        page.route("**/queue-tickets", lambda route: _answer(route, _CLOSED, 409))
        patient.button("patient.join").click()
        patient.sees("patient.join.closed_title")
        look.at(patient, "closed while writing")
        page.unroute("**/queue-tickets")
        page.route("**/api/v1/clinics*", _with_one_closed)
        page.goto(f"{patient.base}/traffa")
        patient.sees("start.closed")
        look.at(patient, "one closed")


def test_equipment_that_is_not_let_through(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid", devices="denied")
    patient.arrive()
    _to_equipment(patient)
    patient.button("patient.check.start").click()
    patient.sees("patient.check.denied_title")
    with Looking() as look:
        look.at(patient, "equipment denied")


def test_equipment_that_is_not_there(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid", devices="absent")
    patient.arrive()
    _to_equipment(patient)
    patient.button("patient.check.start").click()
    patient.sees("patient.check.missing_title")
    with Looking() as look:
        look.at(patient, "equipment missing")


def test_in_the_queue(enter: Enter) -> None:
    reason = f"{REASON} " + "Det började i höger öra och har flyttat sig. " * 40
    patient = waiting(enter, reason=reason[:1990])
    page = patient.page
    with Looking() as look:
        patient.sees("patient.queue.next")
        look.at(patient, "queue")
        for button, dialog in (
            ("patient.queue.leave", "patient.queue.leave_title"),
            ("patient.queue.channel_change", "patient.queue.channel_title"),
            ("needs.change", "needs.title"),
            ("patient.queue.test", "patient.queue.test"),
        ):
            patient.button(button).click()
            page.get_by_role("dialog", name=patient.t(dialog)).wait_for()
            look.at(patient, f"queue, dialog {button.rpartition('.')[2]}")
            page.keyboard.press("Escape")
        page.goto(patient.base)
        patient.sees("start.resume.waiting_action")
        look.at(patient, "start with a place")
        page.go_back()
        patient.sees("patient.queue.next")
        # The other language is fetched when it is asked for. Without a network that waits, unless
        # the browser still has it; not every one looks into its cache then.
        for language in ("en", "sv"):
            speak(patient, language)
        page.context.set_offline(True)
        patient.sees("common.offline.title")
        look.at(patient, "queue offline")
        page.context.set_offline(False)
        page.evaluate(
            """async () => {
              const headers = { 'X-Vardrum': '1', 'Idempotency-Key': crypto.randomUUID() };
              await fetch('/api/v1/patient/session', { method: 'DELETE', headers });
            }"""
        )
        question = page.get_by_role("dialog", name=patient.t("help.session.title"))
        question.wait_for()
        look.at(patient, "session ended")
        patient.log_in()
        expect(question).to_have_count(0)
        patient.button("patient.queue.leave").click()
        patient.button("patient.queue.leave_confirm").click()
        patient.sees("patient.queue.left_title")
        look.at(patient, "left the queue")


def test_called_and_not_there(enter: Enter) -> None:
    patient = waiting(enter, communication="reads")
    clinician = on_duty(enter)
    with Looking() as look:
        clinician.take(REASON)
        patient.is_called()
        look.at(patient, "your turn")
        clinician.button("staff.calling.no_answer").click()
        _confirm(clinician, "staff.calling.no_answer")
        patient.sees("patient.queue.resting_title")
        look.at(patient, "resting")
        clinician.page.goto(f"{clinician.base}/personal")
        clinician.take(REASON)
        patient.is_called()
        clinician.button("staff.calling.no_show").click()
        _confirm(clinician, "staff.calling.no_show")
        patient.sees("patient.queue.no_show_title")
        look.at(patient, "no show")
