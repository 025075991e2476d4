"""A session that ends in mid visit: who logs in again goes on where they were."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .meeting import Enter, in_visit
from .people import PASSWORD

pytestmark = pytest.mark.once("about the server")


def test_the_session_ends_in_mid_visit(enter: Enter) -> None:
    patient, clinician = in_visit(enter, channel="chat")
    patient.write("Före utloggningen")
    clinician.reads("Före utloggningen")
    address = patient.page.url
    patient.context.clear_cookies()
    patient.page.reload()
    patient.page.get_by_label(patient.t("help.login.username")).wait_for()
    patient.log_in(PASSWORD)
    patient.reads("Före utloggningen")
    assert patient.page.url == address
    patient.write("Tillbaka")
    clinician.reads("Tillbaka")


def test_the_session_ends_elsewhere_and_the_page_waits_for_the_login(enter: Enter) -> None:
    patient, clinician = in_visit(enter, channel="chat")
    patient.write("Före")
    clinician.reads("Före")
    box = patient.page.get_by_label(patient.t("visit.chat.label"))
    box.fill("Halvskrivet")
    ended = patient.page.evaluate(
        """async () => {
          const headers = { 'X-Vardrum': '1', 'Idempotency-Key': crypto.randomUUID() };
          return (await fetch('/api/v1/patient/session', { method: 'DELETE', headers })).status;
        }"""
    )
    assert ended == 204
    question = patient.page.get_by_role("dialog")
    expect(question).to_contain_text(patient.t("help.session.title"))
    patient.log_in(PASSWORD)
    expect(question).to_have_count(0)
    expect(box).to_have_value("Halvskrivet")
    box.press("Enter")
    clinician.reads("Halvskrivet")
    patient.reads("Före")
