"""A reload at every step of both journeys leads back to the same page, with nothing lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .meeting import CLINIC, REASON, Enter, on_duty, waiting
from .people import Clinician, Patient

_POLLED = 40_000


def test_at_every_step_of_the_patient(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    page = patient.page

    page.goto(f"{patient.base}/logga-in")
    page.reload()
    patient.log_in()
    page.wait_for_url(lambda url: "/logga-in" not in url)

    page.goto(f"{patient.base}/traffa")
    page.reload()
    part = page.get_by_role("region", name=patient.t("common.profession.doctor"))
    part.get_by_role("link", name=re.compile(CLINIC)).click()

    reason = page.get_by_label(patient.t("patient.reason.label"))
    reason.fill(REASON)
    page.reload()
    expect(reason).to_have_value(REASON)
    patient.button("common.continue").click()

    chat = page.get_by_role("radio", name=patient.t("common.channel.chat"))
    chat.check(force=True)
    page.reload()
    expect(chat).to_be_checked()
    page.get_by_role("radio", name=patient.t("common.channel.video")).check(force=True)
    patient.button("common.continue").click()

    patient.button("patient.check.start").click()
    patient.sees("patient.check.camera_ok")
    page.reload()
    expect(patient.heading("patient.equipment.title")).to_be_visible()
    patient.button("patient.check.skip").click()
    page.wait_for_url("**/ko/*")

    page.reload()
    patient.sees("patient.queue.next")
    expect(page.get_by_text(REASON)).to_be_visible()

    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.is_called()
    page.reload()
    patient.go_in()
    patient.sees_picture()

    patient.write("Före omladdningen")
    clinician.reads("Före omladdningen")
    patient.button("visit.control.mic").click()
    clinician.sees("visit.muted")
    box = page.get_by_label(patient.t("visit.chat.label"))
    box.fill("Halvskrivet")
    page.reload()
    patient.sees_picture()
    patient.reads("Före omladdningen")
    expect(box).to_have_value("Halvskrivet")
    # Whoever was muted is muted still: a reload unmutes nobody.
    expect(patient.button("visit.control.mic")).to_have_attribute("aria-pressed", "false")
    clinician.forget_pictures()
    clinician.sees_picture()
    clinician.sees("visit.muted")

    patient.button("visit.control.text").first.click()
    patient.sees("visit.chat.mode.chosen.you")
    page.reload()
    patient.sees("visit.chat.mode.chosen.you")
    patient.reads("Före omladdningen")
    patient.write("I chatten")
    clinician.reads("I chatten")

    patient.leave()
    patient.sees("visit.summary.left.title")
    page.reload()
    patient.sees("visit.summary.left.title")
    clinician.note_box.fill("Egenvårdsråd givna.")
    clinician.end()
    patient.sees("visit.summary.ended.title")
    page.reload()
    patient.sees("visit.summary.ended.title")

    patient.link_to("visit.summary.find").click()
    patient.sees("patient.visit.note_missing")
    page.reload()
    patient.sees("patient.visit.note_missing")
    clinician.button("staff.sign.action").first.click()
    expect(page.get_by_text("Egenvårdsråd givna.")).to_be_visible(timeout=_POLLED)
    page.reload()
    expect(page.get_by_text("Egenvårdsråd givna.")).to_be_visible()
    expect(page.get_by_text("I chatten", exact=True)).to_have_count(1)
    assert patient.complaints == []


def test_at_every_step_of_the_clinician(enter: Enter) -> None:
    clinician: Clinician = enter(Clinician, "maria.holmvik")
    page = clinician.page

    page.goto(f"{clinician.base}/")
    page.reload()
    clinician.log_in()
    expect(clinician.button("staff.duty.go_on")).to_be_visible()
    page.reload()
    clinician.go_on_duty(CLINIC, "Läkare")
    page.reload()
    patient = waiting(enter)
    expect(clinician.row(REASON)).to_be_visible()
    page.reload()
    clinician.take(REASON)

    page.reload()
    clinician.sees("visit.called.staff.title")
    patient.go_in()
    clinician.sees_picture()
    clinician.button("staff.identity.confirm").click()
    clinician.sees("staff.identity.done")
    clinician.write("Före omladdningen")
    patient.reads("Före omladdningen")
    note = clinician.note_box
    note.fill("Halvfärdig")
    page.reload()
    clinician.sees_picture()
    expect(clinician.note_box).to_have_value("Halvfärdig")
    clinician.sees("staff.identity.done")
    clinician.reads("Före omladdningen")
    patient.forget_pictures()
    patient.sees_picture()

    clinician.button("visit.control.more").click()
    clinician.page.get_by_role("dialog").get_by_role(
        "button", name=clinician.t("visit.control.text")
    ).click()
    clinician.sees("visit.chat.mode.chosen.you")
    page.reload()
    clinician.sees("visit.chat.mode.chosen.you")
    patient.write("I chatten")
    clinician.reads("I chatten")

    clinician.end()
    expect(clinician.button("staff.sign.action").first).to_be_visible()
    page.reload()
    note = clinician.page.get_by_role("textbox", name=clinician.t("staff.note.label"))
    expect(note).to_have_value("Halvfärdig")
    note.fill("Hel och färdig")
    page.reload()
    expect(note).to_have_value("Hel och färdig")
    clinician.button("staff.sign.action").first.click()
    clinician.sees("staff.note.signed")
    page.reload()
    clinician.sees("staff.note.signed")
    expect(page.get_by_text("Hel och färdig")).to_be_visible()
    expect(page.get_by_text("I chatten", exact=True)).to_have_count(1)
    clinician.link_to("staff.nav.queue").first.click()
    page.reload()
    expect(clinician.heading("staff.queue.title")).to_be_visible()
    assert clinician.complaints == []
