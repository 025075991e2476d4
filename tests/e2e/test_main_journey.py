"""The main job: a patient waits, a clinician takes her, they meet, it is written down."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .meeting import CLINIC, REASON, Enter, in_call, on_duty, waiting
from .people import Clinician, Patient


def test_a_patient_meets_a_clinician_by_video(enter: Enter) -> None:
    patient = waiting(enter)
    patient.sees("patient.queue.next")
    clinician = on_duty(enter)
    expect(clinician.row(REASON)).to_be_visible()
    clinician.button("staff.take_next").first.click()
    clinician.page.wait_for_url("**/personal/besok/*")

    patient.is_called()
    expect(patient.page).to_have_title(re.compile("Din tur"))
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()

    clinician.button("staff.identity.confirm").click()
    clinician.sees("staff.identity.done")
    patient.write("Hör du mig?")
    clinician.reads("Hör du mig?")
    clinician.write("Ja, bra!")
    patient.reads("Ja, bra!")

    note = clinician.note_box
    note.fill("Öroninflammation misstänks. Egenvårdsråd givna.")
    clinician.end()
    patient.sees("visit.summary.ended.title")
    clinician.button("staff.sign.action").first.click()
    clinician.sees("staff.note.signed")

    patient.link_to("visit.summary.find").click()
    patient.sees("patient.visit.note")
    expect(patient.page.get_by_text("Öroninflammation misstänks")).to_be_visible()
    expect(patient.page.get_by_text("Ja, bra!")).to_be_visible()
    assert patient.complaints == clinician.complaints == []


@pytest.mark.once("the journey across browsers mutes in both")
def test_mute_and_camera_are_seen_by_the_other(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    microphone = patient.button("visit.control.mic")
    expect(microphone).to_have_attribute("aria-pressed", "true")
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "false")
    clinician.sees("visit.muted")
    patient.button("visit.control.camera").click()
    clinician.sees("visit.camera_off.title")
    patient.button("visit.control.camera").click()
    clinician.forget_pictures()
    clinician.sees_picture()


@pytest.mark.once("a question of ours, and a way back that reloads walk in both")
def test_leaving_is_asked_once_and_the_way_back_is_open(enter: Enter) -> None:
    patient, clinician = in_call(enter)
    patient.leave()
    patient.sees("visit.summary.left.title")
    clinician.sees("visit.left.title")
    patient.button("visit.summary.return").or_(patient.link_to("visit.summary.return")).click()
    patient.sees_picture()
    clinician.forget_pictures()
    clinician.sees_picture()


@pytest.mark.once("the journey across browsers begins as chat in both")
def test_a_visit_may_start_as_chat_and_become_video(enter: Enter) -> None:
    patient = waiting(enter, channel="chat")
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    patient.write("Jag kan inte prata just nu.")
    clinician.reads("Jag kan inte prata just nu.")
    clinician.button("visit.video.start").click()
    explained = patient.button("visit.explain.go")
    expect(explained.or_(patient.page.locator("video")).first).to_be_visible()
    if explained.is_visible():
        explained.click()
    patient.sees_picture()
    clinician.sees_picture()
    patient.reads("Jag kan inte prata just nu.")


@pytest.mark.once("about what the server decides")
def test_no_answer_puts_the_patient_back_once(enter: Enter) -> None:
    patient = waiting(enter)
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.is_called()
    clinician.button("staff.calling.no_answer").click()
    clinician.page.get_by_role("dialog").or_(clinician.page.get_by_role("alertdialog")).get_by_role(
        "button", name=clinician.t("staff.calling.no_answer")
    ).click()
    patient.sees("patient.queue.resting_title")
    clinician.link_to("staff.nav.queue").first.click()
    expect(clinician.row(REASON)).to_contain_text(clinician.t("staff.state.resting"))
    # Not offered again by itself, but anybody may take her by hand.
    expect(clinician.button("staff.take_next").first).to_be_disabled()
    clinician.take(REASON)
    patient.is_called()
    expect(clinician.button("staff.calling.no_answer")).to_have_count(0)
    patient.go_in()
    patient.sees_picture()


@pytest.mark.once("about what the server decides")
def test_a_colleague_was_faster(enter: Enter) -> None:
    waiting(enter)
    first = on_duty(enter, "maria.holmvik")
    second = on_duty(enter, "omar.salehi")
    expect(second.row(REASON)).to_be_visible()
    second.link.cut()
    first.take(REASON)
    second.row(REASON).get_by_role("button", name=second.t("staff.take_this")).click()
    second.link.restore()
    second.sees("staff.problem.already_taken", timeout=30_000)


@pytest.mark.once("about what the server decides")
def test_a_second_case_leads_to_the_first(enter: Enter) -> None:
    patient = waiting(enter)
    first = patient.page.url
    patient.page.goto(f"{patient.base}/traffa")
    part = patient.page.get_by_role("region", name=patient.t("common.profession.doctor"))
    part.get_by_role("link", name=re.compile(CLINIC)).click()
    patient.page.get_by_label(patient.t("patient.reason.label")).fill("En gång till")
    patient.button("common.continue").click()
    patient.page.get_by_role("radio", name=patient.t("common.channel.chat")).check(force=True)
    patient.button("patient.join").click()
    patient.sees("patient.join.already_title")
    patient.link_to("patient.join.already_action").click()
    patient.page.wait_for_url(first)


@pytest.mark.once("about what the server decides")
def test_the_place_moves_live(enter: Enter) -> None:
    first = waiting(enter, username="astrid", reason="Först")
    second = waiting(enter, username="noah", reason="Sedan")
    expect(second.page.get_by_text("2", exact=True).first).to_be_visible()
    first.button("patient.queue.leave").click()
    first.button("patient.queue.leave_confirm").click()
    first.sees("patient.queue.left_title")
    second.sees("patient.queue.next")


@pytest.mark.once("about what the server decides")
def test_wrong_password_and_an_unknown_name_look_the_same(enter: Enter) -> None:
    patient: Patient = enter(Patient, "astrid")
    patient.page.goto(f"{patient.base}/logga-in")
    patient.log_in("fel lösenord")
    patient.sees("help.login.failed")
    patient.username = "finns-inte"
    patient.log_in("fel lösenord")
    patient.sees("help.login.failed")


def test_patient_and_staff_side_by_side_in_one_browser(enter: Enter) -> None:
    patient = waiting(enter)
    staff = Clinician("maria.holmvik", patient.context, patient.link)
    staff.arrive()
    staff.go_on_duty(CLINIC, "Läkare")
    expect(staff.row(REASON)).to_be_visible()
    patient.page.reload()
    patient.sees("patient.queue.next")
